"""Which source a run takes its graph from."""

from __future__ import annotations

from pathlib import Path

from trainer.graph.source import GraphSource
from trainer.settings import Settings


def open_source(settings: Settings) -> GraphSource:
    """The folder in GRAPH_PATH, else the ArangoDB in ARANGO_URL."""
    if settings.graph_path is not None:
        from trainer.graph.dump.source import DumpSource

        return DumpSource(Path(settings.graph_path))
    from trainer.graph.arango.source import ArangoSource

    return ArangoSource(settings)
