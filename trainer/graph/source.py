"""Which source a run takes its graph from."""

from __future__ import annotations

from pathlib import Path

from trainer.graph.graph import GraphSource
from trainer.settings import Settings


def open_source(settings: Settings) -> GraphSource:
    """The folder in GRAPH_PATH."""
    from trainer.graph.dump import DumpSource

    assert settings.graph_path is not None  # the settings were checked
    return DumpSource(Path(settings.graph_path))
