"""Graphs in memory to measure on, shaped like candles: every vertex linked to its next ones, both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trainer.graph.graph import EdgeDefinition, EdgeTable, Graph, GraphDefinition, VertexTable
from trainer.graph.stored_column import StoredColumn, of_numbers

if TYPE_CHECKING:  # a process that forks runs must not have loaded torch
    from torch import Tensor

NAME = "candles_in_memory"
REACH = 10


@dataclass(frozen=True)
class Example:
    """Inputs, edges ordered by target and a binary target."""

    x: Tensor
    edge_index: Tensor
    y: Tensor


def candles(num_vertices: int, in_channels: int = 16) -> Example:
    """The graph as tensors."""
    import torch

    generator = torch.Generator().manual_seed(7)
    x = torch.randn(num_vertices, in_channels, generator=generator)
    y = (x[:, 0] + torch.randn(num_vertices, generator=generator) > 0).float()
    return Example(x, torch.from_numpy(neighbours(num_vertices)), y)


def candle_graph(num_vertices: int) -> Graph:
    """The graph as a source leaves it, with a binary `target`."""
    return _graph(num_vertices, neighbours(num_vertices))


def random_graph(num_vertices: int) -> Graph:
    """As many edges as in `candle_graph`, from anywhere."""
    sources = np.random.default_rng(8).integers(0, num_vertices, (num_vertices, 2 * REACH))
    targets = np.repeat(np.arange(num_vertices), 2 * REACH)
    return _graph(num_vertices, np.stack([np.sort(sources).ravel(), targets]))


GRAPHS = {"candle-like": candle_graph, "random": random_graph}


def _graph(num_vertices: int, index: NDArray[np.int64]) -> Graph:
    definition = GraphDefinition(NAME, (EdgeDefinition("next", ("candles",), ("candles",)),))
    edges = EdgeTable("next", "candles", "candles", index)
    return Graph((definition,), {"candles": candle_table("candles", num_vertices)}, [edges], {"next": 0})


def candle_table(name: str, num_vertices: int, num_features: int = 16) -> VertexTable:
    """Candles with a time, numeric features, and a `target` that hangs on the first of them."""
    rng = np.random.default_rng(7)
    features = rng.standard_normal((num_vertices, num_features))
    columns: dict[str, StoredColumn] = {
        f"f{place:02d}": of_numbers(features[:, place].copy()) for place in range(num_features)
    }
    columns["target"] = of_numbers((features[:, 0] + rng.standard_normal(num_vertices) > 0).astype(np.int64))
    columns["ts"] = of_numbers(1_600_000_000 + 60 * np.arange(num_vertices))
    return VertexTable(name, sorted_keys(num_vertices), columns, sorted(columns))


def sorted_keys(num_vertices: int) -> NDArray[np.bytes_]:
    """Keys of one length."""
    return (10**8 + np.arange(num_vertices)).astype("S9")


def neighbours(num_vertices: int) -> NDArray[np.int64]:
    """`2 * REACH` edges for each vertex, [2, edges], sources near their targets in memory too."""
    offsets = np.array([offset for offset in range(-REACH, REACH + 1) if offset])
    targets = np.repeat(np.arange(num_vertices), len(offsets))
    sources = targets + np.tile(offsets, num_vertices)
    inside = (sources >= 0) & (sources < num_vertices)
    return np.stack([sources[inside], targets[inside]])
