"""A graph as a dataset: inputs, labels and parts as arrays, and the schema that makes the same of other graphs.

No torch here, so that a graph that cannot be learned from is refused before torch is loaded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.edge_set import EdgeSet, EdgeType
from trainer.dataset.features import Feature, choose_features, fit_features
from trainer.dataset.inputs import Inputs
from trainer.dataset.schema import RelationSchema, Schema, TargetSchema, TypeSchema
from trainer.dataset.split import Split, make_split
from trainer.dataset.target import Target, find_target
from trainer.dataset.time_axis import TimeAxis, find_time
from trainer.dataset.vertex_set import VertexSet
from trainer.errors import DataError
from trainer.graph.graph import Graph, VertexTable, join_names
from trainer.settings import Settings


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
    """

    inputs: Inputs
    y: NDArray[Any]
    target: Target
    target_mean: float
    target_scale: float
    split: Split
    schema: Schema

    @property
    def vertices(self) -> dict[str, VertexSet]:
        """The vertices of each type."""
        return self.inputs.vertices

    @property
    def edges(self) -> dict[EdgeType, EdgeSet]:
        """The edges of each relation."""
        return self.inputs.edges

    @property
    def target_type(self) -> str:
        """The type whose vertices are predicted."""
        return self.inputs.target_type

    @property
    def graph_of_row(self) -> NDArray[np.int32] | None:
        """Which of several graphs a vertex of the target type belongs to; None for one graph."""
        return self.inputs.graph_of_row

    @property
    def warnings(self) -> list[str]:
        """What a reader of the report should know."""
        return self.inputs.warnings

    @property
    def is_homogeneous(self) -> bool:
        """Whether there is one vertex type and one relation."""
        return self.inputs.is_homogeneous

    @property
    def x(self) -> NDArray[np.float32]:
        """Inputs of the target type, float32 of shape [vertices, channels]."""
        return self.inputs.x

    @property
    def features(self) -> list[Feature]:
        """The features of the target type."""
        return self.inputs.features

    @property
    def time(self) -> TimeAxis | None:
        """The times of the target type."""
        return self.inputs.time

    @property
    def edge_index(self) -> NDArray[np.int64]:
        """The edges of a homogeneous graph, int64 of shape [2, edges]."""
        return self.inputs.edge_index


def build_dataset(graph: Graph, settings: Settings) -> Dataset:
    """Make a graph with one vertex collection ready to learn from.

    Raises:
        DataError: the graph has no vertices or several vertex collections, or its labels or attributes do not serve.
        SettingsError: LOSS_FN does not fit the labels.
    """
    table = _only_table(graph)
    warnings = list(graph.warnings)
    warnings += [
        f"{count} edges of {name} are dangling and were dropped." for name, count in graph.dangling.items() if count
    ]
    target = find_target(settings, table, warnings)
    time = find_time(table, settings.time_field)
    split = make_split(settings, table, target, time, warnings)
    train = split.mask("train")
    _warn_of_absent_classes(target, train, warnings)
    names = choose_features(settings, table, target.name, warnings)
    if not settings.features and time is not None and time.field in names:
        names.remove(time.field)
    features = fit_features(settings, table, names, train, warnings)
    mean, scale = _target_scale(target, train)
    x = np.concatenate([_encode(feature, table) for feature in features], axis=1)
    y = ((target.y - mean) / scale).astype(np.float32) if target.task == "regression" else target.y
    if target.task == "binary":
        y = y.astype(np.float32)
    name = table.name
    collection = np.zeros(len(table), dtype=np.int32)
    vertices = {name: VertexSet(name, (name,), table.keys, collection, x, features, time)}
    edge_names = tuple(sorted({edge_table.name for edge_table in graph.edges}))
    edge_type = (name, edge_names[0] if len(edge_names) == 1 else "edges", name)
    inputs = Inputs(vertices, {edge_type: EdgeSet(edge_names, _edge_index(graph))}, name, None, warnings)
    schema = Schema(
        types=[TypeSchema(name, [name], [table.attributes], features, time and time.field, time and time.unit)],
        relations=[RelationSchema(edge_type, list(edge_names))],
        target=TargetSchema(name, target.name, target.task, target.classes, mean, scale),
        messages=settings.messages,
        edge_weight=settings.edge_weight,
        time_field=settings.time_field,
        graph_names=settings.graph_names,
    )
    return Dataset(inputs, y, target, mean, scale, split, schema)


def _only_table(graph: Graph) -> VertexTable:
    if len(graph.vertices) != 1:
        raise DataError(
            f"The graph {graph.definition.name!r} has {len(graph.vertices)} vertex collections ({join_names(graph.vertices)}); "
            "choose a graph with one."
        )
    table = next(iter(graph.vertices.values()))
    if len(table) == 0:
        raise DataError(
            f"The collection {table.name} of the graph {graph.definition.name!r} is empty; there is nothing to learn from."
        )
    return table


def _edge_index(graph: Graph) -> NDArray[np.int64]:
    if len(graph.edges) == 1:
        return graph.edges[0].index
    return np.concatenate([np.empty((2, 0), dtype=np.int64), *(table.index for table in graph.edges)], axis=1)


def _encode(feature: Feature, table: VertexTable) -> NDArray[Any]:
    columns = feature.encode(table.columns[feature.name])
    if not np.isfinite(columns).all():
        raise DataError(f"{feature.name!r} holds numbers too large for float32; leave it out or scale it beforehand.")
    return columns


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


def _warn_of_absent_classes(target: Target, train: NDArray[np.bool_], warnings: list[str]) -> None:
    if target.classes is None:
        return
    seen = set(np.unique(target.y[train]).tolist())
    absent = [label for place, label in enumerate(target.classes) if place not in seen]
    if absent:
        warnings.append(
            f"The training part has no vertex of class {join_names(map(str, absent))}; it cannot be learned."
        )
