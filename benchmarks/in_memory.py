"""Whole runs of the program on a graph that is in memory already, so that what is timed is not its generation.

Each run is a fork of a process that holds the graph and nothing of torch or Kafka, and ends as a run of `main.py` ends.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from trainer.graph.columns import Column, NumberColumn
from trainer.graph.graph import EdgeDefinition, EdgeTable, Graph, GraphDefinition, VertexTable
from trainer.graph.source import Progress
from trainer.graph.wanted import Wanted

NAME = "candles_in_memory"


def candles(num_vertices: int, reach: int = 10, num_features: int = 16) -> Graph:
    """A graph of candles, each linked to the next `reach` ones in both directions, with a binary `target`."""
    rng = np.random.default_rng(7)
    offsets = np.array([offset for offset in range(-reach, reach + 1) if offset])
    targets = np.repeat(np.arange(num_vertices), len(offsets))
    sources = targets + np.tile(offsets, num_vertices)
    inside = (sources >= 0) & (sources < num_vertices)
    index = np.stack([sources[inside], targets[inside]])
    features = rng.standard_normal((num_vertices, num_features))
    columns: dict[str, Column] = {
        f"f{place:02d}": NumberColumn(features[:, place].copy()) for place in range(num_features)
    }
    columns["target"] = NumberColumn((features[:, 0] + rng.standard_normal(num_vertices) > 0).astype(np.int64))
    columns["ts"] = NumberColumn(1_700_000_000 + 60 * np.arange(num_vertices))
    keys = np.char.zfill(np.arange(num_vertices).astype("S9"), 9)
    definition = GraphDefinition(NAME, (EdgeDefinition("next", ("candles",), ("candles",)),))
    table = VertexTable("candles", keys, columns, sorted(columns))
    return Graph((definition,), {"candles": table}, [EdgeTable("next", "candles", "candles", index)], {"next": 0})


class _Memory:
    """A source that has its graph at hand."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def load(self, names: Sequence[str], wanted: Wanted, progress: Progress) -> Graph:
        """See `GraphSource.load`."""
        progress(self._graph.num_vertices, self._graph.num_edges)
        return self._graph


def start_run(graph: Graph, flags: Sequence[str], log: Path) -> int:
    """Start a run on `graph` with these flags; returns its process id.

    Args:
        graph: what to learn from.
        flags: of the command line, without those that say which graph.
        log: gets what the run prints.
    """
    child = os.fork()
    if child:
        return child
    try:
        with log.open("w") as out:
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
        os._exit(_run(graph, flags))
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _run(graph: Graph, flags: Sequence[str]) -> int:
    import trainer.job
    from main import main

    vars(trainer.job)["open_source"] = lambda settings: _Memory(graph)
    code = main(["--graph_path", "in-memory", "--graph_name", NAME, *flags])
    sys.stdout.flush()
    return code


def exit_code_of(child: int) -> int:
    """Wait for a run."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
