"""The model that the settings ask for, for the inputs of a dataset."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.inputs import Inputs
from trainer.errors import SettingsError
from trainer.models.reach import reach_of
from trainer.models.spec import MAX_EMBEDDED, HeteroSpec, HomogeneousSpec, ModelSpec
from trainer.registry.frameworks import FRAMEWORKS
from trainer.registry.models import MODELS
from trainer.settings.groups.model import ModelSettings


def describe_model(settings: ModelSettings, inputs: Inputs, out_channels: int) -> ModelSpec:
    """The framework's own model for one vertex type with features and one relation, else one with encoders.

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
    _require_several_types(settings)
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


def _require_several_types(settings: ModelSettings) -> None:
    only = "takes one vertex type with features and one relation, and this graph has others"
    reason = FRAMEWORKS[settings.framework].one_type
    if reason is not None:
        able = [name for name, framework in FRAMEWORKS.items() if framework.one_type is None]
        raise SettingsError(f"FRAMEWORK={settings.framework!r} {only}: {reason}; use {' or '.join(able)}.")
    if MODELS[settings.model_type].relation is None:
        able = [name for name, kind in MODELS.items() if kind.relation is not None]
        raise SettingsError(f"MODEL_TYPE={settings.model_type!r} {only}; use one of {', '.join(able)}.")
