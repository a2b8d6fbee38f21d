"""How the tests of this folder read graphs and look at columns."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import EVERYTHING
from trainer.graph.columns import Column, NumberColumn, TextColumn, VectorColumn
from trainer.graph.dump.source import DumpSource
from trainer.graph.graph import Graph
from trainer.graph.stored_column import BIG, BOOLEAN, INTEGER, NULL, REAL, VECTOR, StoredColumn


def load(folder: Path, *names: str, edge_weight: str | None = None) -> Graph:
    """The graphs, by default `g`, with all attributes of their vertices."""
    attribute_filter = replace(EVERYTHING, edge_weight=edge_weight)
    return DumpSource(folder).load(names or ("g",), attribute_filter, progress=lambda vertices, edges: None)


def as_json(column: StoredColumn) -> list[Any]:
    """The values as documents hold them, but for blanks around texts; arrays of several lengths and objects by their form."""
    texts = iter(column.texts(np.flatnonzero(column.is_text)))
    values: list[Any] = []
    for row, form in enumerate(column.form.tolist()):
        if column.is_text[row]:
            text = next(texts)
            values.append(text if form != BIG else ("big", text))
        elif form == NULL:
            values.append(None)
        elif form in (BOOLEAN, INTEGER):
            assert column.whole is not None
            value = int(column.whole[row])
            values.append(bool(value) if form == BOOLEAN else value)
        elif form == REAL:
            assert column.real is not None
            values.append(float(column.real[row]))
        elif form == VECTOR and column.vectors is not None:
            values.append([None if math.isnan(one) else one for one in column.vectors[row].tolist()])
        else:
            width = int(column.whole[row]) if form == VECTOR and column.whole is not None else 0
            values.append(("form", form, width))
    return values


def plain(column: Column) -> list[Any]:
    """The values of a judged column, None where missing."""
    if isinstance(column, NumberColumn):
        values = zip(column.values.tolist(), column.missing.tolist(), strict=True)
        return [None if missing else value for value, missing in values]
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
        return (*facts, column.values.dtype, column.boolean, column.unreadable, column.examples)
    if isinstance(column, TextColumn):
        return (*facts, column.codes.dtype, column.categories, column.reason)
    if isinstance(column, VectorColumn):
        return (*facts, column.values.dtype, column.values.shape)
    return (*facts, column.reason)


def keys(graph: Graph, collection: str = "v") -> list[str]:
    """The keys of a vertex collection, row by row."""
    return [key.decode() for key in graph.vertices[collection].keys.tolist()]


def values(graph: Graph, attribute: str, collection: str = "v") -> dict[str, Any]:
    """An attribute by key, as it is stored."""
    return dict(zip(keys(graph, collection), as_json(graph.vertices[collection].columns[attribute]), strict=True))


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
