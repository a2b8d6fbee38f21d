"""A small graph of several types around the vertices of `small_dataset`, to learn from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.training.conftest import NUM, small_dataset
from trainer.dataset.dataset import Dataset
from trainer.dataset.edges.edge_set import EdgeSet
from trainer.dataset.inputs import Inputs
from trainer.dataset.vertex_set import VertexSet
from trainer.graph.edge_type import EdgeType

FOLLOWS: EdgeType = ("v", "follows", "v")
TOUCHES: EdgeType = ("v", "touches", "level")
TOUCHED: EdgeType = ("level", "rev_touches", "v")
MENTIONS: EdgeType = ("news", "mentions", "v")
QUOTES: EdgeType = ("source", "quotes", "news")
HEARS: EdgeType = ("v", "hears", "listener")
SIZES = {"level": 9, "listener": 5, "news": 7, "source": 4}
WIDTHS = {"level": 0, "listener": 2, "news": 3, "source": 2}


def vertex_set(name: str, num: int, width: int) -> VertexSet:
    """Vertices with features drawn from a seed of their own."""
    x = np.random.default_rng(num).normal(size=(num, width)).astype(np.float32)
    keys = np.array([f"{row:04}".encode() for row in range(num)])
    return VertexSet(name, (name,), keys, np.zeros(num, dtype=np.int32), x, [], None)


def edge_set(kind: EdgeType, num: int, sizes: dict[str, int], weighted: bool) -> EdgeSet:
    """Edges drawn from a seed of their own, doubles and loops among them."""
    rng = np.random.default_rng(len(kind[1]))
    pairs = np.stack([rng.integers(0, sizes[kind[0]], num), rng.integers(0, sizes[kind[2]], num)])
    index: NDArray[np.int64] = pairs[:, np.lexsort(pairs)]
    weight = rng.uniform(0.5, 2, num).astype(np.float32) if weighted else None
    return EdgeSet((kind[1],), np.ascontiguousarray(index), weight)


def typed_inputs(sizes: dict[str, int] = SIZES, *, weighted: bool = False, v: VertexSet | None = None) -> Inputs:
    """`v` hears of itself, of levels, which hear of it, and of news, which hear of sources; nothing hears of listeners."""
    own = v or vertex_set("v", NUM, 2)
    counts = sizes | {"v": len(own)}
    others = {name: vertex_set(name, num, WIDTHS[name]) for name, num in sizes.items()}
    nums = {FOLLOWS: 150, TOUCHES: 40, TOUCHED: 40, MENTIONS: 30, QUOTES: 12, HEARS: 10}
    edges = {kind: edge_set(kind, num, counts, weighted) for kind, num in nums.items()}
    return Inputs({"v": own} | others, edges, "v", None, [])


def typed_dataset(task: str = "binary", *, weighted: bool = False, **values: Any) -> Dataset:
    """`small_dataset` with the other types around its vertices."""
    dataset = small_dataset(task, **values)
    return replace(dataset, inputs=typed_inputs(weighted=weighted, v=dataset.inputs.target_vertices))


def dense_dataset(task: str = "binary", *, weighted: bool = False, **values: Any) -> Dataset:
    """`small_dataset` with more edges than its ring: doubles, loops, and vertices of many different degrees."""
    dataset = small_dataset(task, **values)
    (kind,) = dataset.inputs.edges
    rng = np.random.default_rng(5)
    pairs = np.stack([rng.integers(0, NUM, 400), (NUM * rng.uniform(0, 1, 400) ** 2).astype(np.int64)])
    weight = rng.uniform(0.5, 2, pairs.shape[1]).astype(np.float32) if weighted else None
    edges = EdgeSet(("e",), np.ascontiguousarray(pairs[:, np.lexsort(pairs)]), weight)
    return replace(dataset, inputs=replace(dataset.inputs, edges={kind: edges}))
