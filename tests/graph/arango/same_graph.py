"""Whether two sources made the same graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.columns import Column, NumberColumn, TextColumn, UnusableColumn, VectorColumn
from trainer.graph.graph import Graph


def assert_same_graph(graph: Graph, expected: Graph, kept: Callable[[str, Column], bool] = lambda n, c: True) -> None:
    """Compare two graphs by value; of `expected`, only columns that are `kept`.

    A dump may hold 1.0 where the database sends 1, so numbers are compared and not their types.
    """
    assert graph.definitions == expected.definitions
    assert list(graph.vertices) == list(expected.vertices)
    for name, table in expected.vertices.items():
        assert graph.vertices[name].keys.tolist() == table.keys.tolist()
        assert graph.vertices[name].attributes == table.attributes
        columns = {key: _plain(column) for key, column in table.columns.items() if kept(key, column)}
        assert {key: _plain(column) for key, column in graph.vertices[name].columns.items()} == columns
    assert [_edges(table) for table in graph.edges] == [_edges(table) for table in expected.edges]
    assert graph.dangling == expected.dangling


def may_serve(attribute_filter: AttributeFilter) -> Callable[[str, Column], bool]:
    """A predicate of columns: whether a run can use them."""
    return lambda name, column: (
        attribute_filter.accepts_any_type(name) or isinstance(column, NumberColumn | VectorColumn)
    )


def _edges(table: Any) -> tuple[Any, ...]:
    weight = None if table.weight is None else np.nan_to_num(table.weight, nan=-1).tolist()
    return table.name, table.source, table.target, table.index.tolist(), weight


def _plain(column: Column) -> tuple[Any, ...]:
    if isinstance(column, UnusableColumn):
        return ("unusable",)  # its reason is that of the document which happened to come first
    if isinstance(column, TextColumn):
        return "text", [None if code < 0 else column.categories[code] for code in column.codes.tolist()]
    values = column.values.astype(float).tolist()
    if isinstance(column, NumberColumn):
        return "number", column.boolean, [None if value != value else value for value in values]
    return "vector", [[None if value != value else value for value in row] for row in values]
