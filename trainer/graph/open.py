"""Which source a run takes its graph from, and which graph where none is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trainer.errors import DataError
from trainer.settings.groups.arango import ArangoSettings
from trainer.settings.groups.graph import GraphSettings

if TYPE_CHECKING:
    from trainer.graph.source import GraphSource


def open_source(graph: GraphSettings, arango: ArangoSettings) -> GraphSource:
    """The folder in GRAPH_PATH, else the ArangoDB in ARANGO_URL."""
    if graph.graph_path is not None:
        from trainer.graph.dump.source import DumpSource

        return DumpSource(Path(graph.graph_path))
    from trainer.graph.arango.source import ArangoSource

    return ArangoSource(arango)


def only_graph(graph_path: str) -> str:
    """The name of the only graph in a folder; empty where there is none, or the folder cannot be read: `load` says why.

    Raises:
        SettingsError: there are several.
    """
    from trainer.graph.dump.source import DumpSource

    try:
        return DumpSource(Path(graph_path)).only_graph()
    except DataError:
        return ""
