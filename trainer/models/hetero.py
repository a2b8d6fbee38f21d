"""The model of a graph with several types: an encoder per type, a convolution per relation and layer, one head.

Its `state_dict` is that of PyG parts put together in the plain way: `encoders` and `lin` are torch's own, `convs` is a
list of PyG's `HeteroConv`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch_geometric.nn import HeteroConv
from torch_geometric.nn.module_dict import ModuleDict

from trainer.models.layers import LayerEdges, Vectors
from trainer.models.reach import EdgeType, Reach, reach_of
from trainer.models.registry import PNA_ARGS, ModelSpec
from trainer.models.relation import make_conv
from trainer.settings import Settings

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
    settings: Settings,
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


class HeteroNetwork(torch.nn.Module):
    """Encoders, then layers of one convolution per relation, their results summed, then a linear head.

    A type that no relation of a layer leads to keeps its vectors.
    """

    def __init__(self, **args: Any) -> None:
        """Fresh weights; `args` are those of `hetero_args`."""
        super().__init__()
        width: int = args["hidden_channels"]
        self.reach: Reach = reach_of(args["target_type"], _relations(args), args["num_layers"])
        self.target_type: str = args["target_type"]
        self.dropout: float = args["dropout"]
        self.encoders = ModuleDict(
            {
                name: torch.nn.Embedding(max(len(args["embedded"][name]), 1), width)
                if name in args["embedded"]
                else torch.nn.Linear(max(channels, 1), width)
                for name, channels in args["channels"].items()
            }
        )
        with warnings.catch_warnings():  # types that are no destination keep their vectors, see `layer`
            warnings.simplefilter("ignore", category=UserWarning)
            self.convs = torch.nn.ModuleList(
                HeteroConv({kind: make_conv(args, kind) for kind in layer}) for layer in self.reach.relations
            )
        self.lin = torch.nn.Linear(width, args["out_channels"])

    @property
    def module(self) -> torch.nn.Module:
        """The model itself holds the weights."""
        return self

    def encode(self, inputs: Mapping[str, Tensor]) -> Vectors:
        """A vector of hidden width for each vertex.

        Args:
            inputs: float [vertices, channels] by type, ones [vertices, 1] for a constant; of an embedded type int64
                [vertices], its rows of the embedding, -1 for a vertex that was not there in training.
        """
        return {name: self._encode(self.encoders[name], x) for name, x in inputs.items() if name in self.reach.inputs}

    def layer(self, place: int, vectors: Mapping[str, Tensor], edges: LayerEdges) -> Vectors:
        """The vectors after a layer."""
        convs: ModuleDict = self.convs.get_submodule(f"{place}.convs")
        heard: Vectors = {}
        for kind in self.reach.relations[place]:
            source, _, target = kind
            if target not in edges.num_targets:
                continue
            own = vectors[target]
            x = own if source == target else (vectors[source], own[: edges.num_targets[target]])
            found = convs[kind](x, edges.adjacencies[kind])
            heard[target] = heard[target] + found if target in heard else found
        return {
            name: F.dropout(heard[name].relu(), self.dropout, self.training)
            if name in heard
            else vectors[name][:number]
            for name, number in edges.num_targets.items()
            if name in self.reach.types[place]
        }

    def head(self, vectors: Tensor) -> Tensor:
        """Outputs out of the target's vectors."""
        outputs: Tensor = self.lin(vectors)
        return outputs

    def _encode(self, encoder: torch.nn.Module, x: Tensor) -> Tensor:
        if isinstance(encoder, torch.nn.Linear):
            vectors: Tensor = encoder(x)
            return vectors.relu()
        assert isinstance(encoder, torch.nn.Embedding)
        known = x >= 0
        if bool(known.all()):
            return F.embedding(x, encoder.weight)
        return torch.where(known[:, None], F.embedding(x.clamp(min=0), encoder.weight), encoder.weight.mean(dim=0))


def notes(spec: ModelSpec) -> list[str]:
    """What a reader of metrics and report should know of how the model deals with the types, in sentences."""
    if spec.class_name != CLASS_NAME:
        return []
    args = spec.args
    kinds = _relations(args)
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


def _relations(args: Mapping[str, Any]) -> list[EdgeType]:
    """All relations that the model has, in the order of the first layer, which has them all."""
    return [(source, relation, target) for source, relation, target in args["relations"][0]]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
