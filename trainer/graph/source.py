"""Where a run takes its graph from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from trainer.graph.graph import Graph
from trainer.graph.wanted import Wanted
from trainer.settings import Settings


class Progress(Protocol):
    """Called while a graph loads; may raise to end the loading."""

    def __call__(self, vertices: int, edges: int) -> None:
        """Take the numbers of vertices and edges read so far."""


class GraphSource(Protocol):
    """Where graphs come from."""

    def load(self, names: Sequence[str], wanted: Wanted, progress: Progress) -> Graph:
        """Load named graphs, as one, with the attributes that are wanted; each collection is read once.

        Raises:
            DataError: there is no such graph, or it cannot be read.
        """


def open_source(settings: Settings) -> GraphSource:
    """The folder in GRAPH_PATH, else the ArangoDB in ARANGO_URL."""
    if settings.graph_path is not None:
        from trainer.graph.dump import DumpSource

        return DumpSource(Path(settings.graph_path))
    from trainer.graph.arango import ArangoSource

    return ArangoSource(settings)
