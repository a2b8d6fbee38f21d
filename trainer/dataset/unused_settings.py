"""Settings that have no effect on this graph, so that nobody takes a result for theirs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.labels.split import Split
from trainer.dataset.time.axis import TimeAxis
from trainer.settings.groups.sampling import SamplingSettings


def unused_settings(
    sampling: SamplingSettings,
    embargo: float,
    split: Split,
    time: TimeAxis | None,
    graph_of_row: NDArray[np.int32] | None,
) -> Iterator[str]:
    """A warning for each setting without effect.

    Args:
        sampling: NUM_NEIGHBORS and BATCH_SIZE.
        embargo: EMBARGO.
        split: the parts of the labelled type.
        time: its times.
        graph_of_row: which of several graphs a vertex of it belongs to; None for one graph.
    """
    if sampling.num_neighbors and not sampling.batch_size:
        yield "NUM_NEIGHBORS has no effect: BATCH_SIZE=0 trains on the whole graph at once, with all neighbours."
    if sampling.batch_size and not sampling.num_neighbors and graph_of_row is not None:
        num_graphs = len(np.unique(graph_of_row[split.mask("train")]))
        if sampling.batch_size >= num_graphs:
            yield (
                f"BATCH_SIZE={sampling.batch_size} counts graphs where several are named, and the training part lies in "
                f"{num_graphs}: all of it is one batch. Set NUM_NEIGHBORS to train in batches of vertices."
            )
    if embargo and (split.method in ("random", "attribute") or time is None):
        yield f"EMBARGO={embargo:g} has no effect: the parts are not divided in time (split: {split.method})."
