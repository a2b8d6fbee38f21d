"""A graph as a dataset: inputs, labels and parts as arrays, and the schema that makes the same of other graphs.

No torch here, so that a graph that cannot be learned from is refused before torch is loaded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.edge_building import require_weights
from trainer.dataset.edge_set import EdgeSet
from trainer.dataset.encoding import describe_layout, encode
from trainer.dataset.features.choice import require_features_within
from trainer.dataset.features.fitting import Feature
from trainer.dataset.features.learning import learn_features, rows_to_learn_from
from trainer.dataset.grouping.layout import graph_of_rows, homes_of, lay_out, warn_of_left_out, with_one_relation
from trainer.dataset.grouping.merging import TypeTable
from trainer.dataset.inputs import Inputs
from trainer.dataset.labels.graph_split import split_by_graph
from trainer.dataset.labels.holders import count_labelled, find_labels
from trainer.dataset.labels.split import Split, make_split
from trainer.dataset.labels.target import Target
from trainer.dataset.schemas import Schema, TargetSchema
from trainer.dataset.time.axis import TimeAxis
from trainer.dataset.time.of_types import find_times
from trainer.dataset.unused import unused_settings
from trainer.dataset.vertex_set import VertexSet
from trainer.errors import DataError
from trainer.graph.edge_type import EdgeType
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
    warnings = graph.all_warnings()
    whole = lay_out(graph, data.target_collection)
    _require_vertices(graph)
    target_type, target = find_labels(data, training, whole.tables, warnings)
    layout = with_one_relation(whole.around(target_type), graph)
    left_out = warn_of_left_out(layout, whole, warnings)
    require_features_within(layout, whole, data.features)
    if data.edge_weight is not None:
        require_weights(layout.relations, data.edge_weight, model_type)
    times = find_times(layout.tables, data.time_field, warnings)
    labelled = layout.tables[target_type]
    parts = _split(split, training.seed, graph, labelled, target, times[target_type], warnings)
    _warn_of_absent_classes(target, parts.mask("train"), warnings)
    warnings += unused_settings(sampling, split.embargo, parts, times[target_type], graph_of_rows(graph, labelled))
    seen = rows_to_learn_from(graph, layout, target_type, parts, times)
    features = learn_features(data, split, layout, target_type, target.name, times, seen, warnings)
    mean, scale = _target_scale(target, parts.mask("train"))
    schema = describe_layout(
        layout,
        features,
        times,
        data,
        graph.names,
        TargetSchema(target_type, target.name, target.task, target.classes, mean, scale),
        left_out,
    )
    inputs = encode(graph, layout, times, schema, warnings)
    return Dataset(inputs, _scaled(target, mean, scale), target, mean, scale, parts, schema)


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
    warnings: list[str],
) -> Split:
    graphs = graph_of_rows(graph, labelled)
    if settings.split == "graph" and graphs is not None:
        counts = count_labelled(labelled, target)
        return split_by_graph(settings, graph.names, target, time, graphs, counts, homes_of(graph, labelled))
    return make_split(settings, seed, labelled.table, target, time, warnings)


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


def _warn_of_absent_classes(target: Target, train: NDArray[np.bool_], warnings: list[str]) -> None:
    if target.classes is None:
        return
    seen = set(np.unique(target.y[train]).tolist())
    absent = [label for place, label in enumerate(target.classes) if place not in seen]
    if absent:
        warnings.append(
            f"The training part has no vertex of class {join_names(map(str, absent))}; it cannot be learned."
        )
