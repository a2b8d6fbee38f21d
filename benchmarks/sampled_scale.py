"""Memory and time of sampled training on a graph that full batch cannot hold: 2 million vertices, 40 million edges.

The graph is made in memory, as a source would leave it, and takes the same way from there as in a run. Sources are
drawn at random, so that neighbours are far apart in memory. `--levels 0.1` gives a tenth of the vertices a type of
their own, without time; other flags are those of a run.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.graphs import candle_table, sorted_keys
from benchmarks.results import is_quick, keep
from benchmarks.side_by_side import shown_count, shown_time
from trainer.dataset.dataset import build_dataset
from trainer.graph.graph import EdgeDefinition, EdgeTable, Graph, GraphDefinition, VertexTable
from trainer.graph.stored_column import of_numbers
from trainer.models.describe import describe_model
from trainer.process.stop import StopToken
from trainer.process.threads import available_cpus
from trainer.settings.sources import load_settings

CANDLES, LEVELS = "candles_btcusdt_1m", "levels_sr_btcusdt_1m"
BATCH_SIZE, NUM_NEIGHBORS = 4096, (10, 10)


def levels(num: int, rng: np.random.Generator) -> VertexTable:
    """Levels with a strength and no time."""
    return VertexTable(LEVELS, sorted_keys(num), {"strength": of_numbers(rng.uniform(size=num))}, ["strength"])


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
    vertices = {CANDLES: candle_table(CANDLES, num_candles, num_features=4)}
    if not num_levels:
        return Graph((GraphDefinition("g", (next_,)),), vertices, tables, {"next_1m": 0})
    touch = EdgeDefinition("candle_to_level", (CANDLES,), (LEVELS,))
    tables.append(EdgeTable("candle_to_level", CANDLES, LEVELS, edges(num_touches, num_candles, num_levels, rng)))
    vertices[LEVELS] = levels(num_levels, rng)
    return Graph((GraphDefinition("g", (next_, touch)),), vertices, tables, {"next_1m": 0, "candle_to_level": 0})


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Say how long a part took, and the most memory that the process has held so far."""
    started = time.perf_counter()
    yield
    print(f"  {name:<8}{time.perf_counter() - started:7.1f} s   peak so far {peak_gib():5.2f} GiB", flush=True)


def peak_gib() -> float:
    """The most memory that the process has held, its libraries among it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    """Make the graph, train, and say what it took; a tenth of the graph when it has to be quick."""
    default = 200_000 if is_quick() else 2_000_000
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vertices", type=int, default=default)
    parser.add_argument("--edges", type=int, default=20 * default)
    parser.add_argument("--levels", type=float, default=0.0, help="share of the vertices that are levels")
    parser.add_argument("--quick", action="store_true")
    args, flags = parser.parse_known_args()
    given = {"graph_name": "g", "graph_path": ".", "output_path": "m.pt", "target": "target", "epochs": "2"}
    given |= {"batch_size": str(BATCH_SIZE), "num_neighbors": ",".join(map(str, NUM_NEIGHBORS))}
    settings = load_settings([*(f"--{name}={value}" for name, value in given.items()), *flags], {})
    drawn = "+".join(map(str, settings.sampling.num_neighbors))
    what = (
        f"sampled training, {shown_count(args.vertices)} vertices, {shown_count(args.edges)} edges, "
        f"{settings.sampling.batch_size:,} seeds, {drawn} neighbours, {settings.model.model_type}"
    ) + (f", {args.levels:.0%} levels" if args.levels else "")
    print(what)
    with phase("graph"):
        graph = make_graph(args.vertices, args.edges, args.levels, np.random.default_rng(0))
    training, sampling = settings.training, settings.sampling
    with phase("dataset"):
        dataset = build_dataset(graph, settings.data, training, settings.split, sampling, settings.model.model_type)
    with phase("import"):
        from trainer.frameworks.open import open_backend
        from trainer.training.fit import fit

        backend = open_backend(settings.model.framework)
        backend.set_threads(available_cpus())
    with phase("fit"):
        spec, stop = describe_model(settings.model, dataset.inputs, dataset.target.num_outputs), StopToken()
        run = backend.make_training(spec, dataset, training, sampling, stop)
        fitted = fit(run, training.epochs, training.patience, stop, lambda record, eta_s: None)
    shown = f"{shown_time(median(fitted.epoch_seconds))} an epoch; {peak_gib():.2f} GiB, libraries and graph included"
    print(f"  ours    {shown} (target under 8 GiB)")
    keep(what, shown, target="under 8 GiB")


if __name__ == "__main__":
    main()
