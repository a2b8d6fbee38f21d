"""How the tests of this folder read graphs and look at columns."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.conftest import EVERYTHING
from trainer.graph.columns import Column, NumberColumn, TextColumn, VectorColumn
from trainer.graph.dump.source import DumpSource
from trainer.graph.graph import Graph


def load(folder: Path, *names: str, edge_weight: str | None = None) -> Graph:
    """The graphs, by default `g`, with all attributes of their vertices."""
    attribute_filter = replace(EVERYTHING, edge_weight=edge_weight)
    return DumpSource(folder).load(names or ("g",), attribute_filter, progress=lambda vertices, edges: None)


def plain(column: Column) -> list[Any]:
    """The values of a column, None where missing; the order in which texts were met does not show."""
    if isinstance(column, NumberColumn):
        values = column.values.tolist()
        return [None if isinstance(value, float) and math.isnan(value) else value for value in values]
    if isinstance(column, TextColumn):
        return [None if code < 0 else column.categories[code] for code in column.codes.tolist()]
    if isinstance(column, VectorColumn):
        rows = zip(column.values.tolist(), column.missing.tolist(), strict=True)
        return [None if missing else [None if math.isnan(one) else one for one in row] for row, missing in rows]
    return [None if missing else "?" for missing in column.missing.tolist()]


def shape(column: Column) -> tuple[Any, ...]:
    """All in which two columns can differ, missing values included."""
    facts: tuple[Any, ...] = (type(column).__name__, column.missing.tolist(), plain(column))
    if isinstance(column, NumberColumn):
        return (*facts, column.values.dtype, column.boolean)
    if isinstance(column, TextColumn):
        return (*facts, column.codes.dtype, sorted(column.categories))
    return (*facts, column.values.dtype, column.values.shape) if isinstance(column, VectorColumn) else facts


def keys(graph: Graph, collection: str = "v") -> list[str]:
    """The keys of a vertex collection, row by row."""
    return [key.decode() for key in graph.vertices[collection].keys.tolist()]


def values(graph: Graph, attribute: str, collection: str = "v") -> dict[str, Any]:
    """An attribute by key."""
    return dict(zip(keys(graph, collection), plain(graph.vertices[collection].columns[attribute]), strict=True))


def pairs(graph: Graph) -> list[tuple[str, str]]:
    """The edges as handles."""
    handles = []
    for table in graph.edges:
        sources, targets = keys(graph, table.source), keys(graph, table.target)
        handles += [
            (f"{table.source}/{sources[source]}", f"{table.target}/{targets[target]}")
            for source, target in table.index.T.tolist()
        ]
    return sorted(handles)
