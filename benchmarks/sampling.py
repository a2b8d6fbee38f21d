"""One batch of neighbour sampling, with the features of its rows: ours, and PyG's loader where its extension is there.

PyG's loader cannot draw without pyg-lib or torch-sparse; in an image without a compiler ours is alone in the table.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch_geometric.data import Data
from torch_geometric.loader import NeighborLoader
from torch_geometric.typing import WITH_PYG_LIB, WITH_TORCH_SPARSE

from benchmarks.graphs import candles
from benchmarks.results import is_quick
from benchmarks.side_by_side import Row, compare, shown_count
from trainer.process.threads import available_cpus
from trainer.sampling.sampler import NeighborSampler

SEEDS = 4096
NEXT = ("candle", "next", "candle")
SEED = 1


@dataclass(frozen=True)
class Ours:
    """Our sampler in one thread."""

    num_vertices: int
    num_neighbors: tuple[int, ...]

    def __call__(self) -> Callable[[], object]:
        """The next batch of vertices in an order at random."""
        graph = candles(self.num_vertices)
        sampler = NeighborSampler({NEXT: graph.edge_index.numpy()}, {"candle": self.num_vertices})
        rng = np.random.default_rng(SEED)
        x, order = graph.x.numpy(), rng.permutation(self.num_vertices)
        starts = itertools.cycle(range(0, self.num_vertices - SEEDS, SEEDS))

        def batch() -> object:
            start = next(starts)
            hops = sampler.sample({"candle": order[start : start + SEEDS]}, self.num_neighbors, rng)
            return hops, np.take(x, hops[-1].rows["candle"], axis=0)

        return batch


@dataclass(frozen=True)
class Loader:
    """PyG's loader in this process."""

    num_vertices: int
    num_neighbors: tuple[int, ...]

    def __call__(self) -> Callable[[], object]:
        """The loader's next batch; it begins anew when all vertices have had their turn."""
        graph = candles(self.num_vertices)
        torch.manual_seed(SEED)
        loader = NeighborLoader(
            Data(x=graph.x, edge_index=graph.edge_index), list(self.num_neighbors), batch_size=SEEDS, shuffle=True
        )
        batches = itertools.chain.from_iterable(itertools.repeat(loader))
        return lambda: next(batches)


def main() -> None:
    """The large graph with two fan-outs; a small one when it has to be quick."""
    torch.set_num_threads(available_cpus())
    num_vertices = 100_000 if is_quick() else 1_000_000
    shape = f"{shown_count(num_vertices)} vertices, {shown_count(20 * num_vertices)} edges"
    for num_neighbors in ((10, 10), (15, 10, 5)):
        drawn = "+".join(map(str, num_neighbors))
        row = Row(f"sampled batch, {shape}, {SEEDS:,} seeds, {drawn} neighbours", "NeighborLoader", 10, repeats=15)
        peer = Loader(num_vertices, num_neighbors) if WITH_PYG_LIB or WITH_TORCH_SPARSE else None
        compare(row, Ours(num_vertices, num_neighbors), peer)


if __name__ == "__main__":
    main()
