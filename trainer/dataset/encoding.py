"""From types and relations to arrays by a schema, in training and later alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.edges.building import build_edges, reverses_of
from trainer.dataset.edges.incoming import incoming_warnings, without_incoming
from trainer.dataset.edges.leakage import leakage_warnings
from trainer.dataset.features.feature import Feature
from trainer.dataset.grouping.layout import Layout, graph_of_rows
from trainer.dataset.grouping.type_table import TypeTable
from trainer.dataset.inputs import Inputs
from trainer.dataset.schema import RelationSchema, Schema, TargetSchema, TypeSchema
from trainer.dataset.time.axis import TimeAxis, Times
from trainer.dataset.vertex_set import VertexSet
from trainer.errors import DataError
from trainer.graph.columns import Column, NumberColumn, TextColumn, VectorColumn
from trainer.graph.graph import Graph
from trainer.settings.groups.data import DataSettings


def describe_layout(
    layout: Layout,
    features: Mapping[str, list[Feature]],
    times: Times,
    data: DataSettings,
    graph_names: list[str],
    target: TargetSchema,
    left_out: list[str],
) -> Schema:
    """The schema of a graph that is learned from."""
    types = []
    for name, merged in layout.tables.items():
        time = times[name]
        sets = sorted({tuple(member.attributes) for member in merged.members if member.attributes})
        field, unit = (None, None) if time is None else (time.field, time.unit)
        types.append(
            TypeSchema(
                name,
                list(merged.collections),
                list(map(list, sets)),
                features[name],
                field,
                unit,
                scarce_paths=[each.name for each in features[name] if _is_scarce_path(each.name, merged)],
            )
        )
    relations = {
        edge_type: RelationSchema(
            edge_type, sorted({part.name for part in parts}), None, any(part.weight is not None for part in parts)
        )
        for edge_type, parts in layout.relations.items()
    }
    for backward, forward in reverses_of(list(layout.relations)).items():
        relations[backward] = replace(relations[forward], edge_type=backward, reverse_of=forward)
    return Schema(
        types=types,
        relations=[relations[edge_type] for edge_type in sorted(relations)],
        target=target,
        messages=data.messages,
        edge_weight=data.edge_weight,
        time_field=data.time_field,
        graph_names=graph_names,
        left_out=left_out,
    )


def encode(
    graph: Graph,
    layout: Layout,
    times: Times,
    schema: Schema,
    warnings: Sequence[str],
    labelled: NDArray[np.bool_] | None = None,
) -> Inputs:
    """The inputs that a layout gives by a schema whose types and relations it has.

    Args:
        graph: what the layout is of.
        layout: the vertices and edges.
        times: of each type.
        schema: what to make of them.
        warnings: those of earlier steps, which come first.
        labelled: which vertices of the target type have a label; None where labels play no part.

    Raises:
        DataError: an attribute holds numbers that float32 cannot.
    """
    vertices = {
        each.name: _vertices(layout.tables[each.name], each.features, times[each.name]) for each in schema.types
    }
    is_causal = schema.messages == "causal"
    edges, edge_warnings = build_edges(
        {relation.edge_type: layout.relations.get(relation.edge_type, []) for relation in schema.stored},
        {relation.edge_type: relation.reverse_of for relation in schema.relations if relation.reverse_of},
        layout.tables,
        times,
        is_causal,
        {relation.edge_type: relation.weighted for relation in schema.stored},
    )
    target_type = schema.target.type
    without = without_incoming(edges, target_type, len(layout.tables[target_type]))
    return Inputs(
        vertices,
        edges,
        target_type,
        graph_of_rows(graph, layout.tables[target_type]),
        [
            *warnings,
            *edge_warnings,
            *leakage_warnings(edges, times, is_causal),
            *incoming_warnings(without, labelled, target_type),
        ],
    )


def _is_scarce_path(name: str, merged: TypeTable) -> bool:
    """Whether it is a path into objects, and a collection with documents has no value there."""
    if name in merged.table.attributes:
        return False
    columns = [member.columns.get(name) for member in merged.members if len(member)]
    return any(column is None or bool(column.missing.all()) for column in columns)


def with_counts(schema: Schema, inputs: Inputs) -> Schema:
    """The schema of what is learned from, with its numbers of vertices and edges, to compare other graphs with."""
    types = [replace(each, num_vertices=len(inputs.vertices[each.name])) for each in schema.types]
    relations = [replace(each, num_edges=len(inputs.edges[each.edge_type])) for each in schema.relations]
    target = replace(schema.target, num_without_incoming=int(inputs.without_incoming().sum()))
    return replace(schema, types=types, relations=relations, target=target)


def _vertices(merged: TypeTable, features: list[Feature], time: TimeAxis | None) -> VertexSet:
    keys, x = merged.table.keys, _x(merged, features)
    return VertexSet(merged.name, merged.collections, keys, merged.collection, x, features, time)


def _x(merged: TypeTable, features: list[Feature]) -> NDArray[np.float32]:
    parts = [np.empty((len(merged), 0), dtype=np.float32)]
    for feature in features:
        columns = feature.encode(_column(merged, feature))
        if not np.isfinite(columns).all():
            raise DataError(
                f"{feature.name!r} holds numbers too large for float32; leave it out or scale it beforehand."
            )
        parts.append(columns)
    return np.concatenate(parts, axis=1)


def _column(merged: TypeTable, feature: Feature) -> Column:
    """The attribute; where no vertex has a value, an empty column of the type that the feature takes."""
    column = merged.table.columns.get(feature.name)
    if column is not None and not column.missing.all():
        return column
    num = len(merged)
    if feature.kind == "category":
        return TextColumn(np.full(num, -1, dtype=np.int32), [])
    if feature.kind == "vector":
        return VectorColumn(np.full((num, len(feature.fill)), np.nan, dtype=np.float32), np.ones(num, dtype=bool))
    return NumberColumn(np.full(num, np.nan), np.ones(num, dtype=bool))
