"""The times of a type whose collections keep them under different names and in different units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.dataset.typed_graphs import typed_graph
from trainer.dataset.edges.leakage import find_future_edges
from trainer.dataset.grouping.layout import lay_out
from trainer.dataset.time.axis import Times
from trainer.dataset.time.per_type import find_times
from trainer.dataset.warned import Warned
from trainer.errors import DataError

S = 1_717_200_000
MORE = {"p": 1, "q": 1, "r": 1}


def times(
    collections: dict[str, list[dict[str, Any]]], time_field: str | None = None, required: str | None = None
) -> Warned[Times]:
    """The times of each type, and the warnings."""
    named = {
        name: [{"_key": f"{name}{n}"} | MORE | document for n, document in enumerate(documents)]
        for name, documents in collections.items()
    }
    return find_times(lay_out(typed_graph(named)).value.tables, time_field, required)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"ts": S * 1000}, {"open_time": S * 1000 + 1}),
        ({"ts": S}, {"ts": S * 1000 + 1}),
        ({"ts": "2024-06-01T00:00:00Z"}, {"ts": S * 1000 + 1}),
    ],
)
def test_collections_with_other_names_and_units_have_one_axis(one: dict[str, Any], other: dict[str, Any]) -> None:
    """`ts` here, `open_time` there; seconds, milliseconds and texts."""
    axis = times({"c_a": [one], "c_b": [other]}).value["c"]
    assert axis is not None
    assert axis.unit == "ms"
    assert axis.values.tolist() == [S * 10**9, S * 10**9 + 10**6]


def test_axis_has_the_commonest_name() -> None:
    """Reports and warnings name the time by it."""
    axis = times({"c_a": [{"ts": S * 1000}], "c_b": [{"ts": S * 1000}], "c_c": [{"open_time": S * 1000}]}).value["c"]
    assert axis is not None
    assert axis.field == "ts"


def test_several_units_are_warned_of() -> None:
    """EMBARGO counts in one of them."""
    _, warnings = times({"c_a": [{"ts": S}], "c_b": [{"ts": S * 1000}]})
    assert warnings == ("The times of c ('ts') are stored in s (1) and in ms (1); they count, and EMBARGO too, in ms.",)


def test_collection_may_have_no_time() -> None:
    """The others keep theirs."""
    axis = times({"c_a": [{"ts": S}], "c_b": [{}]}).value["c"]
    assert axis is not None
    assert axis.missing.tolist() == [False, True]


def test_dates_and_running_numbers_are_no_time() -> None:
    """Under different names they cannot be compared."""
    by_type, warnings = times({"c_a": [{"ts": S}], "c_b": [{"time": 5}]})
    assert by_type == {"c": None}
    assert warnings == (
        "'time' of c_b holds running numbers such as 5, but other collections of c hold dates; c has no time.",
    )


def test_unit_is_judged_over_all_collections() -> None:
    """A collection whose few dates are zero does not take the time from its type."""
    axis = times({"c_a": [{"ts": S}] * 5, "c_b": [{"ts": 0}]}).value["c"]
    assert axis is not None
    assert axis.unit == "s"


def test_type_without_time_field_goes_by_the_usual_names() -> None:
    """TIME_FIELD=moment is of the candles; levels have their `detected_at`."""
    result, _ = times({"c": [{"moment": S}], "s": [{"detected_at": S, "u": 1, "v": 1}]}, "moment")
    assert [axis and axis.field for axis in result.values()] == ["moment", "detected_at"]


def test_time_field_that_no_type_has_is_refused() -> None:
    """The sentence lists the attributes that exist."""
    with pytest.raises(DataError, match="No vertex collection has an attribute TIME_FIELD='moment'"):
        times({"c": [{"ts": S}], "s": [{"ts": S, "u": 1, "v": 1}]}, "moment")


def test_lost_times_are_counted_by_collection() -> None:
    """One sentence for what cannot be read, one for placeholders, each with the collections and an example."""
    good = [{"ts": f"2024-06-01T00:{minute:02}:00Z"} for minute in range(10)]
    result = times(
        {
            "c_a": [*good, {"ts": "soon"}, {"ts": "later"}, {"ts": "9999-12-31"}],
            "c_b": [*good, {"ts": "31/05/2024"}],
            "c_c": good,
        }
    )
    assert result.warnings == (
        "'ts' cannot be read as a time in c_a (2 of 13 vertices), c_b (1 of 11 vertices), such as 'soon'; they have no time.",
        "'ts' is no time but a placeholder in c_a (1 of 13 vertices), such as '9999-12-31'; they have no time.",
    )
    axis = result.value["c"]
    assert axis is not None
    assert (axis.unreadable, axis.placeholders, int(axis.missing.sum())) == (3, 1, 4)


@pytest.mark.parametrize("bad", ["31/05/2024", {"at": 1}, ["2024"]])
def test_collection_whose_times_cannot_be_read(bad: Any) -> None:
    """It is refused where the type is divided in time; else the others keep their times, and it is said."""
    collections = {"c_a": [{"ts": S}, {"ts": S + 1}], "c_b": [{"ts": bad}]}
    axis, warnings = times(collections).value["c"], times(collections).warnings
    assert axis is not None
    assert axis.missing.tolist() == [False, False, True]
    assert [warning.startswith("'ts' of c_b ") for warning in warnings] == [True]
    with pytest.raises(DataError, match="'ts' of c_b looks like the time, but"):
        times(collections, required="c")


def test_units_of_collections_need_no_common_size() -> None:
    """Calendar numbers here, milliseconds there, texts and nanoseconds: exact in one order."""
    axis = times(
        {
            "c_a": [{"ts": 20240601}, {"ts": 20240602}],
            "c_b": [{"open_time": S * 1000}],
            "c_c": [{"ts": "2024-06-01T00:00:00.000000001Z"}],
            "c_d": [{"timestampNs": S * 10**9 + 2}],
        }
    ).value["c"]
    assert axis is not None
    assert axis.unit == "ns"
    assert (axis.values - S * 10**9).tolist() == [0, 86_400 * 10**9, 0, 1, 2]
    assert axis.fields == {"ts", "open_time", "timestampNs"}


def test_times_of_two_types_are_compared_to_the_nanosecond() -> None:
    """An edge out of the future is seen though one side has milliseconds; what has no time is certain of nothing."""
    result = times(
        {
            "c": [{"ts": S * 1000}, {"ts": S * 1000}, {"ts": None}],
            "s": [{"detected_at": S * 10**9 + 1, "u": 1, "v": 1}, {"detected_at": S * 10**9, "u": 1, "v": 1}],
        }
    ).value
    index = np.array([[0, 1, 0, 1], [0, 0, 2, 2]])
    count, uncertain = find_future_edges(index, result["s"], result["c"])
    assert count == 1
    assert uncertain is not None
    assert uncertain.tolist() == [True, False, True, True]
    back = np.array([[0, 2, 2], [0, 0, 1]])
    assert find_future_edges(back, result["c"], result["s"]) == (0, None)
