"""The times of a type whose collections keep them under different names and in different units."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dataset.typed_graphs import typed_graph
from trainer.dataset.grouping.layout import lay_out
from trainer.dataset.time.axis import Times
from trainer.dataset.time.per_type import find_times
from trainer.dataset.warned import Warned
from trainer.errors import DataError

S = 1_717_200_000
MORE = {"p": 1, "q": 1, "r": 1}


def times(collections: dict[str, list[dict[str, Any]]], time_field: str | None = None) -> Warned[Times]:
    """The times of each type, and the warnings."""
    named = {
        name: [{"_key": f"{name}{n}"} | MORE | document for n, document in enumerate(documents)]
        for name, documents in collections.items()
    }
    return find_times(lay_out(typed_graph(named)).tables, time_field)


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
    assert axis.values.tolist() == [S * 1000, S * 1000 + 1]


def test_axis_has_the_commonest_name() -> None:
    """Reports and warnings name the time by it."""
    axis = times({"c_a": [{"ts": S * 1000}], "c_b": [{"ts": S * 1000}], "c_c": [{"open_time": S * 1000}]}).value["c"]
    assert axis is not None
    assert axis.field == "ts"


def test_several_units_are_warned_of() -> None:
    """EMBARGO counts in one of them."""
    _, warnings = times({"c_a": [{"ts": S}], "c_b": [{"ts": S * 1000}]})
    assert warnings == ("c has times in s and in ms; they count, and EMBARGO too, in ms.",)


def test_collection_may_have_no_time() -> None:
    """The others keep theirs."""
    axis = times({"c_a": [{"ts": S}], "c_b": [{}]}).value["c"]
    assert axis is not None
    assert axis.missing.tolist() == [False, True]


def test_dates_and_running_numbers_are_no_time() -> None:
    """Under different names they cannot be compared."""
    by_type, warnings = times({"c_a": [{"ts": S}], "c_b": [{"time": 5}]})
    assert by_type == {"c": None}
    assert warnings == ("c has dates in some collections and running numbers in others, and so no time.",)


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
