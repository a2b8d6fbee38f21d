"""Memory and time of sampled training on a graph that full batch cannot hold: 2 million vertices, 40 million edges.

`python -m benchmarks.sampled_scale` makes the graph in memory, as a source would leave it, and takes the same way
from there as a run does. `--levels 0.1` gives a tenth of the vertices a type of their own, without time.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.dataset import build_dataset
from trainer.graph.columns import NumberColumn
from trainer.graph.graph import EdgeDefinition, EdgeTable, Graph, GraphDefinition, VertexTable
from trainer.settings import load_settings
from trainer.stop import StopToken
from trainer.threads import available_cpus

FEATURES = ("price_change", "rsi", "volume", "vwap")
CANDLES, LEVELS = "candles_btcusdt_1m", "levels_sr_btcusdt_1m"
START_MS, STEP_MS = 1_600_000_000_000, 60_000


def candles(num: int, rng: np.random.Generator) -> VertexTable:
    """Candles with four features, a time and a label that the features tell nothing of."""
    columns = {name: NumberColumn(rng.standard_normal(num)) for name in FEATURES}
    columns["price_up"] = NumberColumn(rng.integers(0, 2, num))
    columns["ts"] = NumberColumn(START_MS + STEP_MS * np.arange(num))
    return VertexTable(CANDLES, keys_of(num), dict(sorted(columns.items())), sorted(columns))


def levels(num: int, rng: np.random.Generator) -> VertexTable:
    """Levels with a strength and no time."""
    return VertexTable(LEVELS, keys_of(num), {"strength": NumberColumn(rng.uniform(size=num))}, ["strength"])


def keys_of(num: int) -> NDArray[np.bytes_]:
    """Sorted keys of one length."""
    return (10**8 + np.arange(num)).astype("S9")


def edges(num: int, num_sources: int, num_targets: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Edges [2, num] ordered by target, then source; every target has nearly as many as any other."""
    index = np.empty((2, num), dtype=np.int64)
    index[1] = np.arange(num) * num_targets // num
    index[0] = rng.integers(0, num_sources, num)
    bounds = np.searchsorted(index[1], np.arange(num_targets + 1))
    for first, last in zip(bounds[:-1:1000], [*bounds[1000::1000], num], strict=False):
        piece = index[:, first:last]
        piece[:] = piece[:, np.lexsort(piece)]
    return index


def make_graph(num_vertices: int, num_edges: int, share_of_levels: float, rng: np.random.Generator) -> Graph:
    """Candles that hear from other candles; with levels, a fifth of the edges lead to those."""
    num_levels = int(num_vertices * share_of_levels)
    num_candles, num_touches = num_vertices - num_levels, num_edges // 5 if num_levels else 0
    next_ = EdgeDefinition("next_1m", (CANDLES,), (CANDLES,))
    tables = [EdgeTable("next_1m", CANDLES, CANDLES, edges(num_edges - num_touches, num_candles, num_candles, rng))]
    if not num_levels:
        return Graph((GraphDefinition("g", (next_,)),), {CANDLES: candles(num_candles, rng)}, tables, {"next_1m": 0})
    touch = EdgeDefinition("candle_to_level", (CANDLES,), (LEVELS,))
    tables.append(EdgeTable("candle_to_level", CANDLES, LEVELS, edges(num_touches, num_candles, num_levels, rng)))
    vertices = {CANDLES: candles(num_candles, rng), LEVELS: levels(num_levels, rng)}
    return Graph((GraphDefinition("g", (next_, touch)),), vertices, tables, {"next_1m": 0, "candle_to_level": 0})


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Say how long a part took, and the most memory that the process has held so far."""
    started = time.perf_counter()
    yield
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{name:<10} {time.perf_counter() - started:8.1f} s   peak so far {peak_gib:6.2f} GiB", flush=True)


def main() -> None:
    """Make the graph, train, and say what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vertices", type=int, default=2_000_000)
    parser.add_argument("--edges", type=int, default=40_000_000)
    parser.add_argument("--levels", type=float, default=0.0, help="share of the vertices that are levels")
    args, flags = parser.parse_known_args()
    defaults = ("--epochs", "1", "--batch_size", "4096", "--num_neighbors", "10", "10")
    required = ("--graph_name", "g", "--graph_path", ".", "--output_path", "m.pt", "--target", "price_up")
    settings = load_settings([*required, *defaults, *flags], {})
    with phase("graph"):
        graph = make_graph(args.vertices, args.edges, args.levels, np.random.default_rng(0))
    with phase("dataset"):
        dataset = build_dataset(graph, settings)
    with phase("import"):
        import torch

        from trainer.training.fit import fit

        torch.set_num_threads(available_cpus())
    with phase("fit"):
        fitted = fit(dataset, settings, StopToken(), lambda record, eta_s: None)
    print("epochs     " + ", ".join(f"{seconds:8.1f} s" for seconds in fitted.epoch_seconds))


if __name__ == "__main__":
    main()
