"""What is learned of the features of each type, from rows that training may know."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.features.feature import Feature, fit_feature, is_constant
from trainer.dataset.features.selection import Attributes, Selection
from trainer.dataset.grouping.layout import Layout, graph_of_rows, graphs_of_collections
from trainer.dataset.grouping.type_table import JudgedTable, TypeTable
from trainer.dataset.labels.split import Split
from trainer.dataset.time.axis import TimeAxis, Times, are_comparable
from trainer.dataset.warned import Warned
from trainer.errors import DataError
from trainer.graph.graph import Graph
from trainer.settings.groups.data import DataSettings

Masks = dict[str, NDArray[np.bool_]]
"""Rows of each vertex type."""


@dataclass(frozen=True)
class Fitted:
    """What was learned of the attributes of each vertex type: its features, and why each other attribute is none."""

    features: dict[str, list[Feature]]
    left_out: dict[str, dict[str, str]]


def rows_to_fit_on(graph: Graph, layout: Layout, target_type: str, split: Split, times: Times) -> Masks:
    """Per type, the vertices that imputation and scale are learned from: of other types, those that are not later."""
    train = split.mask("train")
    rows = {name: np.ones(len(merged), dtype=bool) for name, merged in layout.tables.items()}
    if split.method == "temporal":
        for name in layout.tables:
            rows[name] = _not_later(times[name], times[target_type], train, rows[name])
    elif split.method == "graph":
        graphs = graph_of_rows(graph, layout.tables[target_type])
        assert graphs is not None
        of_training = {*np.unique(graphs[train]).tolist()}
        for name, merged in layout.tables.items():
            rows[name] = _of_graphs(graph, merged, of_training)
    return rows | {target_type: train}


def _not_later(
    time: TimeAxis | None, target_time: TimeAxis | None, train: NDArray[np.bool_], all_rows: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    if time is None or target_time is None or not are_comparable(time, target_time):
        return all_rows
    later: NDArray[np.bool_] = time.values > target_time.values[train].max()
    return ~later | time.missing


def _of_graphs(graph: Graph, merged: TypeTable, graphs: set[int]) -> NDArray[np.bool_]:
    graphs_of = graphs_of_collections(graph, merged)
    return merged.is_of([name for name, indices in graphs_of.items() if graphs & {*indices}])


def fit_features(
    data: DataSettings, selection: Selection, layout: Layout, target_type: str, times: Times, rows: Masks
) -> Warned[Fitted]:
    """The features of each type, learned from `rows`.

    Raises:
        DataError: an attribute of FEATURES has no value there, or nothing is left to learn from.
    """
    tables = layout.vertex_tables()
    fitted = Fitted({}, {})
    warnings: list[str] = []
    for name, (attributes, selection_warnings) in selection.items():
        time = times[name]
        if time is not None and not data.features:
            attributes = _without(attributes, time.field)
        (features, left_out), fit_warnings = _fit(
            data, tables[name], attributes, rows[name], is_target_type=name == target_type
        )
        fitted.features[name], fitted.left_out[name] = features, attributes.left_out | left_out
        prefix = "" if len(tables) == 1 else f"{name}: "
        warnings += [prefix + sentence for sentence in (*selection_warnings, *fit_warnings)]
    if not any(fitted.features.values()):
        where = f"No attribute of {target_type}" if len(tables) == 1 else "No attribute of any vertex collection"
        raise DataError(f"{where} varies in the training part; there is nothing to learn from.")
    return Warned(fitted, tuple(warnings))


def _without(attributes: Attributes, time_field: str) -> Attributes:
    return replace(attributes, features=[name for name in attributes.features if name != time_field])


def _fit(
    data: DataSettings, table: JudgedTable, attributes: Attributes, rows: NDArray[np.bool_], is_target_type: bool
) -> Warned[tuple[list[Feature], dict[str, str]]]:
    """The features of one type, and why others are none; without a value in `rows` one that was asked for is an error."""
    features, left_out, warnings = [], {}, []
    for name in attributes.features:
        feature = fit_feature(name, table.columns[name], rows, data.scaling)
        if feature is None:
            left_out[name] = "has no value in the training part"
            if data.features and is_target_type:
                raise DataError(f"{name!r} {left_out[name]}; take it out of FEATURES or choose another SPLIT.")
            warnings.append(f"{name!r} {left_out[name]} and is left out.")
            continue
        if is_constant(table.columns[name], rows) and not feature.missing_indicator:
            reason = "is constant in the training part"
            warnings.append(f"{name!r} {reason}" + ("." if data.features else " and is left out."))
            if not data.features:
                left_out[name] = reason
                continue
        features.append(feature)
    return Warned((features, left_out), tuple(warnings))
