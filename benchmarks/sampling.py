"""Batches per second of neighbour sampling: ours, and PyG's NeighborLoader where its compiled extension is installed.

`python -m benchmarks.sampling` prints a table; both sides draw for the same seeds and fetch the features of the rows found.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.prefetch import prefetch
from trainer.dataset.sampler import NeighborSampler

SEEDS = 4096
NUM_FEATURES = 16
NEXT = ("candle", "next", "candle")
Batches = Callable[[NDArray[np.int64]], Iterator[object]]


def candle_edges(num_vertices: int, degree: int) -> NDArray[np.int64]:
    """Every vertex linked to its nearest `degree`, half of them before it and half after; ordered by target."""
    reach = np.concatenate((np.arange(-degree // 2, 0), np.arange(1, degree // 2 + 1)))
    target = np.repeat(np.arange(num_vertices), degree)
    source = (np.arange(num_vertices)[:, None] + reach).ravel()
    inside = (source >= 0) & (source < num_vertices)
    return np.stack((source[inside], target[inside]))


def ours(index: NDArray[np.int64], x: NDArray[np.float32], num_neighbors: Sequence[int], ahead: bool) -> Batches:
    """Hops and features of each batch, drawn in this thread or one batch ahead in another."""
    sampler = NeighborSampler({NEXT: index}, {"candle": len(x)})
    rng = np.random.default_rng(0)

    def draw(seeds: NDArray[np.int64]) -> Iterator[object]:
        for start in range(0, len(seeds), SEEDS):
            hops = sampler.sample({"candle": seeds[start : start + SEEDS]}, num_neighbors, rng)
            yield hops, np.take(x, hops[-1].rows["candle"], axis=0)

    return (lambda seeds: prefetch(draw(seeds))) if ahead else draw


def peer(index: NDArray[np.int64], x: NDArray[np.float32], num_neighbors: Sequence[int]) -> Batches | None:
    """PyG's loader in this process, None where it has no sampler to call."""
    import torch
    from torch_geometric import typing
    from torch_geometric.data import Data
    from torch_geometric.loader import NeighborLoader

    if not (typing.WITH_PYG_LIB or typing.WITH_TORCH_SPARSE):
        return None
    data = Data(x=torch.from_numpy(x), edge_index=torch.from_numpy(index))
    first = NeighborLoader(data, list(num_neighbors), batch_size=SEEDS, input_nodes=torch.arange(1))

    def draw(seeds: NDArray[np.int64]) -> Iterator[object]:
        sampler = first.node_sampler  # its index of the edges takes long and is made once, as ours
        nodes = torch.from_numpy(seeds)
        return iter(
            NeighborLoader(data, list(num_neighbors), batch_size=SEEDS, input_nodes=nodes, neighbor_sampler=sampler)
        )

    return draw


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vertices", type=int, default=1_000_000)
    parser.add_argument("--degree", type=int, default=20)
    parser.add_argument("--num-neighbors", type=int, nargs="+", default=[10, 10])
    parser.add_argument("--batches", type=int, default=10, help="per repeat")
    parser.add_argument("--repeats", type=int, default=7)
    asked = parser.parse_args()

    rng = np.random.default_rng(0)
    index = candle_edges(asked.vertices, asked.degree)
    x = rng.random((asked.vertices, NUM_FEATURES), dtype=np.float32)
    sides = {
        "ours": ours(index, x, asked.num_neighbors, ahead=False),
        "ours, one batch ahead": ours(index, x, asked.num_neighbors, ahead=True),
        "NeighborLoader": peer(index, x, asked.num_neighbors),
    }
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for repeat in range(asked.repeats):
        seeds = rng.choice(asked.vertices, size=min(asked.batches * SEEDS, asked.vertices), replace=False)
        for name, side in sorted(sides.items(), reverse=repeat % 2 == 1):
            if side is not None:
                began = time.perf_counter()
                count = sum(1 for _ in side(seeds))
                rates[name].append(count / (time.perf_counter() - began))

    print(f"{asked.vertices:,} vertices, {index.shape[1]:,} edges, {SEEDS:,} seeds, {asked.num_neighbors} neighbours")
    for name, found in rates.items():
        if found:
            median = statistics.median(found)
            print(f"{name:24} {median:8.1f} batches/s   {min(found):.1f} to {max(found):.1f}")
        else:
            print(f"{name:24} not measured: neither pyg-lib nor torch-sparse is installed")
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the process {peak_mib:,.0f} MiB")


if __name__ == "__main__":
    main()
