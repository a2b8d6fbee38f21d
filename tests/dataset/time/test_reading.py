"""Times are recognised by their usual names and read in their usual forms."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from tests.conftest import make_graph
from trainer.dataset.time.axis import TimeAxis
from trainer.dataset.time.reading import find_time
from trainer.errors import DataError

MOMENT = datetime(2018, 1, 1, 12, 30, tzinfo=UTC)
SECONDS = int(MOMENT.timestamp())


def axis(values: list[Any], name: str = "ts", time_field: str | None = None) -> TimeAxis | None:
    """The time axis of an attribute with these values."""
    return find_time(make_graph([{name: value, "other": 1} for value in values]).vertices["v"], time_field)


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (SECONDS, "s"),
        (float(SECONDS), "s"),
        (str(SECONDS), "s"),
        (SECONDS * 10**3, "ms"),
        (SECONDS * 10**6, "us"),
        (SECONDS * 10**9, "ns"),
        ("2018-01-01T12:30:00Z", "s"),
        ("2018-01-01T12:30:00", "s"),
        ("2018-01-01 12:30:00+00:00", "s"),
        ("2018-01-01T14:30:00+02:00", "s"),
        ("2018-01-01T12:30:00.000Z", "s"),
    ],
)
def test_moment_is_read_in_every_form(value: Any, unit: str) -> None:
    """Epoch numbers by their size, texts as ISO 8601, without a zone as UTC."""
    result = axis([value, value])
    assert result is not None
    assert result.unit == unit
    assert result.show(result.values[0]) == MOMENT.isoformat()


def test_small_numbers_are_ordinal() -> None:
    """A running number is no date and is shown as it is."""
    result = axis([1, 2, 3])
    assert result is not None
    assert (result.unit, result.show(result.values[1])) == ("ordinal", 2.0)


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (10**8 - 1, "ordinal"),
        (10**8, "s"),
        (10**11 - 1, "s"),
        (10**11, "ms"),
        (10**14 - 1, "ms"),
        (10**14, "us"),
        (10**17 - 1000, "us"),
        (10**17, "ns"),
    ],
)
def test_unit_follows_from_the_size(value: int, unit: str) -> None:
    """Seconds begin in 1973 and end in 5138; each further unit is a thousand times as fine."""
    result = axis([value])
    assert result is not None
    assert result.unit == unit


def test_one_stray_value_does_not_decide_the_unit() -> None:
    """Neither a zero nor a far too large one among many dates."""
    result = axis([SECONDS, SECONDS + 1, SECONDS + 2, SECONDS * 100, 0])
    assert result is not None
    assert result.unit == "s"


def test_text_without_a_zone_is_utc_wherever_the_program_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the machine has no say."""
    with monkeypatch.context() as environment:
        environment.setenv("TZ", "America/New_York")
        time.tzset()
        result = axis(["2018-01-01T12:30:00"])
    time.tzset()
    assert result is not None
    assert result.values.tolist() == [SECONDS]


def test_finer_unit_keeps_every_digit() -> None:
    """Integers are multiplied as integers; where int64 is too small, as doubles."""
    moments = TimeAxis("ts", np.array([SECONDS * 1000 + 1, SECONDS * 1000 + 2]), "ms").in_unit("ns")
    assert moments.tolist() == [(SECONDS * 1000 + 1) * 10**6, (SECONDS * 1000 + 2) * 10**6]
    far = TimeAxis("ts", np.array([-(10**10), 10**10]), "s").in_unit("ns")
    assert far.tolist() == [-1e19, 1e19]


def test_unit_is_judged_by_the_typical_value() -> None:
    """A zero among dates does not make them ordinal."""
    result = axis([0, SECONDS * 1000, SECONDS * 1000 + 1])
    assert result is not None
    assert result.unit == "ms"


def test_nanoseconds_stay_exact() -> None:
    """Integers are not rounded to doubles on the way."""
    result = axis([SECONDS * 10**9, SECONDS * 10**9 + 1])
    assert result is not None
    assert int(result.values[1] - result.values[0]) == 1


@pytest.mark.parametrize("absent", [None, ""])
def test_vertex_without_a_time_is_missing(absent: Any) -> None:
    """Null and empty texts are no time."""
    result = axis(["2018-01-01", absent])
    assert result is not None
    assert result.missing.tolist() == [False, True]


@pytest.mark.parametrize("values", [["yesterday", "today"], [True, False], [[1.0], [2.0]], [{"a": 1}], [None, None]])
def test_other_values_are_no_time(values: list[Any]) -> None:
    """An attribute called `ts` that holds no times is skipped."""
    assert axis(values) is None


def test_usual_name_in_another_letter_case() -> None:
    """`Open_Time` is `open_time`."""
    result = axis([SECONDS, SECONDS], name="Open_Time")
    assert result is not None
    assert result.field == "Open_Time"


def test_unusual_name_is_no_time_unless_named() -> None:
    """TIME_FIELD names what is not recognised, in any letter case."""
    assert axis([SECONDS], name="moment") is None
    result = axis([SECONDS], name="moment", time_field="MOMENT")
    assert result is not None
    assert result.field == "moment"


def test_next_usual_name_is_tried() -> None:
    """`ts` holds no times, so `timestamp` is taken."""
    table = make_graph([{"ts": "soon", "timestamp": SECONDS}]).vertices["v"]
    result = find_time(table, None)
    assert result is not None
    assert result.field == "timestamp"


@pytest.mark.parametrize(
    ("field", "sentence"), [("nope", "no attribute TIME_FIELD='nope'"), ("name", "TIME_FIELD='name'.*holds no times")]
)
def test_wrong_time_field_is_refused(field: str, sentence: str) -> None:
    """A time that was asked for is never silently replaced by another."""
    table = make_graph([{"ts": SECONDS, "name": "x"}]).vertices["v"]
    with pytest.raises(DataError, match=sentence):
        find_time(table, field)
