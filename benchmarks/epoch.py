"""One epoch in full batch: forward, loss, backward, step; ours and PyG's model on its edge list, same first weights.

The program asks for huge pages, which a user of PyG does not; here neither side has them, unless THP_MEM_ALLOC_ENABLE=1
gives them to both.
"""

from __future__ import annotations

import os
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from benchmarks.graphs import Example, candles
from benchmarks.results import is_quick
from benchmarks.side_by_side import Row, Timing, compare, shown_count
from trainer.frameworks.pyg.network import make_network
from trainer.frameworks.torch.structure import make_structure
from trainer.models.spec import HomogeneousSpec
from trainer.process.threads import available_cpus
from trainer.registry.models import MODELS

HIDDEN, LAYERS, SEED = 64, 2, 5


@dataclass(frozen=True)
class Model:
    """A model to train: MODEL_TYPE, and HEADS for one that has them."""

    type: str
    heads: int | None = None

    def spec(self, in_channels: int) -> HomogeneousSpec:
        """The model for these inputs."""
        return HomogeneousSpec(
            type=self.type,
            in_channels=in_channels,
            hidden_channels=HIDDEN,
            num_layers=LAYERS,
            out_channels=1,
            heads=self.heads,
        )


@dataclass(frozen=True)
class Ours:
    """Our network over adjacencies."""

    model: Model
    num_vertices: int

    def __call__(self) -> Callable[[], float]:
        """An epoch, which returns its loss."""
        graph = candles(self.num_vertices)
        structure = make_structure(
            MODELS[self.model.type], graph.edge_index, None, self.num_vertices, self.num_vertices, same_type=True
        )
        adjacency = structure.adjacency()
        adjacency.hold(graph.x)
        torch.manual_seed(SEED)
        network = make_network(self.model.spec(graph.x.size(1)))
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
        model = pkgutil.resolve_name(MODELS[self.model.type].stock)(**self.model.spec(graph.x.size(1)).args)
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


GCN, SAGE, GIN = Model("GCN"), Model("GraphSAGE"), Model("GIN")
SMALL = (
    ("GCN", GCN, 20),
    ("GraphSAGE", SAGE, 10),
    ("GIN", GIN, 10),
    ("GAT, 1 head", Model("GAT", 1), 8),
    ("GAT, 4 heads", Model("GAT", 4), 3),
    ("GATv2", Model("GATv2", 1), 2),
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
