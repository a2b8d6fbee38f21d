"""A source keeps of each value what it is, however the rows were cut into chunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graph.reading import as_json
from tests.graph.values import ANY_JSON, SINGLES, STRATEGIES
from trainer.graph.building.column_builder import ColumnBuilder
from trainer.graph.stored_column import (
    BIG,
    EMPTY_ARRAY,
    INTEGER,
    NESTED_ARRAY,
    OBJECT,
    OTHER_ARRAY,
    REAL,
    VECTOR,
    StoredColumn,
    join_columns,
)


def build(*chunks: list[Any]) -> StoredColumn:
    """A column out of chunks of values."""
    builder = ColumnBuilder()
    for chunk in chunks:
        builder.append(chunk)
    return builder.finish()


def cut(values: Sequence[Any], ends: Sequence[int]) -> list[list[Any]]:
    """The values in chunks that end at these indices."""
    ends = sorted({end for end in ends if 0 < end < len(values)})
    return [list(values[start:end]) for start, end in zip([0, *ends], [*ends, len(values)], strict=True)]


def expected(value: Any) -> Any:
    """What a column should hold of a JSON value: texts without blanks around them, arrays as float32."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, dict):
        return "form", OBJECT, 0
    if isinstance(value, list) and not value:
        return "form", EMPTY_ARRAY, 0
    if isinstance(value, list) and any(isinstance(one, list) for one in value):
        return "form", NESTED_ARRAY, 0
    if isinstance(value, list):
        return [None if one is None else float(np.float32(one)) for one in value]
    return value


@settings(max_examples=200)
@given(data=st.data())
def test_any_chunks_in_any_order_give_the_same_column(data: st.DataObject) -> None:
    """Where a chunk ends shows nowhere, and another order of rows gives the same rows in that order."""
    values = data.draw(st.lists(data.draw(st.sampled_from(STRATEGIES)), min_size=1, max_size=12))
    order = data.draw(st.permutations(range(len(values))))
    ends = data.draw(st.lists(st.integers(1, len(values)), max_size=5))
    whole, pieces = build(values), build(*cut([values[row] for row in order], ends))
    back = pieces.take(np.argsort(order))
    assert as_json(back) == as_json(whole)
    assert back.form.tolist() == whole.form.tolist()
    assert back.words == whole.words


@settings(max_examples=300)
@given(values=st.lists(ANY_JSON, min_size=1, max_size=10))
def test_no_value_is_lost_or_moved(values: list[Any]) -> None:
    """Every value comes back as it was, its type included; only arrays of several lengths are told by their length."""
    stored = as_json(build(values))
    widths = {len(value) for value in values if isinstance(value, list) and isinstance(expected(value), list)}
    for value, found in zip(values, stored, strict=True):
        wanted = expected(value)
        if isinstance(wanted, list) and len(widths) > 1:
            wanted = "form", VECTOR, len(wanted)
        if isinstance(found, tuple) and found[0] == "big":
            assert abs(int(found[1])) >= 2**63
            found = found[1] if isinstance(value, str) else int(found[1])
        if type(found) is float and type(wanted) is int and abs(wanted) >= 2**63:
            wanted = float(wanted)  # an integral double, as ArangoDB writes it
        assert found == wanted
        assert isinstance(found, bool) == isinstance(wanted, bool)


@settings(max_examples=100)
@given(data=st.data())
def test_columns_of_collections_join(data: st.DataObject) -> None:
    """Several collections one after the other are one column, be the attribute absent in some."""
    parts = data.draw(st.lists(st.lists(data.draw(st.sampled_from(STRATEGIES)), max_size=5), min_size=1, max_size=4))
    absent = data.draw(st.lists(st.booleans(), min_size=len(parts), max_size=len(parts)))
    columns = [None if gone else build(part) for part, gone in zip(parts, absent, strict=True)]
    whole = [None if gone else value for part, gone in zip(parts, absent, strict=True) for value in part]
    joined = join_columns(columns, list(map(len, parts)))
    assert as_json(joined) == as_json(build(whole))
    assert joined.form.tolist() == build(whole).form.tolist()


