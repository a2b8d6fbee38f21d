"""Several collections as the table of one type."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.dataset.typed_graphs import typed_graph
from trainer.dataset.grouping.type_table import TypeTable, merge_tables
from trainer.graph.columns import NumberColumn, TextColumn, UnusableColumn, VectorColumn


def merge(**collections: list[dict[str, Any]]) -> TypeTable:
    """The type `t` of these collections, in order of name."""
    graph = typed_graph(collections)
    return merge_tables("t", [graph.vertices[name] for name in sorted(collections)])


def test_rows_are_in_order_of_key_then_collection() -> None:
    """Equal keys in different collections stay two vertices."""
    result = merge(b=[{"_key": "2"}, {"_key": "1"}], a=[{"_key": "2"}, {"_key": "30"}])
    assert result.table.keys.tolist() == [b"1", b"2", b"2", b"30"]
    assert [result.collections[index] for index in result.collection] == ["b", "a", "b", "a"]
    assert {name: rows.tolist() for name, rows in result.rows.items() if rows is not None} == {"a": [1, 3], "b": [0, 2]}


def test_attribute_that_a_collection_lacks_is_missing_there() -> None:
    """The union of the attributes, missing where a collection has none; integers stay integers."""
    result = merge(a=[{"_key": "1", "p": 1, "q": 5}], b=[{"_key": "2", "p": 2}])
    assert result.table.attributes == ["p", "q"]
    q, p = result.table.columns["q"], result.table.columns["p"]
    assert isinstance(q, NumberColumn)
    assert isinstance(p, NumberColumn)
    assert q.values.dtype == np.int64
    assert (q.values[0], q.missing.tolist()) == (5, [False, True])
    assert p.values.dtype == np.int64


def test_texts_share_their_categories() -> None:
    """Codes of different collections are matched by their text."""
    column = merge(a=[{"_key": "1", "p": "b"}], b=[{"_key": "0", "p": "a"}, {"_key": "2", "p": "b"}, {"_key": "3"}])
    texts = column.table.columns["p"]
    assert isinstance(texts, TextColumn)
    assert (texts.categories, texts.codes.tolist()) == (["a", "b"], [0, 1, 1, -1])


def test_arrays_keep_their_width() -> None:
    """A collection without the attribute has rows of NaN."""
    vectors = merge(a=[{"_key": "1", "p": [1, 2]}], b=[{"_key": "2"}]).table.columns["p"]
    assert isinstance(vectors, VectorColumn)
    np.testing.assert_array_equal(vectors.values, [[1, 2], [np.nan, np.nan]])
    assert vectors.missing.tolist() == [False, True]


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (1, "x", "holds texts such as 'x' among numbers"),
        ("x", [1], "holds arrays in some documents and single values in others"),
        ([1], [1, 2], "holds arrays of several lengths (1, 2)"),
        (1, {"p": 1}, "holds JSON objects"),
    ],
)
def test_columns_of_different_types_cannot_be_joined(one: Any, other: Any, reason: str) -> None:
    """Neither kind of values is more than half."""
    column = merge(a=[{"_key": "1", "p": one}], b=[{"_key": "2", "p": other}]).table.columns["p"]
    assert isinstance(column, UnusableColumn)
    assert column.reason.startswith(reason)


@pytest.mark.parametrize("value", [1.5, "x", [1.0, 2.0]])
def test_collection_of_nulls_fits_any_column_type(value: Any) -> None:
    """An attribute that is always null has no type of its own."""
    column = merge(a=[{"_key": "1", "p": None}], b=[{"_key": "2", "p": value}]).table.columns["p"]
    assert not isinstance(column, UnusableColumn)
    assert column.missing.tolist() == [True, False]


def test_booleans_stay_boolean_unless_numbers_join_them() -> None:
    """A label of true and false in all collections is boolean."""
    booleans, mixed = (
        merge(a=[{"_key": "1", "p": True}], b=[{"_key": "2", "p": other}]).table.columns["p"] for other in (False, 3)
    )
    assert isinstance(booleans, NumberColumn)
    assert isinstance(mixed, NumberColumn)
    assert (booleans.boolean, mixed.boolean) == (True, False)
