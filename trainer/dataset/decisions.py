"""What was made of a graph, for a person to read: the role of each attribute, type and relation, and why.

The rooms of the dataset return plain results and reasons; the functions here, one for each room, turn them into rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainer.dataset.edges.edge_set import EdgeSet, show_relation
from trainer.dataset.features.feature import Feature
from trainer.dataset.features.fitting import Fitted
from trainer.dataset.grouping.layout import Layout
from trainer.dataset.grouping.type_table import JudgedTable
from trainer.dataset.labels.split import Split
from trainer.dataset.labels.target import Target
from trainer.dataset.time.axis import Times
from trainer.graph.columns import NumberColumn, VectorColumn
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import HAS_NO_VALUE, EdgeTable

Role = Literal["label", "time", "split", "feature", "edge weight", "left out"]
ROLES: tuple[Role, ...] = ("label", "time", "split", "feature", "edge weight", "left out")
"""In the order in which a person reads them."""


@dataclass(frozen=True)
class AttributeDecision:
    """What became of an attribute.

    Attributes:
        type: the vertex type that has it; of an edge weight the relation, as a sentence names it.
        attribute: its name.
        role: what it is taken for.
        reason: why, or as what; to be read after the role.
        unit: of a time.
        missing: vertices or edges without a value; None where the source did not send it.
        unreadable: values that are not what the role needs and count as missing.
    """

    type: str
    attribute: str
    role: Role
    reason: str
    unit: str | None = None
    missing: int | None = None
    unreadable: int = 0


@dataclass(frozen=True)
class TypeDecision:
    """What became of vertex collections.

    Attributes:
        name: the vertex type that they are.
        collections: in order of name.
        role: whether its vertices are predicted, only seen, or not even that.
        reason: why they are one type, or left out.
        vertices: how many there are.
    """

    name: str
    collections: tuple[str, ...]
    role: Literal["predicted", "context", "left out"]
    reason: str
    vertices: int


@dataclass(frozen=True)
class RelationDecision:
    """What became of edge collections.

    Attributes:
        source: the vertex type that the edges come from.
        name: the relation.
        target: the vertex type that they lead to.
        collections: in order of name.
        reason: why they are one relation, or why it was added.
        edges: how many carry messages.
        dropped: how many were left out because they may carry the future into the past.
    """

    source: str
    name: str
    target: str
    collections: tuple[str, ...]
    reason: str
    edges: int
    dropped: int


@dataclass(frozen=True)
class Decisions:
    """All that was made of a graph: attributes by type, role and name, edge weights last; types and relations by name."""

    attributes: tuple[AttributeDecision, ...]
    types: tuple[TypeDecision, ...]
    relations: tuple[RelationDecision, ...]


def decide(
    attributes: Iterable[AttributeDecision], types: Iterable[TypeDecision], relations: Iterable[RelationDecision]
) -> Decisions:
    """All decisions in order, out of the functions below; an attribute that one room leaves out may have a role in another."""
    rows = [*attributes]
    used = {(row.type, row.attribute) for row in rows if row.role != "left out"}
    kept = (row for row in rows if row.role != "left out" or (row.type, row.attribute) not in used)

    def place(row: AttributeDecision) -> tuple[bool, str, int, str]:
        return row.role == "edge weight", row.type, ROLES.index(row.role), row.attribute

    return Decisions(tuple(sorted(kept, key=place)), tuple(types), tuple(relations))


def label_decision(target_type: str, target: Target, is_named: bool) -> AttributeDecision:
    """The label, which TARGET names or not."""
    classes = f", {len(target.classes)} classes" if target.task == "multiclass" and target.classes else ""
    reason = "named in TARGET" if is_named else "named as labels usually are"
    missing = int((~target.labelled).sum())
    return AttributeDecision(target_type, target.name, "label", f"{reason}; {target.task}{classes}", missing=missing)


def time_decisions(times: Times, time_field: str | None) -> Iterator[AttributeDecision]:
    """The times of each type, which TIME_FIELD names or not."""
    for name, axis in times.items():
        if axis is not None:
            is_named = time_field is not None and axis.field.lower() == time_field.lower()
            reason = "named in TIME_FIELD" if is_named else "named as times usually are"
            missing, unreadable = int(axis.missing.sum()), axis.unreadable + axis.placeholders
            yield AttributeDecision(name, axis.field, "time", reason, axis.unit, missing, unreadable)
            for other in sorted(axis.fields - {axis.field}):
                yield AttributeDecision(name, other, "time", "the time of some collections", axis.unit)


def split_decisions(target_type: str, table: JudgedTable, split: Split, is_named: bool) -> Iterator[AttributeDecision]:
    """The attributes that hold a stored split, which SPLIT names or not."""
    reason = "named in SPLIT" if is_named else "named as stored splits usually are"
    for name in split.attributes:
        missing = int(table.columns[name].missing.sum())
        yield AttributeDecision(target_type, name, "split", reason, missing=missing)


def feature_decisions(fitted: Fitted, layout: Layout, are_named: bool) -> Iterator[AttributeDecision]:
    """The features of each type, and the attributes that are none; `are_named` says whether FEATURES is set."""
    for vertex_type, features in fitted.features.items():
        columns = layout.tables[vertex_type].table.columns
        for feature in features:
            reason = f"named in FEATURES; {_form(feature)}" if are_named else _form(feature)
            values = columns[feature.name]
            unreadable = values.unreadable if isinstance(values, NumberColumn) else 0
            yield AttributeDecision(
                vertex_type, feature.name, "feature", reason, missing=feature.missing, unreadable=unreadable
            )
        for name, reason in fitted.left_out[vertex_type].items():
            column = columns.get(name)
            is_numeric = isinstance(column, NumberColumn | VectorColumn)  # a database need not send the others
            missing = int(column.missing.sum()) if column is not None and is_numeric else None
            if reason == HAS_NO_VALUE:
                missing = len(layout.tables[vertex_type])
            yield AttributeDecision(vertex_type, name, "left out", reason, missing=missing)


def _form(feature: Feature) -> str:
    """What a feature holds."""
    if feature.kind == "category":
        return f"category of {len(feature.categories)} texts"
    return f"vector of {len(feature.fill)} numbers" if feature.kind == "vector" else feature.kind


def type_decisions(layout: Layout, whole: Layout, target_type: str) -> Iterator[TypeDecision]:
    """The types of the whole graph; those that are not in the layout are left out."""
    for name, merged in whole.tables.items():
        collections = merged.collections
        if name not in layout.tables:
            yield TypeDecision(name, collections, "left out", "no edges lead from there to the target", len(merged))
            continue
        default = "a collection of its own" if len(collections) == 1 else "one entity by their names and attributes"
        reason = whole.reasons.get(name) or default
        role: Literal["predicted", "context"] = "predicted" if name == target_type else "context"
        yield TypeDecision(name, collections, role, reason, len(merged))


def weight_decisions(relations: Mapping[EdgeType, Sequence[EdgeTable]], name: str) -> Iterator[AttributeDecision]:
    """EDGE_WEIGHT in each stored relation that has it."""
    for edge_type, tables in relations.items():
        if any(table.weight is not None for table in tables):
            missing = sum(len(table) if table.weight is None else int(np.isnan(table.weight).sum()) for table in tables)
            yield AttributeDecision(
                show_relation(edge_type), name, "edge weight", "named in EDGE_WEIGHT", missing=missing
            )


def relation_decisions(edges: Mapping[EdgeType, EdgeSet]) -> Iterator[RelationDecision]:
    """The relations, in order of name."""
    for (source, name, target), edge_set in edges.items():
        if edge_set.reverse_of is not None:
            reason = f"reverse of {edge_set.reverse_of[1]}, added because no edges lead back"
        elif len(edge_set.collections) > 1:
            reason = "one relation by their names and ends"
        else:
            reason = "a collection of its own" if edge_set.collections else "without edges"
        yield RelationDecision(source, name, target, edge_set.collections, reason, len(edge_set), edge_set.dropped)
