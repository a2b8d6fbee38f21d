"""Whole runs of the program on a graph that is in memory already, so that what is timed is not its generation.

Each run is a fork of a process that holds the graph and nothing of torch or Kafka, and ends as a run of `main.py` ends.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.graph import Graph
from trainer.graph.source import Progress


class _Memory:
    """A source that has its graph at hand."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def load(self, names: Sequence[str], wanted: AttributeFilter, progress: Progress) -> Graph:
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
    import trainer.preparation
    from main import main

    vars(trainer.preparation)["open_source"] = lambda graph_settings, arango: _Memory(graph)
    code = main(["--graph_path", "in-memory", "--graph_name", graph.definition.name, *flags])
    sys.stdout.flush()
    return code


def exit_code_of(child: int) -> int:
    """Wait for a run."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
