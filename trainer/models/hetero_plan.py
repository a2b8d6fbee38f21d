"""What the model of a graph with several types is made of, as plain values, and what a reader should know of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch_geometric.nn.module_dict import ModuleDict

from trainer.graph.edge_type import EdgeType
from trainer.models.reach import reach_of
from trainer.models.registry import PNA_ARGS, ModelSpec
from trainer.settings.groups.model import ModelSettings

CLASS_NAME = "HeteroConv"
MAX_EMBEDDED = 10_000
"""Types without features that have more vertices get a constant instead of a vector for each to learn."""


@dataclass(frozen=True)
class TypeShape:
    """A vertex type as far as the model depends on it; `ids` name the vertices of a type without features."""

    num_channels: int
    num_vertices: int
    ids: Sequence[str] = ()


@dataclass(frozen=True)
class RelationShape:
    """A relation as far as the model depends on it; `degrees` counts targets by in-degree, for PNA alone."""

    has_weight: bool
    degrees: Sequence[int] = ()


def hetero_args(
    settings: ModelSettings,
    target_type: str,
    out_channels: int,
    types: Mapping[str, TypeShape],
    relations: Mapping[EdgeType, RelationShape],
) -> dict[str, Any]:
    """The arguments of `HeteroNetwork` as plain values, only of what can reach the target."""
    reach = reach_of(target_type, list(relations), settings.num_layers)
    used = [kind for kind in relations if any(kind in layer for layer in reach.relations)]
    bare = {name: shape for name, shape in types.items() if name in reach.inputs and not shape.num_channels}
    args: dict[str, Any] = {
        "model_type": settings.model_type,
        "target_type": target_type,
        "channels": {name: types[name].num_channels for name in types if name in reach.inputs},
        "embedded": {name: list(shape.ids) for name, shape in bare.items() if shape.num_vertices <= MAX_EMBEDDED},
        "relations": [[list(kind) for kind in layer] for layer in reach.relations],
        "weighted": [list(kind) for kind in used if relations[kind].has_weight],
        "left_out": [name for name in types if name not in reach.inputs],
        "hidden_channels": settings.hidden_channels,
        "num_layers": settings.num_layers,
        "out_channels": out_channels,
        "dropout": settings.dropout,
    }
    if settings.model_type in ("GAT", "GATv2"):
        args["heads"] = settings.heads
    if settings.model_type == "PNA":
        args |= PNA_ARGS
        args["degrees"] = {ModuleDict.to_internal_key(kind): list(relations[kind].degrees) for kind in used}
    return args


def notes(spec: ModelSpec) -> list[str]:
    """What a reader of metrics and report should know of how the model deals with the types, in sentences."""
    if spec.class_name != CLASS_NAME:
        return []
    args = spec.args
    kinds = relations_of(args)
    found = []
    if args["model_type"] in ("GCN", "PNA") and any(source != target for source, _, target in kinds):
        found.append(
            f"{args['model_type']} knows one vertex set: each relation between different types is convolved as one "
            "graph over both vertex sets."
        )
    if args["embedded"]:
        found.append(f"Without features, each vertex has an embedding of its own: {_listed(args['embedded'])}.")
    constant = [name for name, width in args["channels"].items() if not width and name not in args["embedded"]]
    if constant:
        found.append(
            f"Without features and more than {MAX_EMBEDDED} vertices, a constant stands for each: {_listed(constant)}."
        )
    heard = {target for _, _, target in kinds}
    silent = [name for name in args["channels"] if name not in heard]
    if silent:
        found.append(
            f"No relation that matters leads to these types, their vertices keep their own vectors: {_listed(silent)}."
        )
    if args["left_out"]:
        found.append(
            f"Left out, for nothing of them reaches {args['target_type']} within {args['num_layers']} layers: "
            f"{_listed(args['left_out'])}."
        )
    return found


def relations_of(args: Mapping[str, Any]) -> list[EdgeType]:
    """All relations that the model has, in the order of the first layer, which has them all."""
    return [(source, relation, target) for source, relation, target in args["relations"][0]]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
