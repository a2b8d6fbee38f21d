"""A model as values: for one vertex type and one relation, or for several. Model files hold them in a plain form."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainer.graph.edge_type import EdgeType
from trainer.models.reach import Reach, reach_of
from trainer.registry.frameworks import FRAMEWORKS
from trainer.registry.models import MODELS

MAX_EMBEDDED = 10_000
"""Types without features that have more vertices get a constant instead of a vector for each to learn."""
MAX_LAYERS = 100
"""As NUM_LAYERS allows."""
_COMMON = ("hidden_channels", "num_layers", "out_channels", "dropout")


@dataclass(frozen=True, kw_only=True)
class _Common:
    """What every model has: MODEL_TYPE, its size, the attention heads of one that has them, and FRAMEWORK."""

    type: str
    hidden_channels: int
    num_layers: int
    out_channels: int
    dropout: float = 0.0
    heads: int | None = None
    framework: str = "pyg"


@dataclass(frozen=True, kw_only=True)
class HomogeneousSpec(_Common):
    """A model of one vertex type with features and one relation: the framework's own.

    Attributes:
        in_channels: width of the features.
        has_edge_feature: whether the layers take each edge's weight as its feature.
        degrees: how many targets have each in-degree, for a model that scales by it.
    """

    in_channels: int
    has_edge_feature: bool = False
    degrees: Sequence[int] | None = None

    @property
    def embedded(self) -> Mapping[str, list[str]]:
        """Without features there would be no model of this form."""
        return {}

    def notes(self) -> Iterator[str]:
        """What a reader of metrics and report should know of the framework's model, in sentences."""
        reason = FRAMEWORKS[self.framework].linear_last.get(self.type)
        if reason is not None:
            yield f"{reason}, so that a linear layer follows the last one."

    @property
    def class_name(self) -> str:
        """The class that `args` build: PyG's of the model, or the framework's of each layer."""
        classes = FRAMEWORKS[self.framework].classes
        if classes is not None:
            return classes[self.type]
        name: str = pkgutil.resolve_name(MODELS[self.type].stock).__name__
        return name

    @property
    def args(self) -> dict[str, Any]:
        """The arguments of PyG's class: names, numbers, lists, and the tensor `deg`; sizes where it is the class of a layer."""
        kind = MODELS[self.type]
        args: dict[str, Any] = {"in_channels": self.in_channels}
        args |= {name: getattr(self, name) for name in _COMMON}
        if self.has_edge_feature:
            args["edge_dim"] = 1
        if self.heads is not None:
            args["heads"] = self.heads
        framework = FRAMEWORKS[self.framework]
        if framework.classes is None:
            args |= {**kind.stock_args, **kind.layer_args}
        if framework.layers is not None:
            args["layers"] = pkgutil.resolve_name(framework.layers)(self)
        if self.degrees is not None:
            import torch

            args["deg"] = torch.tensor(self.degrees)
        return args


