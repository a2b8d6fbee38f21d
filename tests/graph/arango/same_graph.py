"""Whether two sources made the same graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.graph.reading import as_json
from trainer.dataset.grouping.judgement import judge
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.columns import NumberColumn, VectorColumn
from trainer.graph.graph import Graph
from trainer.graph.stored_column import StoredColumn, join_columns


def assert_same_graph(graph: Graph, expected: Graph, attribute_filter: AttributeFilter | None = None) -> None:
    """Compare two graphs by value; with a filter, `graph` may lack columns that a run with it cannot use.

    A dump may hold 1.0 where the database sends 1, so numbers are compared and not their types.
    """
    assert graph.definitions == expected.definitions
    assert list(graph.vertices) == list(expected.vertices)
    for name, table in expected.vertices.items():
        assert graph.vertices[name].keys.tolist() == table.keys.tolist()
        assert graph.vertices[name].attributes == table.attributes
        columns = graph.vertices[name].columns
        required = {
            key for key in table.columns if attribute_filter is None or _may_serve(key, expected, attribute_filter)
        }
        assert required <= columns.keys()
        for key, column in columns.items():
            assert _as_doubles(column) == _as_doubles(table.columns[key])
    assert [_edges(table) for table in graph.edges] == [_edges(table) for table in expected.edges]
    assert graph.dangling == expected.dangling


def _as_doubles(column: StoredColumn) -> list[Any]:
    """Integers that may be doubles, of which the database writes the digits that tell them from other doubles."""
    return [float(one) if type(one) is int and abs(one) > 2**53 else one for one in as_json(column)]


def _may_serve(name: str, graph: Graph, attribute_filter: AttributeFilter) -> bool:
    """Whether a run can use an attribute: by its name, or because it is judged to hold numbers in any selection of collections."""
    if attribute_filter.accepts_any_type(name):
        return True
    tables = [table for table in graph.vertices.values() if name in table.columns]
    selections = [*([table] for table in tables), tables]
    judged = [judge(join_columns([table.columns[name] for table in some], list(map(len, some)))) for some in selections]
    return any(isinstance(column, NumberColumn | VectorColumn) and not column.missing.all() for column in judged)


def _edges(table: Any) -> tuple[Any, ...]:
    weight = None if table.weight is None else np.nan_to_num(table.weight, nan=-1).tolist()
    return table.name, table.source, table.target, table.index.tolist(), weight
