"""From types and relations to arrays by a schema, in training and later alike."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.edge_building import build_edges, reverses_of
from trainer.dataset.edge_set import EdgeSet
from trainer.dataset.features.fitting import Feature
from trainer.dataset.grouping.layout import Layout, graph_of_rows
from trainer.dataset.grouping.merging import TypeTable
from trainer.dataset.inputs import Inputs
from trainer.dataset.schemas import RelationSchema, Schema, TargetSchema, TypeSchema
from trainer.dataset.time.axis import Times
from trainer.dataset.time.leaks import warn_of_leaks
from trainer.dataset.vertex_set import VertexSet
from trainer.errors import DataError
from trainer.graph.columns import Column, NumberColumn, TextColumn, VectorColumn
from trainer.graph.edge_type import EdgeType
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
        types.append(TypeSchema(name, list(merged.collections), list(map(list, sets)), features[name], field, unit))
    weighted = {kind: any(part.weight is not None for part in parts) for kind, parts in layout.relations.items()}
    relations = {
        kind: RelationSchema(kind, sorted({part.name for part in parts}), None, weighted[kind])
        for kind, parts in layout.relations.items()
    }
    for backward, forward in reverses_of(list(layout.relations)).items():
        relations[backward] = RelationSchema(backward, relations[forward].collections, forward, weighted[forward])
    return Schema(
        types=types,
        relations=[relations[kind] for kind in sorted(relations)],
        target=target,
        messages=data.messages,
        edge_weight=data.edge_weight,
        time_field=data.time_field,
        graph_names=graph_names,
        left_out=left_out,
    )


def encode(graph: Graph, layout: Layout, times: Times, schema: Schema, warnings: list[str]) -> Inputs:
    """The inputs that a layout gives by a schema whose types and relations it has.

    Raises:
        DataError: an attribute holds numbers that float32 cannot.
    """
    vertices = {
        kind.name: VertexSet(
            name=kind.name,
            collections=layout.tables[kind.name].collections,
            keys=layout.tables[kind.name].table.keys,
            collection=layout.tables[kind.name].collection,
            x=_x(layout.tables[kind.name], kind.features),
            features=kind.features,
            time=times[kind.name],
        )
        for kind in schema.types
    }
    is_causal = schema.messages == "causal"
    edges = build_edges(
        {relation.edge_type: layout.relations.get(relation.edge_type, []) for relation in schema.stored},
        {relation.edge_type: relation.reverse_of for relation in schema.relations if relation.reverse_of},
        layout.tables,
        times,
        is_causal,
        {relation.edge_type: relation.weighted for relation in schema.stored},
        warnings,
    )
    warn_of_leaks(edges, times, is_causal, warnings)
    _warn_of_silence(edges, schema.target.type, warnings)
    target_type = schema.target.type
    return Inputs(vertices, edges, target_type, graph_of_rows(graph, layout.tables[target_type]), warnings)


def _warn_of_silence(edges: Mapping[EdgeType, EdgeSet], target_type: str, warnings: list[str]) -> None:
    """Say it where no vertex to predict hears from another one, and all that a model has is its own attributes."""
    for (source, _, target), found in edges.items():
        if target == target_type and len(found) and (source != target or (found.index[0] != found.index[1]).any()):
            return
    warnings.append(
        f"No edges lead from other vertices to those of {target_type}: the graph adds nothing, each is judged by its own "
        "attributes."
    )


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
    """The attribute; where no vertex has a value, a column of the feature's own kind."""
    column = merged.table.columns.get(feature.name)
    if column is not None and not column.missing.all():
        return column
    num = len(merged)
    if feature.kind == "category":
        return TextColumn(np.full(num, -1, dtype=np.int32), [])
    if feature.kind == "vector":
        return VectorColumn(np.full((num, len(feature.fill)), np.nan, dtype=np.float32), np.ones(num, dtype=bool))
    return NumberColumn(np.full(num, np.nan))
