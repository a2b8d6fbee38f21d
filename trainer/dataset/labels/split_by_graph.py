"""SPLIT=graph: whole graphs, such as days, to train, validate and test on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.grouping.layout import graph_of_rows, graphs_of_collections
from trainer.dataset.grouping.type_table import TypeTable
from trainer.dataset.labels.split import EMBARGO, NO_PART, PARTS, TEST, TRAIN, VAL, Split, boundaries, require_learnable
from trainer.dataset.labels.target import Target
from trainer.dataset.time.axis import TimeAxis
from trainer.errors import DataError
from trainer.graph.graph import Graph, join_names
from trainer.settings.groups.split import SplitSettings


def split_by_graph(
    settings: SplitSettings, graph: Graph, merged: TypeTable, target: Target, time: TimeAxis | None
) -> Split:
    """Give the labelled vertices of each graph to one part: the last graphs to test, those before to validation.

    Args:
        settings: VAL_RATIO, TEST_RATIO, EMBARGO.
        graph: several graphs.
        merged: the labelled type.
        target: its labels.
        time: its times.

    Raises:
        DataError: a labelled collection belongs to several graphs, or there are too few graphs with labels.
    """
    graphs_of = graphs_of_collections(graph, merged)
    labelled = {merged.collections[index] for index in np.unique(merged.collection[target.labelled])}
    shared = [name for name in labelled if len(graphs_of[name]) > 1]
    if shared:
        raise DataError(
            f"SPLIT=graph needs graphs with labelled vertices of their own, and {join_names(shared)} is in several; "
            "choose another SPLIT."
        )
    graph_of_row = graph_of_rows(graph, merged)
    assert graph_of_row is not None
    order = _in_order(graph.names, target, time, graph_of_row)
    num_val, num_test = (_size(len(order), ratio) for ratio in (settings.val_ratio, settings.test_ratio))
    if num_val + num_test >= len(order):
        raise DataError(
            f"{len(order)} graphs with labels are too few to divide into train, val and test; name more of them in GRAPH_NAME."
        )
    part_of_graph = np.full(len(graph.definitions), TRAIN, dtype=np.int8)
    part_of_graph[order[len(order) - num_test - num_val :]] = VAL
    part_of_graph[order[len(order) - num_test :]] = TEST
    part = part_of_graph[graph_of_row]
    part[~target.labelled] = NO_PART
    if time is not None and settings.embargo:
        _keep_distance(part, time, settings.embargo)
    split = Split("graph", part, None if time is None else boundaries(part, time))
    require_learnable(split, target)
    return split


def _in_order(
    names: Sequence[str], target: Target, time: TimeAxis | None, graph_of_row: NDArray[np.int32]
) -> NDArray[np.int64]:
    """The graphs that have labels, by their first labelled time where all have one, else by name."""
    labelled = np.unique(graph_of_row[target.labelled]).tolist()
    if time is not None:
        usable = target.labelled & ~time.missing
        times = {index: time.values[usable & (graph_of_row == index)] for index in labelled}
        if all(map(len, times.values())):
            return np.array(sorted(labelled, key=lambda index: (times[index].min(), names[index])), dtype=np.int64)
    return np.array(sorted(labelled, key=lambda index: names[index]), dtype=np.int64)


def _size(num_graphs: int, ratio: float) -> int:
    return max(round(num_graphs * ratio), 1 if ratio else 0)


def _keep_distance(part: NDArray[np.int8], time: TimeAxis, embargo: float) -> None:
    """Take the vertices out whose labels may look into a later part."""
    before = {name for name, code in PARTS.items() if (part == code).any()}
    for code, later in ((TRAIN, (VAL, TEST)), (VAL, (TEST,))):
        after = time.values[np.isin(part, later) & ~time.missing]
        if len(after):
            part[(part == code) & (time.values >= time.before(after.min(), embargo))] = EMBARGO
    for name in sorted(before):
        if not (part == PARTS[name]).any():
            raise DataError(
                f"EMBARGO={embargo:g} leaves no vertex for the {name} part of SPLIT=graph: the graphs lie too close "
                "in time; set SPLIT or EMBARGO otherwise."
            )
