"""A graph as a dataset: inputs, labels and parts as arrays, and the schema that makes the same of other graphs.

No torch here, so that a graph that cannot be learned from is refused before torch is loaded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.decisions import (
    AttributeDecision,
    Decisions,
    decide,
    feature_decisions,
    label_decision,
    relation_decisions,
    split_decisions,
    time_decisions,
    type_decisions,
    weight_decisions,
)
from trainer.dataset.edges.building import require_weights
from trainer.dataset.encoding import describe_layout, encode, with_counts
from trainer.dataset.features.fitting import fit_features, rows_to_fit_on
from trainer.dataset.features.selection import require_features_within, select_features
from trainer.dataset.grouping.layout import graph_of_rows, lay_out, left_out, with_one_relation
from trainer.dataset.grouping.type_table import TypeTable
from trainer.dataset.inputs import Inputs
from trainer.dataset.labels.part_warnings import part_warnings
from trainer.dataset.labels.series import Series, find_series
from trainer.dataset.labels.split import Split
from trainer.dataset.labels.split_by_graph import split_by_graph
from trainer.dataset.labels.splitting import find_stored_split, make_split
from trainer.dataset.labels.target import Target, find_target
from trainer.dataset.labels.target_type import find_target_type
from trainer.dataset.schema import Schema, TargetSchema
from trainer.dataset.time.axis import TimeAxis
from trainer.dataset.time.per_type import find_times
from trainer.dataset.unused_settings import unused_settings
from trainer.dataset.warned import Warned
from trainer.errors import DataError
from trainer.graph.graph import Graph, join_names
from trainer.settings.groups.data import DataSettings
from trainer.settings.groups.sampling import SamplingSettings
from trainer.settings.groups.split import SplitSettings
from trainer.settings.groups.training import TrainingSettings


@dataclass(frozen=True)
class Dataset:
    """What a model learns from; rows of `y`, `target` and `split` are those of the target type.

    Attributes:
        inputs: what a model sees.
        y: float32 of shape [vertices], int64 for several classes.
        target: the labels as they are stored.
        target_mean: subtracted from regression labels to make `y`; 0 for classes.
        target_scale: regression labels were divided by it to make `y`; 1 for classes.
        split: the part of each vertex.
        schema: what makes the same inputs of another graph.
        decisions: what was made of the graph, for a person.
        series: which vertices of the target type follow one another in time.
    """

    inputs: Inputs
    y: NDArray[Any]
    target: Target
    target_mean: float
    target_scale: float
    split: Split
    schema: Schema
    decisions: Decisions
    series: Series


def build_dataset(
    graph: Graph,
    data: DataSettings,
    training: TrainingSettings,
    split: SplitSettings,
    sampling: SamplingSettings,
    model_type: str,
) -> Dataset:
    """Make a graph ready to learn from.

    Args:
        graph: what the source has read.
        data: what of it is learned from, and what is predicted.
        training: the task, what has to fit it, and the seed.
        split: how the labelled vertices are divided.
        sampling: the batches, to warn of what has no effect.
        model_type: the model, which may take no edge weights.

    Raises:
        DataError: the graph has no vertices, or its labels, attributes, times or edges do not serve.
        SettingsError: LOSS_FN does not fit the labels.
    """
    whole, type_warnings = lay_out(graph, data.target_collection)
    _require_vertices(graph)
    target_type, table = find_target_type(whole.tables, data.target, data.target_collection)
    target, target_warnings = find_target(data, training, table)
    layout = with_one_relation(whole.connected_to(target_type), graph)
    unconnected, unconnected_warnings = left_out(layout, whole)
    require_features_within(layout, whole, data.features)
    if data.edge_weight is not None:
        require_weights(layout.relations, data.edge_weight, model_type)
    labelled = layout.tables[target_type]
    stored, stored_warnings = find_stored_split(split, labelled.table, target)
    is_divided_in_time = stored is None and split.split in ("auto", "temporal")
    times, time_warnings = find_times(layout.tables, data.time_field, target_type if is_divided_in_time else None)
    time = times[target_type]
    parts, split_warnings = _split(split, training.seed, graph, labelled, target, time, stored)
    rows = rows_to_fit_on(graph, layout, target_type, parts, times)
    selection = select_features(data, layout.vertex_tables(), target_type, target.name, parts.attributes, times)
    fitted, feature_warnings = fit_features(data, selection, layout, target_type, times, rows)
    mean, scale = _target_scale(target, parts.mask("train"))
    schema = describe_layout(
        layout,
        fitted.features,
        times,
        data,
        graph.names,
        TargetSchema(
            target_type,
            target.name,
            target.task,
            target.classes,
            mean,
            scale,
            target.positive_class,
            list(data.target_missing),
        ),
        unconnected,
    )
    warnings = [
        *graph.all_warnings(),
        *type_warnings,
        *target_warnings,
        *unconnected_warnings,
        *time_warnings,
        *stored_warnings,
        *split_warnings,
        *part_warnings(parts, target),
        *unused_settings(sampling, split.embargo, parts, time, graph_of_rows(graph, labelled)),
        *feature_warnings,
    ]
    inputs = encode(graph, layout, times, schema, warnings, target.labelled)
    schema = with_counts(schema, inputs)

    def attributes() -> Iterator[AttributeDecision]:
        yield label_decision(target_type, target, data.target is not None)
        yield from time_decisions(times, data.time_field)
        yield from split_decisions(target_type, labelled.table, parts, bool(split.stored_names))
        yield from feature_decisions(fitted, layout, bool(data.features))
        if data.edge_weight is not None:
            yield from weight_decisions(layout.relations, data.edge_weight)

    decisions = decide(attributes(), type_decisions(layout, whole, target_type), relation_decisions(inputs.edges))
    series = find_series(labelled, target.name)
    return Dataset(inputs, _scaled(target, mean, scale), target, mean, scale, parts, schema, decisions, series)


def _require_vertices(graph: Graph) -> None:
    if graph.num_vertices:
        return
    names = join_names(graph.vertices)
    if len(graph.vertices) == 1:
        raise DataError(
            f"The collection {names} of the graph {graph.definition.name!r} is empty; there is nothing to learn from."
        )
    raise DataError(
        f"The vertex collections of the graph {graph.definition.name!r} are empty ({names}); there is nothing to learn from."
    )


def _split(
    settings: SplitSettings,
    seed: int,
    graph: Graph,
    labelled: TypeTable,
    target: Target,
    time: TimeAxis | None,
    stored: Split | None,
) -> Warned[Split]:
    if settings.split == "graph" and len(graph.definitions) > 1:
        return Warned(split_by_graph(settings, graph, labelled, target, time))
    return make_split(settings, seed, labelled.table, target, time, stored)


def _scaled(target: Target, mean: float, scale: float) -> NDArray[Any]:
    if target.task == "regression":
        return ((target.y - mean) / scale).astype(np.float32)
    return target.y.astype(np.float32) if target.task == "binary" else target.y


def _target_scale(target: Target, train: NDArray[np.bool_]) -> tuple[float, float]:
    """Mean and standard deviation of regression labels in training, so that any unit learns equally well."""
    if target.task != "regression":
        return 0.0, 1.0
    known = target.y[train]
    with np.errstate(over="ignore"):
        deviation = float(known.std())
    if not math.isfinite(deviation):
        raise DataError(f"TARGET={target.name!r} holds numbers too large to learn from; use another unit.")
    if deviation <= 1e-12 * abs(float(known.mean())):
        raise DataError(f"All labels of {target.name!r} in the training part are equal; there is nothing to learn.")
    return float(known.mean()), deviation
