"""What is learned of the features of each type, from rows that training may know."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.features.choice import choose_features
from trainer.dataset.features.fitting import Feature, fit_features
from trainer.dataset.grouping.layout import Layout, graph_of_rows, homes_of
from trainer.dataset.grouping.merging import TypeTable
from trainer.dataset.labels.split import Split
from trainer.dataset.time.axis import TimeAxis, Times
from trainer.dataset.time.leaks import are_comparable, in_one_unit
from trainer.errors import DataError
from trainer.graph.graph import Graph
from trainer.settings.groups.data import DataSettings
from trainer.settings.groups.split import SplitSettings

Masks = dict[str, NDArray[np.bool_]]


def rows_to_learn_from(graph: Graph, layout: Layout, target_type: str, split: Split, times: Times) -> Masks:
    """Per type, the vertices that imputation and scale are learned from: of other types, those that are not later."""
    train = split.mask("train")
    found = {name: np.ones(len(merged), dtype=bool) for name, merged in layout.tables.items()}
    if split.method == "temporal":
        for name in layout.tables:
            found[name] = _not_later(times[name], times[target_type], train, found[name])
    elif split.method == "graph":
        graphs = graph_of_rows(graph, layout.tables[target_type])
        assert graphs is not None
        of_training = {*np.unique(graphs[train]).tolist()}
        for name, merged in layout.tables.items():
            found[name] = _of_graphs(graph, merged, of_training)
    return found | {target_type: train}


def _not_later(
    time: TimeAxis | None, target_time: TimeAxis | None, train: NDArray[np.bool_], all_rows: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    if time is None or target_time is None or not are_comparable(time, target_time):
        return all_rows
    values, of_target = in_one_unit(time, target_time)
    later: NDArray[np.bool_] = values > of_target[train].max()
    return ~later


def _of_graphs(graph: Graph, merged: TypeTable, of_training: set[int]) -> NDArray[np.bool_]:
    homes = homes_of(graph, merged)
    return merged.is_of([name for name, places in homes.items() if of_training & {*places}])


def learn_features(
    data: DataSettings,
    split: SplitSettings,
    layout: Layout,
    target_type: str,
    target: str,
    times: Times,
    seen: Masks,
    warnings: list[str],
) -> dict[str, list[Feature]]:
    """The features of each type, learned from the rows in `seen`.

    Raises:
        DataError: FEATURES does not serve, or nothing is left to learn from.
    """
    tables = layout.vertex_tables()
    said: dict[str, list[str]] = defaultdict(list)
    chosen = choose_features(data, split, tables, target_type, target, said)
    found = {}
    for name, table in tables.items():
        time = times[name]
        is_time = None if data.features or time is None else time.field
        names = [attribute for attribute in chosen[name] if attribute != is_time]
        strict = bool(data.features) and name == target_type
        found[name] = fit_features(data, table, names, seen[name], said[name], strict)
    for name in tables:
        warnings += said[name] if len(tables) == 1 else [f"{name}: {sentence}" for sentence in said[name]]
    if not any(found.values()):
        where = f"No attribute of {target_type}" if len(tables) == 1 else "No attribute of any vertex collection"
        raise DataError(f"{where} varies in the training part; there is nothing to learn from.")
    return found
