"""The port of graph sources: one method, whether it is a folder or a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.graph import Graph


class Progress(Protocol):
    """Called while a graph loads; may raise to end the loading."""

    def __call__(self, vertices: int, edges: int) -> None:
        """Receive the numbers of vertices and edges read so far."""


class GraphSource(Protocol):
    """Where graphs come from."""

    def load(self, names: Sequence[str], attribute_filter: AttributeFilter, progress: Progress) -> Graph:
        """Load named graphs, as one, with the attributes that the filter accepts; each collection is read once.

        Raises:
            DataError: there is no such graph, or it cannot be read.
        """
