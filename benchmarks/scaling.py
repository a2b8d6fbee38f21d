"""What an epoch costs against the number of edges: an exponent of one means that twice the graph takes twice as long."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable

import torch

from benchmarks.epoch import GCN, GIN, SAGE, Model, Ours
from benchmarks.results import is_quick, keep
from benchmarks.side_by_side import shown_count, shown_time
from trainer.process.threads import available_cpus

EDGES = (10_000, 100_000, 1_000_000, 10_000_000)
EDGES_PER_VERTEX = 20


def seconds(epoch: Callable[[], object], at_least_s: float = 1.0) -> float:
    """The median of as many epochs as fit, five at least."""
    epoch()
    taken: list[float] = []
    while len(taken) < 5 or sum(taken) < at_least_s:
        started = time.perf_counter()
        epoch()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def measure(model: Model) -> None:
    """One row: the cost of each size, and the exponent between the sizes where edges outweigh the fixed cost."""
    sizes = EDGES[:-1] if is_quick() else EDGES
    costs = [seconds(Ours(model, size // EDGES_PER_VERTEX)()) for size in sizes]
    logs = [math.log(size) for size in sizes[1:]], [math.log(cost) for cost in costs[1:]]
    exponent = statistics.linear_regression(*logs).slope
    what = f"epoch against edges, {model.type}"
    shown = ", ".join(f"{shown_count(size)}: {shown_time(cost)}" for size, cost in zip(sizes, costs, strict=True))
    print(f"{what}: {shown}\n  exponent from {shown_count(sizes[1])} on: {exponent:.2f}", flush=True)
    keep(what, f"{shown}; exponent {exponent:.2f}")


def main() -> None:
    """The models whose sums are kernels of their own."""
    torch.set_num_threads(available_cpus())
    for model in (GCN, SAGE, GIN):
        measure(model)


if __name__ == "__main__":
    main()