@given(rows=st.integers(0, 5), values=st.lists(SINGLES, min_size=1, max_size=6))
def test_skipped_rows_are_missing_ones(rows: int, values: list[Any]) -> None:
    """An attribute that appears late, or is absent from a chunk, is missing there as null is."""
    builder = ColumnBuilder(rows_before=rows)
    builder.append(values)
    builder.skip(rows)
    assert as_json(builder.finish()) == as_json(build([None] * rows + values + [None] * rows))


def test_column_without_rows() -> None:
    """A collection may be empty."""
    assert len(build()) == 0
    assert len(build([])) == 0


@pytest.mark.parametrize("integers", [[2**53 + 1, -(2**63)], [None, 2**63 - 1], ["9007199254740993", "-7"]])
def test_integers_are_exact_beside_gaps_and_as_texts(integers: list[Any]) -> None:
    """64 bits are kept to the last digit."""
    column = build(integers)
    assert column.real is None
    assert column.whole is not None
    assert column.whole.tolist() == [int(value or 0) for value in integers]


def test_integers_beyond_64_bits() -> None:
    """What a double holds is one, as ArangoDB writes doubles so; of others the digits are kept."""
    column = build([12_000_000_000_000_000_000, 12_345_678_901_234_567_000, 2**64 - 1, "123456789012345678901"])
    assert column.form.tolist() == [REAL, REAL, BIG, BIG]
    assert column.texts(np.array([2, 3])) == ["18446744073709551615", "123456789012345678901"]


@pytest.mark.parametrize(
    "text", ["007", "01.50", "2018_01", "1_000", "nan", "inf", "1e999", "٣", "0x1A", "1,234.5", "5%"]
)
def test_texts_that_are_no_numbers(text: str) -> None:
    """Leading zeros mean something, and Python's own notation is not JSON's."""
    assert build([text]).words == [text]


@pytest.mark.parametrize("text", ["0", "-0.5", "+7", ".5", "5.", "1e-8", "1E5", " 7.50 "])
def test_texts_that_are_numbers(text: str) -> None:
    """Exchange streams send numbers as texts, in one chunk or beside words."""
    for column in (build([text]), build([text, "word"]), build(["word"], [text])):
        row = [value for value in as_json(column) if value != "word"]
        assert row == [text.strip()]
        assert {*column.form.tolist()} & {INTEGER, REAL}


@pytest.mark.parametrize(
    ("value", "form"),
    [({"a": 1}, OBJECT), ([], EMPTY_ARRAY), (["a"], OTHER_ARRAY), ([{"a": 1}], OTHER_ARRAY), ([[1]], NESTED_ARRAY)],
)
def test_values_that_are_no_column(value: Any, form: int) -> None:
    """Objects and arrays that are no vectors are known as such, and nothing more is kept of them."""
    assert build([value, 1]).form.tolist() == [form, INTEGER]


@pytest.mark.parametrize("chunks", [1, 3])
def test_arrays_of_one_open_to_their_elements(chunks: int) -> None:
    """Each is as exact as a value of its own, beside longer arrays and single values, however the rows were cut."""
    values: list[Any] = [[2**62 + 1], ["007"], [True], [None], ["up"], [0.1], [1, 2], [], 5, "down", None, [[3]]]
    ends = [len(values) // chunks * number for number in range(1, chunks)]
    opened = as_json(join_columns([build(*cut(values, ends)), build([["up"], "new"])], [len(values), 2]).opened())
    assert opened[:6] == [2**62 + 1, "007", True, None, "up", 0.1]
    assert opened[8:11] == [5, "down", None]
    assert opened[12:] == ["up", "new"]
    assert [value[1] for value in (opened[6], opened[7], opened[11])] == [VECTOR, EMPTY_ARRAY, NESTED_ARRAY]


@settings(max_examples=100)
@given(values=st.lists(SINGLES, min_size=1, max_size=8))
def test_any_values_in_arrays_of_one(values: list[Any]) -> None:
    """The elements are what the values would be without the arrays; null in the rows that are left out."""
    assert as_json(build([[value] for value in values]).opened()) == as_json(build(values))
    kept = np.arange(len(values)) % 2 == 0
    expected = build([value if keep else None for value, keep in zip(values, kept, strict=True)])
    assert as_json(build([[value] for value in values]).without(~kept).opened()) == as_json(expected)
