"""The model that the settings ask for, for the inputs of a dataset."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.inputs import Inputs
from trainer.errors import SettingsError
from trainer.graph.graph import join_names
from trainer.models.reach import reach_of
from trainer.models.spec import MAX_EMBEDDED, HeteroSpec, HomogeneousSpec, ModelSpec
from trainer.registry.frameworks import FRAMEWORKS
from trainer.registry.models import MODELS
from trainer.settings.groups.model import ModelSettings


def describe_model(
    settings: ModelSettings, inputs: Inputs, out_channels: int, frameworks: Collection[str] | None = None
) -> ModelSpec:
    """The framework's own model for one vertex type with features and one relation, else one with encoders.

    Args:
        settings: of the model.
        inputs: what it sees.
        out_channels: what it says of each vertex.
        frameworks: those that can do what all settings ask for, to be named where FRAMEWORK takes one vertex type only;
            None for all that are known.

    Raises:
        SettingsError: the model or the framework takes one vertex type only.
    """
    common: dict[str, Any] = {
        "type": settings.model_type,
        "framework": settings.framework,
        "hidden_channels": settings.hidden_channels,
        "num_layers": settings.num_layers,
        "out_channels": out_channels,
        "dropout": settings.dropout,
        "heads": settings.heads if MODELS[settings.model_type].heads else None,
    }
    if inputs.is_homogeneous and inputs.x.shape[1]:
        return _homogeneous(inputs, common)
    _require_several_types(settings, inputs, FRAMEWORKS if frameworks is None else frameworks)
    return _heterogeneous(inputs, common)


def _homogeneous(inputs: Inputs, common: dict[str, Any]) -> HomogeneousSpec:
    kind = MODELS[common["type"]]
    (edges,) = inputs.edges.values()
    num_vertices, in_channels = inputs.x.shape
    return HomogeneousSpec(
        **common,
        in_channels=in_channels,
        has_edge_feature=kind.edge_weight == "feature" and edges.weight is not None,
        degrees=count_in_degrees(edges.index, num_vertices) if kind.degrees else None,
    )


def _heterogeneous(inputs: Inputs, common: dict[str, Any]) -> HeteroSpec:
    """Only of what can reach the target."""
    reach = reach_of(inputs.target_type, list(inputs.edges), common["num_layers"])
    used = {edge_type: edges for edge_type, edges in inputs.edges.items() if edge_type in reach.relations[0]}
    reaching = {name: vertices for name, vertices in inputs.vertices.items() if name in reach.inputs}
    channels = {name: vertices.x.shape[1] for name, vertices in reaching.items()}
    degrees = None
    if MODELS[common["type"]].degrees:
        degrees = {each: count_in_degrees(edges.index, len(inputs.vertices[each[2]])) for each, edges in used.items()}
    return HeteroSpec(
        **common,
        target_type=inputs.target_type,
        channels=channels,
        embedded={
            name: vertices.ids()
            for name, vertices in reaching.items()
            if not channels[name] and len(vertices) <= MAX_EMBEDDED
        },
        reach=reach,
        weighted=[edge_type for edge_type, edges in used.items() if edges.weight is not None],
        left_out=[name for name in inputs.vertices if name not in reach.inputs],
        degrees=degrees,
    )


def count_in_degrees(edge_index: NDArray[np.int64], num_targets: int) -> list[int]:
    """How many targets have each in-degree, from 0 on; PNA scales by it."""
    if not edge_index.shape[1]:  # PNA would divide by the mean degree
        return [0, max(num_targets, 1)]
    counts: list[int] = np.bincount(np.bincount(edge_index[1], minlength=num_targets)).tolist()
    return counts


def _require_several_types(settings: ModelSettings, inputs: Inputs, frameworks: Collection[str]) -> None:
    kind, framework = MODELS[settings.model_type], FRAMEWORKS[settings.framework]
    only = f"takes one vertex type with features and one relation, and this graph has {_types_and_relations(inputs)}"
    if framework.one_type is not None:
        able = [f"FRAMEWORK={name}" for name in frameworks if FRAMEWORKS[name].one_type is None]
        way_out = f"set {' or '.join(able)}" if able else "use a graph of one vertex type"
        raise SettingsError(f"FRAMEWORK={settings.framework!r} {only}: {framework.one_type}; {way_out}.")
    if kind.relation is None:
        able = [name for name in framework.models if MODELS[name].relation is not None]
        raise SettingsError(f"MODEL_TYPE={settings.model_type!r} {only}; use one of {', '.join(able)}.")


def _types_and_relations(inputs: Inputs) -> str:
    if inputs.is_homogeneous:
        return "no feature for its vertices"
    types, relations = len(inputs.vertices), len(inputs.edges)
    return f"{types} vertex type{'s' * (types != 1)} ({join_names(inputs.vertices)}) and {relations} relation{'s' * (relations != 1)}"
