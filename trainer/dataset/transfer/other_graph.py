"""The inputs of another graph by the schema of the graph that was learned from, or why there are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from trainer.dataset.attribute_names import find_name
from trainer.dataset.edges.edge_set import show_relation
from trainer.dataset.encoding import encode
from trainer.dataset.features.feature import Feature
from trainer.dataset.grouping.type_table import JudgedTable
from trainer.dataset.inputs import Inputs
from trainer.dataset.schema import Schema, TypeSchema
from trainer.dataset.time.axis import Times
from trainer.dataset.time.per_type import find_times
from trainer.dataset.transfer.degradation import degradation_warnings
from trainer.dataset.transfer.matching import Match, match_schema
from trainer.errors import DataError
from trainer.graph.columns import Column, NumberColumn, TextColumn, UnusableColumn, VectorColumn
from trainer.graph.graph import Graph, join_names

_VALUES = {"number": "numbers", "boolean": "booleans", "vector": "arrays", "category": "texts"}


def build_inputs(graph: Graph, schema: Schema) -> Inputs:
    """The inputs of a graph as those of the graph that was learned from.

    Raises:
        DataError: the graph does not fit; names all differences.
    """
    match = match_schema(graph, schema)
    _require_fit(graph, _differences(match, schema))
    times, time_warnings = find_times(match.layout.tables, _time_field(match, schema))
    _require_fit(graph, _missing_times(match, times, schema))
    warnings = [*graph.all_warnings(), *time_warnings, *_filled(match, schema)]
    if match.unknown:
        warnings.append(f"{join_names(match.unknown)}: the model knows nothing like it, it is left out.")
    inputs = encode(graph, match.layout, times, schema, warnings)
    return replace(inputs, warnings=[*inputs.warnings, *degradation_warnings(match.layout.tables, inputs, schema)])


def _require_fit(graph: Graph, differences: Iterable[str]) -> None:
    if listed := "; ".join(differences):
        raise DataError(f"The graph {graph.definition.name!r} does not fit the model: {listed}.")


def _differences(match: Match, schema: Schema) -> Iterator[str]:
    """What a graph lacks of a schema, or has in another form: one short phrase each."""
    for vertex_type in schema.types:
        merged = match.layout.tables.get(vertex_type.name)
        if merged is None:
            yield f"no vertex collection like {join_names(vertex_type.collections)}"
        elif len(merged):
            yield from _attribute_differences(merged.table, vertex_type)
        elif vertex_type.name == schema.target.type:
            yield f"no vertices in {join_names(merged.collections)}"
    for relation in schema.stored:
        source, _, target = relation.edge_type
        if not relation.collections or not {source, target} <= match.layout.tables.keys():
            continue
        if relation.edge_type not in match.relations:
            yield f"no edge collection like {join_names(relation.collections)} from {source} to {target}"
        parts = match.layout.relations.get(relation.edge_type, [])
        if relation.weighted and parts and all(part.weight is None for part in parts):
            yield f"no {schema.edge_weight!r} on the edges of {show_relation(relation.edge_type)}"


def _attribute_differences(table: JudgedTable, vertex_type: TypeSchema) -> Iterator[str]:
    for feature in vertex_type.features:
        column = table.columns.get(feature.name)
        if column is None and not _may_lack(vertex_type, feature):
            yield f"no attribute {feature.name!r} in {join_names(vertex_type.collections)}"
        elif column is not None and not column.missing.all() and not _fits(column, feature):
            yield f"{feature.name!r} of {table.name} {_holds(column)} instead of {_expected(feature)}"


def _may_lack(vertex_type: TypeSchema, feature: Feature) -> bool:
    """Whether a collection that was learned from lacked the attribute too, so that it is filled here as it was there."""
    lacking = [feature.name not in names for names in vertex_type.attribute_sets]
    return feature.name in vertex_type.scarce_paths if all(lacking) else any(lacking)


def _filled(match: Match, schema: Schema) -> Iterator[str]:
    for vertex_type in schema.types:
        merged = match.layout.tables[vertex_type.name]
        for feature in vertex_type.features:
            if len(merged) and feature.name not in merged.table.columns:
                yield f"{join_names(merged.collections)}: no attribute {feature.name!r}, it is filled as in the training."


def _fits(column: Column, feature: Feature) -> bool:
    if feature.kind == "vector":
        return isinstance(column, VectorColumn) and column.values.shape[1] == len(feature.fill)
    return isinstance(column, TextColumn if feature.kind == "category" else NumberColumn)


def _expected(feature: Feature) -> str:
    return f"arrays of {len(feature.fill)} numbers" if feature.kind == "vector" else _VALUES[feature.kind]


def _holds(column: Column) -> str:
    if isinstance(column, UnusableColumn):
        return column.reason
    if isinstance(column, VectorColumn):
        return f"holds arrays of {column.values.shape[1]} numbers"
    return "holds texts" if isinstance(column, TextColumn) else "holds numbers"


def _time_field(match: Match, schema: Schema) -> str | None:
    """TIME_FIELD of the training if the graph has it; only MESSAGES=causal cannot do without."""
    field = schema.time_field
    has_field = field and any(find_name(field, table.columns) for table in match.layout.vertex_tables().values())
    return field if has_field else None


def _missing_times(match: Match, times: Times, schema: Schema) -> Iterator[str]:
    """Where MESSAGES=causal needs times that the graph has not, or not in a comparable form."""
    if schema.messages != "causal":
        return
    for vertex_type in schema.types:
        if vertex_type.time_field is None or not len(match.layout.tables[vertex_type.name]):
            continue
        time = times[vertex_type.name]
        if time is None or np.all(time.missing):
            yield f"no time {vertex_type.time_field!r} in {join_names(vertex_type.collections)}"
        elif (time.unit == "ordinal") != (vertex_type.time_unit == "ordinal"):
            yield f"running numbers in {time.field!r} on one side and dates on the other"
