"""A plain description of everything that makes the same inputs of another graph as of the one that was learned from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from trainer.dataset.attribute_names import is_time_name
from trainer.dataset.features.feature import Feature
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.edge_type import EdgeType


@dataclass(frozen=True)
class TypeSchema:
    """A vertex type.

    Attributes:
        name: the type.
        collections: the collections that it was learned from.
        attribute_sets: the different sets of attributes that these have.
        features: how the columns of `x` come about.
        time_field: the attribute that holds the time, None without.
        time_unit: s, ms, us, ns or ordinal, None without a time.
        num_vertices: how many vertices it was learned from; None in models of older versions.
        scarce_paths: features inside objects, such as `ind.rsi`, of which one of the collections has no value.
    """

    name: str
    collections: list[str]
    attribute_sets: list[list[str]]
    features: list[Feature]
    time_field: str | None = None
    time_unit: str | None = None
    num_vertices: int | None = None
    scarce_paths: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RelationSchema:
    """A relation.

    Attributes:
        edge_type: types of both ends, and its name between them.
        collections: the edge collections that it was learned from.
        reverse_of: the stored relation whose reverse it is, None for a stored one.
        weighted: whether edges bring a weight.
        num_edges: how many it was learned from; None in models of older versions.
    """

    edge_type: EdgeType
    collections: list[str]
    reverse_of: EdgeType | None = None
    weighted: bool = False
    num_edges: int | None = None


@dataclass(frozen=True)
class TargetSchema:
    """What the model's outputs mean.

    Attributes:
        type: the vertex type that is predicted.
        name: the attribute.
        task: binary, multiclass or regression.
        classes: the labels in order; a single output is the logit of the second one.
        mean: of regression labels, which a model learns without it.
        scale: of regression labels, as `mean`.
        positive_class: the one of two classes that measures are about; older models have none and mean the second.
        missing: TARGET_MISSING, the values that mean no label.
        num_without_incoming: how many vertices of the training have no incoming edge from another one; None in models of
            older versions.
    """

    type: str
    name: str
    task: str
    classes: list[Any] | None
    mean: float
    scale: float
    positive_class: Any = None
    missing: list[str] = field(default_factory=list)
    num_without_incoming: int | None = None

    @property
    def positive(self) -> int | None:
        """The index of the positive one of two classes; None without classes or with more."""
        if self.classes is None or len(self.classes) != 2:
            return None
        return 1 if self.positive_class is None else self.classes.index(self.positive_class)


@dataclass(frozen=True)
class Schema:
    """Everything that turns a graph into the inputs of a model.

    Attributes:
        types: the vertex types, in order of name.
        relations: the relations, in order of name.
        target: what is predicted.
        messages: as_stored or causal.
        edge_weight: the attribute of the edges that is their weight.
        time_field: the attribute that the settings name as the time.
        graph_names: the graphs that it was learned from.
        left_out: the vertex collections of these that nothing connects to the target.
    """

    types: list[TypeSchema]
    relations: list[RelationSchema]
    target: TargetSchema
    messages: str = "as_stored"
    edge_weight: str | None = None
    time_field: str | None = None
    graph_names: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def stored(self) -> list[RelationSchema]:
        """The relations that graphs hold, without the reverse ones."""
        return [relation for relation in self.relations if relation.reverse_of is None]

    def attribute_filter(self) -> AttributeFilter:
        """Which attributes of another graph its inputs need, and its labels where it has some."""
        named = {self.target.name}
        named |= {feature.name for vertex_type in self.types for feature in vertex_type.features}
        named |= {vertex_type.time_field for vertex_type in self.types if vertex_type.time_field is not None}
        return AttributeFilter(
            named=frozenset(name.lower() for name in named),
            usual=is_time_name,
            all_numeric=False,
            needs_all_names=False,
            edge_weight=self.edge_weight,
            paths=tuple(sorted(name for name in named if "." in name)),
        )

    def describe(self) -> dict[str, Any]:
        """Plain values, from which `from_plain` makes the schema again."""
        return asdict(self)

    @staticmethod
    def from_plain(plain: dict[str, Any]) -> Schema:
        """The schema that `describe` described; tuples may have become lists."""
        types = [
            TypeSchema(**vertex_type | {"features": [Feature(**feature) for feature in vertex_type["features"]]})
            for vertex_type in plain["types"]
        ]
        relations = [
            RelationSchema(
                **relation
                | {
                    "edge_type": tuple(relation["edge_type"]),
                    "reverse_of": tuple(relation["reverse_of"]) if relation["reverse_of"] else None,
                }
            )
            for relation in plain["relations"]
        ]
        return Schema(**plain | {"types": types, "relations": relations, "target": TargetSchema(**plain["target"])})
