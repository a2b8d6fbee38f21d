"""The type of a column follows from all its values, however they were cut into chunks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graph.reading import plain, shape
from trainer.graph.building.column_builder import ColumnBuilder
from trainer.graph.columns import Column, NumberColumn, TextColumn, UnusableColumn, VectorColumn


def build(*chunks: list[Any]) -> Column:
    """A column out of chunks of values."""
    builder = ColumnBuilder()
    for chunk in chunks:
        builder.append(chunk)
    return builder.finish()


def number_column(*chunks: list[Any]) -> NumberColumn:
    """A column that should come out as numbers."""
    column = build(*chunks)
    assert isinstance(column, NumberColumn), column
    return column


def cut(values: Sequence[Any], ends: Sequence[int]) -> list[list[Any]]:
    """The values in chunks that end at these indices."""
    ends = sorted({end for end in ends if 0 < end < len(values)})
    return [list(values[start:end]) for start, end in zip([0, *ends], [*ends, len(values)], strict=True)]


INTEGERS = st.integers(-(2**63), 2**64 - 1)  # what the JSON parser makes of integers; larger ones become doubles
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
NUMERIC_TEXTS = st.one_of(st.integers(-999, 999).map(str), st.floats(-1e6, 1e6).map(str), st.just(" 7.50 "))
TEXTS = st.sampled_from(["up", "down", "UP", " up ", "x1", "nan", "inf", "", "  "])
SINGLES = st.one_of(st.none(), st.booleans(), INTEGERS, FLOATS, NUMERIC_TEXTS, TEXTS)
SMALL = st.one_of(st.integers(-99, 99), st.floats(-1e6, 1e6), st.none())
VECTORS = st.one_of(st.lists(SMALL, min_size=2, max_size=2), st.lists(SMALL, max_size=3))
ANY_JSON: st.SearchStrategy[Any] = st.one_of(SINGLES, VECTORS, st.just({}), st.just({"a": 1}), st.just([["b"]]))
STRATEGIES = [  # of few types each: a free mix is nearly always unusable
    st.one_of(st.none(), st.booleans()),
    st.one_of(st.none(), INTEGERS),
    st.one_of(st.none(), st.booleans(), INTEGERS, FLOATS),
    st.one_of(st.none(), INTEGERS, FLOATS, NUMERIC_TEXTS, st.sampled_from(["", "nan"])),
    st.one_of(st.none(), NUMERIC_TEXTS, TEXTS),
    st.one_of(st.none(), st.lists(SMALL, min_size=3, max_size=3)),
    st.one_of(st.none(), VECTORS),
    st.one_of(st.none(), INTEGERS, TEXTS),
    ANY_JSON,
]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_chunking_gives_the_same_column(data: st.DataObject) -> None:
    """Where a chunk ends shows nowhere: not in the type, the values or what counts as missing."""
    values = data.draw(st.lists(data.draw(st.sampled_from(STRATEGIES)), min_size=1, max_size=12))
    ends = data.draw(st.lists(st.integers(1, len(values)), max_size=5))
    assert shape(build(*cut(values, ends))) == shape(build(values))


@settings(max_examples=150, deadline=None)
@given(values=st.lists(ANY_JSON, min_size=1, max_size=10))
def test_no_value_is_lost_or_moved(values: list[Any]) -> None:
    """A column has one row per value, missing exactly where the value says nothing."""

    def says_nothing(value: Any) -> bool:
        if isinstance(value, str):
            return not value.strip() or (isinstance(column, NumberColumn) and not math.isfinite(float(value)))
        if isinstance(column, VectorColumn) and isinstance(value, list):
            return all(one is None for one in value)
        return value is None

    column = build(values)
    assert len(column.missing) == len(values)
    assert column.missing.tolist() == [says_nothing(value) for value in values]


@given(rows=st.integers(0, 5), values=st.lists(SINGLES, min_size=1, max_size=6))
def test_skipped_rows_are_missing_ones(rows: int, values: list[Any]) -> None:
    """An attribute that appears late, or is absent from a chunk, is missing there as null is."""
    builder = ColumnBuilder(rows_before=rows)
    builder.append(values)
    builder.skip(rows)
    assert shape(builder.finish()) == shape(build([None] * rows + values + [None] * rows))


def test_chunk_without_values_changes_nothing() -> None:
    """Integers stay integers beside an empty chunk."""
    assert shape(build([1, 2], [], [3])) == shape(build([1, 2, 3]))


def test_integers_stay_exact() -> None:
    """Integers up to 64 bits are kept to the last digit."""
    column = number_column([2**53 + 1, -(2**63)], [2**63 - 1])
    assert column.values.dtype == np.int64
    assert column.values.tolist() == [2**53 + 1, -(2**63), 2**63 - 1]


def test_larger_integers_become_doubles() -> None:
    """An integer beyond int64 does not break the column."""
    column = number_column([2**64 - 1, 1])
    assert column.values.dtype == np.float64
    assert column.values.tolist() == [2.0**64, 1.0]


def test_integral_doubles_among_fractions() -> None:
    """ArangoDB writes 3.0 as 3; the column is one of doubles all the same."""
    column = number_column([0.5, 3], [4])
    assert column.values.dtype == np.float64
    assert plain(column) == [0.5, 3.0, 4.0]


def test_numeric_texts_are_numbers() -> None:
    """Exchange streams send numbers as texts."""
    column = number_column(["16541.23", "1e-3"], [" 7 ", "-0"])
    assert plain(column) == [16541.23, 0.001, 7.0, -0.0]
    assert not column.boolean


def test_numeric_texts_among_numbers() -> None:
    """Numbers and their texts make one column."""
    assert plain(number_column([1, "2.5", None, True])) == [1.0, 2.5, None, 1.0]


@pytest.mark.parametrize("text", ["2018_01", "1_000"])
def test_digits_with_underscores_are_texts(text: str) -> None:
    """Python reads 2018_01 as a number; people mean a month."""
    assert plain(build([text, text])) == [text, text]


@pytest.mark.parametrize("chunks", [[["1", "nan", "2"]], [["1"], ["nan"], ["2"]], [[1, "nan", 2]], [[1], ["nan"], [2]]])
def test_nan_among_numbers_is_missing(chunks: list[list[Any]]) -> None:
    """`nan` is how many streams say that a number is missing."""
    assert plain(number_column(*chunks)) == [1.0, None, 2.0]


@pytest.mark.parametrize("word", ["nan", "inf", "Infinity"])
def test_number_words_among_texts_are_texts(word: str) -> None:
    """Where all else are words, so is this."""
    column = build([word], ["up"])
    assert isinstance(column, TextColumn)
    assert plain(column) == [word, "up"]


def test_booleans_are_known_as_such() -> None:
    """True and false are 1 and 0, with null between them missing."""
    column = number_column([True, None], [False])
    assert column.boolean
    assert plain(column) == [1, None, 0]


def test_booleans_among_numbers_are_numbers() -> None:
    """One number makes the column a numeric one."""
    assert not number_column([True], [2]).boolean


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_nothing_is_missing(nothing: str | None) -> None:
    """Null and blank texts are missing, beside numbers as beside texts."""
    assert plain(build([1, nothing])) == [1, None]
    assert plain(build(["up", nothing])) == ["up", None]


def test_column_without_values() -> None:
    """A column of nulls is all missing and no error."""
    column = build([None, None], [None])
    assert column.missing.tolist() == [True, True, True]


def test_texts_are_categories() -> None:
    """Equal texts share a code, blanks around them not counted; the codes follow the order of the texts."""
    column = build(["up", "down"], [" up ", None])
    assert isinstance(column, TextColumn)
    assert column.codes.tolist() == [1, 0, 1, -1]
    assert column.categories == ["down", "up"]


def test_numeric_texts_among_words_stay_texts() -> None:
    """A chunk that looks numeric alone keeps its spelling when others hold words."""
    assert plain(build(["1.50", "2"], ["up"])) == ["1.50", "2", "up"]


def test_arrays_are_vectors() -> None:
    """Arrays of one length make one column of many numbers; null rows and null elements are told apart."""
    column = build([[1, 2.5], None], [[None, 4], [None, None]])
    assert isinstance(column, VectorColumn)
    assert column.values.dtype == np.float32
    assert plain(column) == [[1.0, 2.5], None, [None, 4.0], None]


def test_rows_are_taken_in_order() -> None:
    """Rows can be picked and reordered whatever the type."""
    rows = np.array([2, 0])
    for values in ([1, 2, 3], ["a", "b", None], [[1.0], None, [3.0]], [{}, 1, None]):
        assert plain(build(values).take(rows)) == [plain(build(values))[row] for row in rows]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([{"a": 1}, None], "JSON objects"),
        ([{"a": 1}, 5], "JSON objects"),
        ([[1], [1, 2]], "arrays of several lengths (1, 2)"),
        ([[], None], "empty arrays"),
        ([["a"], ["b"]], "arrays of something else than numbers"),
        ([[[1]], [[2]]], "nested arrays"),
        ([[1], 2], "arrays in some documents and single values in others"),
        ([[1], "up"], "arrays in some documents and single values in others"),
        ([1, "n/a"], "texts such as 'n/a' among numbers"),
        ([True, "n/a"], "texts such as 'n/a' among numbers"),
    ],
)
def test_unusable_values_say_why(values: list[Any], reason: str) -> None:
    """Values that are no column keep the reason, in one chunk as in many, and which rows are missing."""
    for column in (build(values), build(*([value] for value in values))):
        assert isinstance(column, UnusableColumn)
        assert reason in column.reason
        assert column.missing.tolist() == [value is None for value in values]
