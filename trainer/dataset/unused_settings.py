"""Settings that have no effect on this graph, so that nobody takes a result for theirs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.labels.split import Split
from trainer.dataset.time.axis import TimeAxis
from trainer.settings import Settings


def unused_settings(
    settings: Settings, split: Split, time: TimeAxis | None, graph_of_row: NDArray[np.int32] | None
) -> Iterator[str]:
    """A warning for each setting without effect.

    Args:
        settings: NUM_NEIGHBORS, BATCH_SIZE and EMBARGO.
        split: the parts of the labelled type.
        time: its times.
        graph_of_row: which of several graphs a vertex of it belongs to; None for one graph.
    """
    if settings.num_neighbors and not settings.batch_size:
        yield "NUM_NEIGHBORS has no effect: BATCH_SIZE=0 trains on the whole graph at once, with all neighbours."
    if settings.batch_size and not settings.num_neighbors and graph_of_row is not None:
        num_graphs = len(np.unique(graph_of_row[split.mask("train")]))
        if settings.batch_size >= num_graphs:
            yield (
                f"BATCH_SIZE={settings.batch_size} counts graphs where several are named, and the training part lies in "
                f"{num_graphs}: all of it is one batch. Set NUM_NEIGHBORS to train in batches of vertices."
            )
    if settings.embargo and (split.method in ("random", "attribute") or time is None):
        yield f"EMBARGO={settings.embargo:g} has no effect: the parts are not divided in time (split: {split.method})."