@dataclass(frozen=True, kw_only=True)
class HeteroSpec(_Common):
    """A model of several types: an encoder for each, a convolution per relation and layer, one head.

    Attributes:
        target_type: the type that is predicted.
        channels: width of the features of each type that can reach the target.
        embedded: by type the vertices that have a vector of their own to learn, in place of features.
        reach: the relations of each layer.
        weighted: the relations with a weight on each edge.
        left_out: the types of which nothing reaches the target.
        degrees: by relation how many targets have each in-degree, for a model that scales by it.
    """

    target_type: str
    channels: Mapping[str, int]
    embedded: Mapping[str, list[str]]
    reach: Reach
    weighted: Sequence[EdgeType] = ()
    left_out: Sequence[str] = ()
    degrees: Mapping[EdgeType, list[int]] | None = None

    @property
    def class_name(self) -> str:
        """The framework's class of each layer."""
        return FRAMEWORKS[self.framework].relations_class

    @property
    def args(self) -> dict[str, Any]:
        """Names, numbers and lists, from which a reader of the model file puts PyG's parts together."""
        args: dict[str, Any] = {
            "model_type": self.type,
            "target_type": self.target_type,
            "channels": dict(self.channels),
            "embedded": dict(self.embedded),
            "relations": [[list(edge_type) for edge_type in layer] for layer in self.reach.relations],
            "weighted": [list(edge_type) for edge_type in self.weighted],
            "left_out": list(self.left_out),
        }
        args |= {name: getattr(self, name) for name in _COMMON}
        if self.heads is not None:
            args["heads"] = self.heads
        args |= MODELS[self.type].layer_args
        if self.degrees is not None:
            args["degrees"] = {_degrees_key(edge_type): counts for edge_type, counts in self.degrees.items()}
        return args

    def notes(self) -> Iterator[str]:
        """What a reader of metrics and report should know of how the model deals with the types, in sentences."""
        relations = self.reach.relations[0]
        if MODELS[self.type].one_vertex_set and any(source != target for source, _, target in relations):
            yield (
                f"{self.type} knows one vertex set: each relation between different types is convolved as one graph over "
                "both vertex sets."
            )
        if self.embedded:
            yield f"Without features, each vertex has an embedding of its own: {', '.join(self.embedded)}."
        bare = [name for name, width in self.channels.items() if not width]
        if constant := ", ".join(name for name in bare if name not in self.embedded):
            yield f"Without features and more than {MAX_EMBEDDED} vertices, a constant stands for each: {constant}."
        targets = {target for _, _, target in relations}
        if unchanged := ", ".join(name for name in self.channels if name not in targets):
            yield f"No relation that matters leads to these types, their vertices keep their own vectors: {unchanged}."
        if self.left_out:
            names = ", ".join(self.left_out)
            yield f"Left out, for nothing of them reaches {self.target_type} within {self.num_layers} layers: {names}."


ModelSpec = HomogeneousSpec | HeteroSpec


def plain_form(spec: ModelSpec) -> dict[str, Any]:
    """The spec as a model file holds it; the framework is not named where it is PyG."""
    plain = {"type": spec.type, "class": spec.class_name, "args": spec.args}
    return plain if spec.framework == "pyg" else plain | {"framework": spec.framework}


def from_plain_form(plain: Mapping[str, Any]) -> ModelSpec:
    """The spec in a model file.

    Raises:
        KeyError: something is missing, or the model is not known here.
        ValueError: it has more layers than a model may have.
    """
    args, kind = plain["args"], MODELS[plain["type"]]
    if not 1 <= args["num_layers"] <= MAX_LAYERS:
        raise ValueError(f"num_layers is {args['num_layers']}")
    common: dict[str, Any] = {name: args[name] for name in _COMMON}
    common |= {"type": plain["type"], "framework": plain.get("framework", "pyg"), "heads": args.get("heads")}
    if plain["class"] not in {framework.relations_class for framework in FRAMEWORKS.values()}:
        degrees = args["deg"].tolist() if kind.degrees else None
        edge_feature = "edge_dim" in args
        return HomogeneousSpec(
            **common, in_channels=args["in_channels"], has_edge_feature=edge_feature, degrees=degrees
        )
    edge_types = [_edge_type(names) for names in args["relations"][0]]
    return HeteroSpec(
        **common,
        **{name: args[name] for name in ("target_type", "channels", "embedded", "left_out")},
        reach=reach_of(args["target_type"], edge_types, args["num_layers"]),
        weighted=[_edge_type(names) for names in args["weighted"]],
        degrees={each: args["degrees"][_degrees_key(each)] for each in edge_types} if kind.degrees else None,
    )


def _edge_type(names: Sequence[str]) -> EdgeType:
    source, relation, target = names
    return source, relation, target


def _degrees_key(edge_type: EdgeType) -> str:
    """The name of a relation's layer in `torch_geometric.nn.HeteroConv`."""
    return f"<{'___'.join(edge_type)}>".replace(".", "#")
