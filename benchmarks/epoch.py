"""One epoch in full batch: forward, loss, backward, step; ours and PyG's model on its edge list, same first weights.

The program asks for huge pages, which a user of PyG does not; here neither side has them, unless THP_MEM_ALLOC_ENABLE=1
gives them to both.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from benchmarks.graphs import Example, candles
from benchmarks.results import is_quick
from benchmarks.side_by_side import Row, Timing, compare, shown_count
from trainer.models.registry import ModelSpec
from trainer.models.structure import make_structure
from trainer.process.threads import available_cpus

HIDDEN, LAYERS, SEED = 64, 2, 5


@dataclass(frozen=True)
class Model:
    """A model to train: MODEL_TYPE, PyG's class for it, and its arguments beyond the common ones."""

    type: str
    class_name: str
    args: dict[str, Any] = field(default_factory=dict)

    def spec(self, in_channels: int) -> ModelSpec:
        """The model for these inputs."""
        common = {"in_channels": in_channels, "hidden_channels": HIDDEN, "num_layers": LAYERS, "out_channels": 1}
        return ModelSpec(self.type, self.class_name, common | self.args)


@dataclass(frozen=True)
class Ours:
    """Our network over adjacencies."""

    model: Model
    num_vertices: int

    def __call__(self) -> Callable[[], float]:
        """An epoch, which returns its loss."""
        graph = candles(self.num_vertices)
        structure = make_structure(
            self.model.type, graph.edge_index, None, self.num_vertices, self.num_vertices, same_type=True
        )
        adjacency = structure.adjacency()
        adjacency.hold(graph.x)
        torch.manual_seed(SEED)
        network = self.model.spec(graph.x.size(1)).build_network()
        return _epochs(network, lambda: network(graph.x, [adjacency] * LAYERS), graph)


@dataclass(frozen=True)
class Stock:
    """PyG's own model over `edge_index`."""

    model: Model
    num_vertices: int

    def __call__(self) -> Callable[[], float]:
        """An epoch, which returns its loss."""
        graph = candles(self.num_vertices)
        torch.manual_seed(SEED)
        model = self.model.spec(graph.x.size(1)).build()
        return _epochs(model, lambda: model(graph.x, graph.edge_index), graph)


def _epochs(model: torch.nn.Module, forward: Callable[[], torch.Tensor], graph: Example) -> Callable[[], float]:
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)

    def epoch() -> float:
        optimiser.zero_grad()
        loss = binary_cross_entropy_with_logits(forward().squeeze(1), graph.y)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        return loss.item()

    return epoch


def print_losses(ours: Timing, peer: Timing | None) -> None:
    """How far the losses of all epochs are apart, beside their size."""
    assert peer is not None
    apart = max(abs(found / expected - 1) for found, expected in zip(ours.numbers, peer.numbers, strict=True))
    print(f"  losses  of {len(ours.numbers)} epochs at most {apart:.1e} apart, relative", flush=True)


GCN, SAGE, GIN = Model("GCN", "GCN"), Model("GraphSAGE", "GraphSAGE"), Model("GIN", "GIN")
SMALL = (
    ("GCN", GCN, 20),
    ("GraphSAGE", SAGE, 10),
    ("GIN", GIN, 10),
    ("GAT, 1 head", Model("GAT", "GAT", {"heads": 1}), 8),
    ("GAT, 4 heads", Model("GAT", "GAT", {"heads": 4}), 3),
    ("GATv2", Model("GATv2", "GAT", {"heads": 1, "v2": True}), 2),
)
LARGE = (("GCN", GCN, 20), ("GraphSAGE", SAGE, 6))


def main() -> None:
    """All rows; those of a graph that is smaller still when it has to be quick."""
    torch.set_num_threads(available_cpus())
    pages = ", huge pages on both sides" if os.environ.get("THP_MEM_ALLOC_ENABLE") == "1" else ""
    full = [(100_000, SMALL, 9), (1_000_000, LARGE, 3)]  # and one before those that are timed: ten epochs
    for num_vertices, models, repeats in [(30_000, SMALL, 3)] if is_quick() else full:
        shape = f"{shown_count(num_vertices)} vertices, {shown_count(20 * num_vertices)} edges"
        for name, model, target in models:
            row = Row(f"epoch, {shape}, {name}{pages}", "PyG on edge_index", target, repeats)
            sides = Ours(model, num_vertices), Stock(model, num_vertices)
            print_losses(*compare(row, *sides))


if __name__ == "__main__":
    main()
