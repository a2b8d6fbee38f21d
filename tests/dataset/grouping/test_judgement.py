"""One judgement over all values says whether an attribute holds numbers, booleans, texts or arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.graph.reading import plain, shape
from tests.graph.values import STRATEGIES
from trainer.dataset.grouping.judgement import Expected, judge, spellings
from trainer.graph.building.column_builder import ColumnBuilder
from trainer.graph.columns import Column, NumberColumn, TextColumn, UnusableColumn, VectorColumn
from trainer.graph.stored_column import StoredColumn, join_columns


def stored(values: list[Any]) -> StoredColumn:
    """Values as a source keeps them."""
    builder = ColumnBuilder()
    builder.append(values)
    return builder.finish()


def judged(values: list[Any], expected: Expected | None = None) -> Column:
    """What these values are."""
    return judge(stored(values), expected)


def numbers(values: list[Any]) -> NumberColumn:
    """A column that should come out as numbers."""
    column = judged(values)
    assert isinstance(column, NumberColumn), column
    return column


def texts(values: list[Any]) -> TextColumn:
    """A column that should come out as texts."""
    column = judged(values)
    assert isinstance(column, TextColumn), column
    return column


def unusable(values: list[Any]) -> UnusableColumn:
    """A column that should be of no use."""
    column = judged(values)
    assert isinstance(column, UnusableColumn), column
    return column


@settings(max_examples=300)
@given(data=st.data())
def test_neither_order_nor_collections_matter(data: st.DataObject) -> None:
    """The rows in any order, spread over any collections, are judged alike."""
    values = data.draw(st.lists(data.draw(st.sampled_from(STRATEGIES)), min_size=1, max_size=12))
    order = data.draw(st.permutations(range(len(values))))
    end = data.draw(st.integers(0, len(values)))
    shuffled = [values[row] for row in order]
    parts = [shuffled[:end], shuffled[end:]]
    joined = join_columns([stored(part) for part in parts], list(map(len, parts)))
    assert shape(judge(joined).take(np.argsort(order))) == shape(judged(values))


def test_integers_are_exact_with_gaps() -> None:
    """A gap makes no doubles of integers, so that neighbours beyond 2^53 stay two."""
    column = numbers([2**53 + 1, None, 2**53 + 2, -(2**63)])
    assert column.values.dtype == np.int64
    assert plain(column) == [2**53 + 1, None, 2**53 + 2, -(2**63)]
    assert column.unreadable == 0


def test_integral_doubles_among_fractions() -> None:
    """ArangoDB writes 3.0 as 3; the column is one of doubles all the same."""
    column = numbers([0.5, 3, None, "4"])
    assert column.values.dtype == np.float64
    assert plain(column) == [0.5, 3.0, None, 4.0]


@pytest.mark.parametrize(
    ("bad", "shown"),
    [
        ("--", "'--'"),
        ("null", "'null'"),
        ("1,234.5", "'1,234.5'"),
        ("5%", "'5%'"),
        ("2018_01", "'2018_01'"),
        ("inf", "'inf'"),
        ({"a": 1}, "an object"),
        ([1.0, 2.0], "an array"),
    ],
)
@pytest.mark.parametrize("good", [["0.5", "1e-8", "7"], [0.5, 2, 3.25], [1, 2, 3], ["1", 2, 0.5]])
def test_bad_values_among_numbers_are_missing_and_counted(good: list[Any], bad: Any, shown: str) -> None:
    """One value that is no number takes nothing from the others."""
    column = numbers([*good, bad, None, bad])
    assert plain(column)[:3] == [float(value) for value in good]
    assert column.missing.tolist() == [False, False, False, True, True, True]
    assert (column.unreadable, column.examples) == (2, (shown,))


def test_examples_are_the_commonest_values() -> None:
    """A sentence has room for a few."""
    column = numbers(["1", "2", "3", "4", "5", "6", "x", "--", "--", "y", "z"])
    assert (column.unreadable, column.examples) == (5, ("'--'", "'x'", "'y'"))


@pytest.mark.parametrize("nothing", [None, "", "  ", "nan", "NaN"])
def test_nothing_is_missing_without_a_word(nothing: str | None) -> None:
    """Null and blank texts are missing, and so is `nan`, by which streams say it, however many they are."""
    column = numbers([1.5, *[nothing] * 5])
    assert column.missing.tolist() == [False, *[True] * 5]
    assert column.unreadable == 0


def test_placeholders_have_no_say() -> None:
    """A column that begins with many `--` is one of numbers."""
    column = numbers(["--", "N/A", "-", "null", "7.5"])
    assert plain(column) == [None, None, None, None, 7.5]
    assert column.unreadable == 4


@pytest.mark.parametrize(
    ("values", "number"),
    [(["1", "2", "a"], True), (["1", "a"], False), (["1", "a", "b"], False), ([1, "a"], False), ([1, 2, "a"], True)],
)
def test_more_than_half_are_numbers(values: list[Any], number: bool) -> None:
    """Half is not enough."""
    assert isinstance(judged(values), NumberColumn) == number


@pytest.mark.parametrize("values", [[True, None, False], ["true", None, "FALSE"], ["True", None, False]])
def test_booleans_and_their_texts(values: list[Any]) -> None:
    """True and false in any form and letter case are booleans."""
    column = numbers(values)
    assert column.boolean
    assert plain(column) == [1, None, 0]


def test_booleans_among_numbers_are_numbers() -> None:
    """One number makes the column a numeric one."""
    column = numbers([True, 2, "true"])
    assert not column.boolean
    assert plain(column) == [1, 2, 1]


def test_booleans_beside_a_placeholder() -> None:
    """A placeholder is missing, another word a third category."""
    column = numbers(["true", "false", "n/a"])
    assert (column.boolean, column.unreadable) == (True, 1)
    assert plain(texts(["true", "false", "maybe"])) == ["true", "false", "maybe"]


@pytest.mark.parametrize(
    "values", [["007", "12", "300"], ["0000", "0001", "0002"], ["01.10", "10.1"], ["-07", "1"], ["08", "9", "--"]]
)
def test_leading_zeros_mean_text(values: list[str]) -> None:
    """Codes keep their zeros, and the others their spelling."""
    column = texts(values)
    assert plain(column) == values
    assert column.reason.startswith("holds codes with leading zeros such as ")


def test_codes_beside_whole_numbers_of_json() -> None:
    """A file that lost some zeros on its way holds codes still."""
    assert plain(texts(["00501", 10001, 2134])) == ["00501", "10001", "2134"]


@pytest.mark.parametrize("values", [["0", "0.5", "-0.5", "10"], [0.5, 1.5, 2.5, "007"]])
def test_zeros_that_lead_nothing(values: list[Any]) -> None:
    """`0` and `0.5` are numbers, and a code among fractions is a mistake."""
    numbers(values)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([2**64 - 1, 2**64 - 2, 5], ["18446744073709551615", "18446744073709551614", "5"]),
        (["123456789012345678901", "123456789012345678902", "7"], None),
        (["9223372036854775808", 7, None], ["9223372036854775808", "7", None]),
    ],
)
def test_integers_beyond_64_bits_are_texts(values: list[Any], shown: list[Any] | None) -> None:
    """No two of them become one by rounding."""
    column = texts(values)
    assert plain(column) == (shown or values)
    assert column.reason.startswith("holds whole numbers beyond 64 bits such as ")


def test_large_doubles_stay_numbers() -> None:
    """What is a double anyway loses nothing; ArangoDB writes 12e18 without an exponent."""
    assert plain(numbers([12_000_000_000_000_000_000, 0.5])) == [1.2e19, 0.5]
    assert plain(numbers([12_000_000_000_000_000_000, 7])) == [1.2e19, 7.0]


def test_texts_are_categories_in_order() -> None:
    """Equal texts share a code, blanks around them not counted; the codes follow the order of the texts."""
    column = texts(["up", "down", " up ", None, "nan"])
    assert column.codes.tolist() == [2, 0, 2, -1, 1]
    assert column.categories == ["down", "nan", "up"]


def test_numerals_among_words_keep_their_spelling() -> None:
    """`1.50` is a word among words."""
    assert plain(texts(["1.50", "up", "down", "true"])) == ["1.50", "up", "down", "true"]


def test_categories_are_those_of_the_rows() -> None:
    """A text of rows that were left out is no category."""
    column = judge(stored(["a", "b", "c"]).take(np.array([2, 0])))
    assert isinstance(column, TextColumn)
    assert (column.categories, column.codes.tolist()) == (["a", "c"], [1, 0])


def test_arrays_are_vectors() -> None:
    """Arrays of one length make one column of many numbers; null rows and null elements are told apart."""
    column = judged([[1, 2.5], None, [None, 4], [None, None]])
    assert isinstance(column, VectorColumn)
    assert column.values.dtype == np.float32
    assert plain(column) == [[1.0, 2.5], None, [None, 4.0], None]


@pytest.mark.parametrize("values", [[[1], [2], [3]], [[1, 2], [3, 4], [5, 6]]])
def test_arrays_without_some_rows(values: list[Any]) -> None:
    """What was taken out is missing, whatever form the others have."""
    column = stored(values).without(np.array([False, True, False]))
    assert judge(column).missing.tolist() == [False, True, False]
    if column.elements is not None:
        assert column.elements.missing.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([{"a": 1}, None], "holds JSON objects"),
        ([{"a": 1}, 5], "holds JSON objects"),
        ([[1], [1, 2]], "holds arrays of several lengths (1, 2)"),
        ([[], None], "holds empty arrays"),
        ([[], [1]], "holds arrays of several lengths (0, 1)"),
        ([["a"], ["b"]], "holds arrays of something else than numbers"),
        ([[[1]], [[2]]], "holds nested arrays"),
        ([[1], 2], "holds arrays in some documents and single values in others"),
        ([[1], "up"], "holds arrays in some documents and single values in others"),
        ([1, "up"], "holds texts such as 'up' among numbers"),
        ([True, "up"], "holds texts such as 'up' among booleans"),
    ],
)
def test_unusable_values_say_why(values: list[Any], reason: str) -> None:
    """Values that are no column keep the reason, and which rows are missing."""
    column = unusable(values)
    assert column.reason == reason
    assert column.missing.tolist() == [value is None for value in values]


def test_column_of_nulls() -> None:
    """All missing, and no type of its own."""
    assert numbers([None, None]).missing.tolist() == [True, True]
    assert numbers([]).missing.tolist() == []


def test_expected_categories_are_read_as_texts() -> None:
    """A graph whose categories happen to be digits, or true and false, has categories all the same."""
    expected = Expected("category", ["1", "up"])
    assert plain(judged(["1", "2", None], expected)) == ["1", "2", None]
    assert plain(judged(["true", "false"], expected)) == ["true", "false"]
    assert plain(judged([1, 2], expected)) == ["1", "2"]
    assert isinstance(judged([3, 4.5], expected), NumberColumn)


def test_expected_numbers_are_read_as_numbers() -> None:
    """A graph in which most are no numbers, or a code is among them, has what there is."""
    expected = Expected("number")
    column = judged(["1.5", "up", "up", "007"], expected)
    assert isinstance(column, NumberColumn)
    assert (plain(column), column.unreadable) == ([1.5, None, None, None], 3)
    assert isinstance(judged(["up", "down"], expected), TextColumn)


def test_spellings_are_those_of_the_documents() -> None:
    """What stands for numbers and booleans as texts can be given back."""
    assert spellings(stored(["1.0", "1", "01x", None])) == ["1", "1.0"]
    assert spellings(stored(["True", "false"])) == ["True", "false"]
    assert spellings(stored(["1", 2])) == []
