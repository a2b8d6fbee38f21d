"""Which source a run takes its graph from."""

from __future__ import annotations

from pathlib import Path

from trainer.graph.source import GraphSource
from trainer.settings.groups.arango import ArangoSettings
from trainer.settings.groups.graph import GraphSettings


def open_source(graph: GraphSettings, arango: ArangoSettings) -> GraphSource:
    """The folder in GRAPH_PATH, else the ArangoDB in ARANGO_URL."""
    if graph.graph_path is not None:
        from trainer.graph.dump.source import DumpSource

        return DumpSource(Path(graph.graph_path))
    from trainer.graph.arango.source import ArangoSource

    return ArangoSource(arango)
