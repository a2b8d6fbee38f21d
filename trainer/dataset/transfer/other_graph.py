"""The inputs of another graph by the schema of the graph that was learned from, or why there are none."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trainer.dataset.attribute_names import find_name
from trainer.dataset.edges.leakage import show
from trainer.dataset.encoding import encode
from trainer.dataset.features.feature import Feature
from trainer.dataset.inputs import Inputs
from trainer.dataset.schema import Schema, TypeSchema
from trainer.dataset.time.axis import Times
from trainer.dataset.time.per_type import find_times
from trainer.dataset.transfer.matching import Match, match
from trainer.errors import DataError
from trainer.graph.columns import Column, NumberColumn, TextColumn, UnusableColumn, VectorColumn
from trainer.graph.graph import Graph, VertexTable, join_names

_HOLDS = {"number": "numbers", "boolean": "booleans", "vector": "arrays", "category": "texts"}


def differences(graph: Graph, schema: Schema) -> list[str]:
    """What a graph lacks of a schema, or has in another form: one short phrase each."""
    return list(_differences(match(graph, schema), schema))


def build_inputs(graph: Graph, schema: Schema) -> Inputs:
    """The inputs of a graph as those of the graph that was learned from.

    Raises:
        DataError: the graph does not fit; says all differences.
    """
    found = match(graph, schema)
    reasons = list(_differences(found, schema))
    warnings = graph.all_warnings()
    times: Times = {}
    if not reasons:
        times = find_times(found.layout.tables, _time_field(found, schema), warnings)
        reasons = list(_missing_times(found, times, schema))
    if reasons:
        raise DataError(f"The graph {graph.definition.name!r} does not fit the model: {'; '.join(reasons)}.")
    warnings += _filled(found, schema)
    if found.unknown:
        warnings.append(f"{join_names(found.unknown)}: the model knows nothing like it, it is left out.")
    return encode(graph, found.layout, times, schema, warnings)


def _differences(found: Match, schema: Schema) -> Iterator[str]:
    for kind in schema.types:
        merged = found.layout.tables.get(kind.name)
        if merged is None:
            yield f"no vertex collection like {join_names(kind.collections)}"
        elif len(merged):
            yield from _other_attributes(merged.table, kind)
        elif kind.name == schema.target.type:
            yield f"no vertices in {join_names(merged.collections)}"
    for relation in schema.stored:
        source, _, target = relation.edge_type
        if not relation.collections or not {source, target} <= found.layout.tables.keys():
            continue
        if relation.edge_type not in found.relations:
            yield f"no edge collection like {join_names(relation.collections)} from {source} to {target}"
        parts = found.layout.relations.get(relation.edge_type, [])
        if relation.weighted and parts and all(part.weight is None for part in parts):
            yield f"no {schema.edge_weight!r} on the edges of {show(relation.edge_type)}"


def _other_attributes(table: VertexTable, kind: TypeSchema) -> Iterator[str]:
    for feature in kind.features:
        column = table.columns.get(feature.name)
        if column is None and _may_lack(kind, feature):
            continue
        if column is None:
            yield f"no attribute {feature.name!r} in {join_names(kind.collections)}"
        elif not column.missing.all() and not _is_of_kind(column, feature):
            yield f"{feature.name!r} of {table.name} {_holds(column)} instead of {_expected(feature)}"


def _may_lack(kind: TypeSchema, feature: Feature) -> bool:
    """Whether a collection that was learned from lacked the attribute too, so that it is filled here as it was there."""
    return any(feature.name not in names for names in kind.attribute_sets)


def _filled(found: Match, schema: Schema) -> Iterator[str]:
    for kind in schema.types:
        merged = found.layout.tables[kind.name]
        for feature in kind.features:
            if len(merged) and feature.name not in merged.table.columns:
                yield f"{join_names(merged.collections)}: no attribute {feature.name!r}, it is filled as in the training."


def _is_of_kind(column: Column, feature: Feature) -> bool:
    if feature.kind == "vector":
        return isinstance(column, VectorColumn) and column.values.shape[1] == len(feature.fill)
    return isinstance(column, TextColumn if feature.kind == "category" else NumberColumn)


def _expected(feature: Feature) -> str:
    return f"arrays of {len(feature.fill)} numbers" if feature.kind == "vector" else _HOLDS[feature.kind]


def _holds(column: Column) -> str:
    if isinstance(column, UnusableColumn):
        return column.reason
    if isinstance(column, VectorColumn):
        return f"holds arrays of {column.values.shape[1]} numbers"
    return "holds texts" if isinstance(column, TextColumn) else "holds numbers"


def _time_field(found: Match, schema: Schema) -> str | None:
    """TIME_FIELD of the training where the graph has it; without it, only MESSAGES=causal is at a loss."""
    field = schema.time_field
    has_it = field and any(find_name(field, table.columns) for table in found.layout.vertex_tables().values())
    return field if has_it else None


def _missing_times(found: Match, times: Times, schema: Schema) -> Iterator[str]:
    """Times are needed to keep the future from the past."""
    if schema.messages != "causal":
        return
    for kind in schema.types:
        if kind.time_field is None or not len(found.layout.tables[kind.name]):
            continue
        time = times[kind.name]
        if time is None or np.all(time.missing):
            yield f"no time {kind.time_field!r} in {join_names(kind.collections)}"
        elif (time.unit == "ordinal") != (kind.time_unit == "ordinal"):
            yield f"running numbers in {time.field!r} on one side and dates on the other"
