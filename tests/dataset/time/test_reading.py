"""Times are recognised by their usual names and read in their usual forms; what is none of these is counted or refused."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import make_graph
from trainer.dataset.grouping.type_table import merge_tables
from trainer.dataset.time.axis import TimeAxis
from trainer.dataset.time.per_type import find_times
from trainer.dataset.warned import Warned
from trainer.errors import DataError

MOMENT = datetime(2018, 1, 1, 12, 30, tzinfo=UTC)
SECONDS = int(MOMENT.timestamp())
STEPS = [SECONDS + 300 * step for step in range(9)]


def times_of(documents: list[dict[str, Any]], time_field: str | None = None) -> Warned[TimeAxis | None]:
    """The time axis of these documents, and the warnings; what cannot be read is refused."""
    table = make_graph([{"other": 1, **document} for document in documents]).vertices["v"]
    axes, warnings = find_times({"v": merge_tables("v", [table])}, time_field, required="v")
    return Warned(axes["v"], warnings)


def read(values: list[Any], name: str = "ts") -> Warned[TimeAxis]:
    """The time axis of an attribute with these values, and the warnings."""
    axis, warnings = times_of([{name: value} for value in values])
    assert axis is not None
    return Warned(axis, warnings)


def shown(values: list[Any]) -> list[str | float | None]:
    """The times as a reader of the report sees them, None where there is none."""
    axis, _ = read(values)
    return [
        None if missing else axis.show(value)
        for value, missing in zip(axis.values.tolist(), axis.missing.tolist(), strict=True)
    ]


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
        ("2018-01-01 12:30:00 UTC", "s"),
        ("2018/01/01 12:30", "s"),
        ("20180101T123000Z", "s"),
        (201801011230, "s"),
        ("201801011230", "s"),
        (20180101123000, "s"),
    ],
)
def test_moment_is_read_in_every_form(value: Any, unit: str) -> None:
    """Epoch numbers by their size, calendar numbers, texts as ISO 8601, without a zone as UTC."""
    axis, _ = read([value, value])
    assert axis.unit == unit
    assert axis.show(axis.values[0]) == MOMENT.isoformat()


def test_small_numbers_are_ordinal() -> None:
    """A running number is no date and is shown as it is."""
    axis, warnings = read([1, 2, 3])
    assert (axis.unit, axis.show(axis.values[1]), warnings) == ("ordinal", 2.0, ())


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (10**8 - 1, "ordinal"),
        (10**8, "s"),
        (9_214_646_399, "s"),
        (10**11, "ms"),
        (9_214_646_399_999, "ms"),
        (10**14, "us"),
        (9_214_646_399_999_999, "us"),
        (10**17, "ns"),
        (9_214_646_399_999_999_999, "ns"),
    ],
)
def test_unit_follows_from_the_size(value: int, unit: str) -> None:
    """Of each unit from 1973 to 2261; each further unit is a thousand times as fine."""
    assert read([value]).value.unit == unit


def test_one_stray_value_does_not_decide_the_unit() -> None:
    """Neither a zero nor a far too large one among many dates; both are no time."""
    axis, warnings = read([SECONDS, SECONDS + 1, SECONDS + 2, SECONDS * 100, 0])
    assert (axis.unit, axis.unreadable, axis.placeholders) == ("s", 1, 1)
    assert f"such as {SECONDS * 100};" in warnings[0]


def test_text_without_a_zone_is_utc_wherever_the_program_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the machine has no say."""
    with monkeypatch.context() as environment:
        environment.setenv("TZ", "America/New_York")
        time.tzset()
        result = shown(["2018-01-01T12:30:00"])
    time.tzset()
    assert result == [MOMENT.isoformat()]


def test_fractions_of_a_running_order_are_kept() -> None:
    """0.5 lies between 0 and 1."""
    assert shown([0, 0.5, 1, None]) == [0.0, 0.5, 1.0, None]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_with_gaps_stay_exact(unit: str) -> None:
    """One unit apart is one unit apart, be the next value missing."""
    factor = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[unit]
    start = SECONDS * 10**9 // factor
    for values in ([start, start + 1], [start, start + 1, None] if factor > 1 else [start, start + 1]):
        axis, _ = read(values)
        assert (axis.unit, int(axis.values[1] - axis.values[0])) == (unit, factor)


def test_nanoseconds_are_shown_with_all_digits() -> None:
    """A double would round them."""
    assert shown([SECONDS * 10**9 + 123_456_789]) == ["2018-01-01T12:30:00.123456789+00:00"]


def test_fractions_of_epochs_are_read_to_the_microsecond() -> None:
    """Python's `time.time()` is a float in seconds."""
    assert shown([SECONDS + 0.123456, SECONDS]) == ["2018-01-01T12:30:00.123456+00:00", MOMENT.isoformat()]


@pytest.mark.parametrize("absent", [None, ""])
def test_vertex_without_a_time_is_missing(absent: Any) -> None:
    """Null and empty texts are no time, and nobody's fault."""
    axis, warnings = read(["2018-01-01", absent])
    assert (axis.missing.tolist(), warnings) == ([False, True], ())


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (["yesterday", "today"], "'ts' of v looks like the time, but holds no times, only values such as 'yesterday'"),
        (["31/05/2024", "01/06/2024"], "only values such as '31/05/2024'"),
        (["12:30:00", "12:35:00"], "only values such as '12:30:00'"),
        ([True, False], "holds booleans"),
        ([[1.0], [2.0]], "holds arrays"),
        ([{"a": 1}], "holds JSON objects"),
        (["n/a", "null"], "only placeholders such as 'n/a', 'null'"),
        (["2024-06-01", "soon", "later"], "holds no times in 2 of 3 values, such as 'soon', 'later'"),
    ],
)
def test_usual_name_without_times_is_refused(values: list[Any], sentence: str) -> None:
    """The split would be random without a word; the sentence names values and both ways out."""
    with pytest.raises(DataError, match=sentence.replace("(", r"\(")) as refused:
        read(values)
    assert "TIME_FIELD" in str(refused.value)
    assert "SPLIT=random" in str(refused.value)


@pytest.mark.parametrize("values", [["yesterday", "today"], [{"a": 1}, {"a": 2}]])
def test_unreadable_time_that_is_not_needed_is_a_warning(values: list[Any]) -> None:
    """With SPLIT=random, or of a type without labels, there is no time then."""
    table = make_graph([{"ts": value, "other": 1} for value in values]).vertices["v"]
    axes, warnings = find_times({"v": merge_tables("v", [table])}, None)
    assert axes == {"v": None}
    assert len(warnings) == 1
    assert warnings[0].endswith("v has no time.")


def test_attribute_without_values_is_no_time() -> None:
    """Nothing to read, nothing to say."""
    assert times_of([{"ts": None}, {"ts": None}]) == (None, ())


@pytest.mark.parametrize("bad", ["n/a", "soon", "2024-13-01", "NaT", "--"])
def test_one_unreadable_value_is_no_time(bad: str) -> None:
    """It is counted, with an example, and takes the time from nobody else."""
    good = [datetime.fromtimestamp(second, UTC).isoformat() for second in STEPS]
    axis, warnings = read([*good, bad])
    assert axis.missing.tolist() == [False] * 9 + [True]
    assert len(warnings) == 1
    assert warnings[0].startswith("'ts' ")
    assert f"in v (1 of 10 vertices), such as {bad!r}; they have no time." in warnings[0]
    assert axis.unreadable + axis.placeholders == 1


PLACEHOLDERS: list[Any] = [
    *("0001-01-01T00:00:00+03:00", "9999-12-31T23:59:59-05:00", "9999-12-31", "0000-00-00 00:00:00", "1970-01-01"),
    *("1970-01-01T00:00:00Z", "1900-01-01", "infinity", "Infinity"),
]


@pytest.mark.parametrize("placeholder", PLACEHOLDERS)
def test_placeholder_among_texts_is_no_time(placeholder: str) -> None:
    """The beginning and the end of a calendar mean "none" or "open end"."""
    good = [datetime.fromtimestamp(second, UTC).isoformat() for second in STEPS]
    axis, warnings = read([*good, placeholder])
    assert (axis.missing.tolist(), axis.placeholders) == ([False] * 9 + [True], 1)
    assert warnings == (
        f"'ts' is no time but a placeholder in v (1 of 10 vertices), such as {placeholder!r}; they have no time.",
    )


@pytest.mark.parametrize("factor", [1, 10**3, 10**6, 10**9])
@pytest.mark.parametrize(
    "placeholder",
    [
        0,
        -1,
        2**63 - 1,
        -(2**63),
        253_402_300_799,
        253_402_300_799_999,
        -62_135_596_800,
        10**30,
        1e308,
        9_999_999_999_999,
    ],
)
def test_placeholder_among_numbers_is_no_time(placeholder: float, factor: int) -> None:
    """0, -1, the largest numbers, and year 1 or 9999 in seconds or milliseconds, among epochs of any unit."""
    axis, warnings = read([*(second * factor for second in STEPS), placeholder])
    assert axis.missing.tolist() == [False] * 9 + [True]
    assert axis.placeholders == 1
    assert len(warnings) == 1, warnings


@pytest.mark.parametrize(
    "value", [1e308, -1e308, 2**63 - 1, 10**25, "9999-12-31", "0001-01-01T00:00:00+14:00", "1e400"]
)
def test_nothing_but_placeholders_is_refused(value: Any) -> None:
    """Whatever the value, it is a sentence and no error of the program."""
    with pytest.raises(DataError, match="'ts' of v looks like the time, but holds no times, only placeholders such as"):
        read([value, value])


def test_zero_is_a_time_among_others_of_1970() -> None:
    """Daily data that begin in 1970 lose nothing; that they begin there is said."""
    axis, warnings = read([day * 86_400 for day in range(0, 20_000, 10)])
    assert (axis.unit, bool(axis.missing.any())) == ("s", False)
    assert ["begin near 1970" in warning for warning in warnings] == [True]


@pytest.mark.parametrize("factor", [10**3, 10**6, 10**9])
def test_epochs_through_1970_are_of_one_unit(factor: int) -> None:
    """Their sizes are those of all units, without a gap."""
    days = list(range(-4000, 20_000, 7))
    axis, _ = read([day * 86_400 * factor for day in days])
    assert axis.values.tolist() == [day * 86_400 * 10**9 for day in days]


@pytest.mark.parametrize("texts", [["1970-01-20T04:21:40Z", "1970-01-20T05:00:00Z"], ["1969-12-31", "1970-06-01"]])
def test_axis_that_begins_near_1970_is_warned_of(texts: list[str]) -> None:
    """Milliseconds that a program took for seconds, or the other way round, look like that."""
    assert any("begin near 1970" in warning for warning in read(texts).warnings)


def test_units_of_two_sizes_are_read_by_value() -> None:
    """An exchange's archives changed from milliseconds to microseconds."""
    values = [second * 10**3 for second in STEPS] + [(second + 2700) * 10**6 for second in STEPS[:5]]
    axis, warnings = read(values, "open_time")
    assert (np.diff(axis.values) == 300 * 10**9).all()
    assert axis.unit == "us"
    assert warnings == (
        "The times of v ('open_time') are stored in ms (9) and in us (5); they count, and EMBARGO too, in us.",
    )


def test_texts_and_epochs_of_other_sizes_in_one_order() -> None:
    """Seconds, then milliseconds, then nanoseconds."""
    assert shown([SECONDS, (SECONDS + 1) * 10**3, (SECONDS + 2) * 10**9]) == [
        (MOMENT + timedelta(seconds=step)).isoformat() for step in range(3)
    ]


@pytest.mark.parametrize(
    ("values", "first"),
    [
        ([202412310000, 202412310005], "2024-12-31T00:00:00+00:00"),
        ([20241231, 20250101], "2024-12-31T00:00:00+00:00"),
        ([20241231235959, 20250101000000], "2024-12-31T23:59:59+00:00"),
        ([2024123123, 2025010100], "2024-12-31T23:00:00+00:00"),
        ([20241231235959123, 20250101000000000], "2024-12-31T23:59:59.123000+00:00"),
        ([20241231, 20250101, 0, 99991231], "2024-12-31T00:00:00+00:00"),
        ([20240228, 20240229, 20240230], "2024-02-28T00:00:00+00:00"),
    ],
)
def test_calendar_numbers_are_dates(values: list[int], first: str) -> None:
    """They are no milliseconds of 1976; what is no day among them has no time, and the decision is said."""
    axis, warnings = read(values)
    assert (axis.unit, axis.show(axis.values[0])) == ("s", first)
    assert axis.missing.tolist() == [False] * 2 + [True] * (len(values) - 2)
    assert f"'ts' of v holds calendar numbers such as {values[0]}; they are read as dates in UTC." in warnings


@pytest.mark.parametrize(
    "values",
    [
        [20241231, 20250101, SECONDS],
        [202412310000, 202412310005, SECONDS * 1000],
        [SECONDS * 1000, SECONDS * 1000 + 1, 202412310000],
        [SECONDS, SECONDS + 1, 20241231235959],
        [20241231, 20250101, 17],
    ],
)
def test_calendar_numbers_among_others_are_refused(values: list[int]) -> None:
    """Which is meant cannot be told; the sentence names one of each."""
    with pytest.raises(DataError, match=r"numbers such as .* numbers such as ") as refused:
        read(values)
    assert str(values[0]) in str(refused.value)
    assert str(values[2]) in str(refused.value)


def test_calendar_number_beside_one_epoch_is_refused() -> None:
    """Zero is a placeholder and does not tell which is usual."""
    with pytest.raises(DataError, match="epoch numbers such as 1514809800 and calendar numbers such as 20240601"):
        read([0, SECONDS, 20240601])


def test_running_numbers_are_no_calendar_numbers() -> None:
    """Some of them happen to be days."""
    assert read(list(range(20_240_101, 20_241_231))).value.unit == "ordinal"


def test_epochs_of_1976_are_no_calendar_numbers() -> None:
    """Some of them happen to be; data that pass 1976 are read as they are."""
    values = list(range(150_000_000_000, 250_000_000_000, 50_400_000))
    axis, _ = read(values)
    assert axis.values.tolist() == [value * 10**6 for value in values]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([SECONDS, SECONDS + 1, 5, 6], "holds running numbers such as 5, 6, among dates"),
        ([1, 2, 3, SECONDS, SECONDS, SECONDS], "holds running numbers such as 1, 2, 3, among dates"),
    ],
)
def test_dates_and_running_numbers_are_refused(values: list[Any], sentence: str) -> None:
    """Half of each cannot be put in one order."""
    with pytest.raises(DataError, match=sentence):
        read(values)


def test_few_running_numbers_among_dates_are_unreadable() -> None:
    """They are counted as any other value that is no time."""
    axis, warnings = read([*STEPS, 17])
    assert axis.unreadable == 1
    assert warnings == ("'ts' cannot be read as a time in v (1 of 10 vertices), such as 17; they have no time.",)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "ts",
            "TS",
            "timestamp",
            "timeStamp",
            "open_time",
            "Open_Time",
            "openTime",
            "OpenTime",
            "open-time",
            "Open Time",
        ),
        *(
            "closeTime",
            "eventTime",
            "timestamp_ms",
            "timestampMs",
            "ts_ns",
            "time_utc",
            "openTimeMs",
            "created_at",
            "date",
        ),
        *("detectedAt", "time_bucket", "createdAt", "updated_at", "timestamp_utc_ms", "unixTime", "ts_us", "dateTime"),
    ],
)
def test_usual_names_are_found_in_every_spelling(name: str) -> None:
    """Letter case, camel case, blanks and units at the end make no difference."""
    axis, _ = times_of([{name: SECONDS}, {name: SECONDS + 1}])
    assert axis is not None
    assert axis.field == name


@pytest.mark.parametrize(
    "name", ["moment", "response_time", "dwell_time_ms", "valid_until", "s", "ms", "times", "update"]
)
def test_unusual_name_is_no_time_unless_named(name: str) -> None:
    """TIME_FIELD names what is not recognised, in any letter case."""
    assert times_of([{name: SECONDS}]).value is None
    axis, _ = times_of([{name: SECONDS}], time_field=name.upper())
    assert axis is not None
    assert axis.field == name


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (["close_time", "openTime"], "openTime"),
        (["timestamp", "ts_ms"], "ts_ms"),
        (["ts_ms", "ts"], "ts"),
        (["date", "created_at", "open_time"], "open_time"),
        (["updated_at", "createdAt"], "createdAt"),
    ],
)
def test_likeliest_name_is_taken(names: list[str], first: str) -> None:
    """By the order of the usual names, plain spellings before those with a unit."""
    axis, _ = times_of([dict.fromkeys(names, SECONDS)])
    assert axis is not None
    assert axis.field == first


def test_next_usual_name_is_tried() -> None:
    """`ts` holds no times, so `timestamp` is taken, and that is said."""
    axis, warnings = times_of([{"ts": "soon", "timestamp": SECONDS}])
    assert axis is not None
    assert axis.field == "timestamp"
    assert warnings == ("'ts' of v holds no times, only values such as 'soon'; 'timestamp' is taken as the time.",)


def test_less_usual_name_does_not_stand_in_for_an_unreadable_time() -> None:
    """When a document was written says little of when something happened."""
    with pytest.raises(DataError, match="'ts' of v looks like the time"):
        times_of([{"ts": "soon", "created_at": SECONDS}])


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("nope", "no attribute TIME_FIELD='nope'"),
        ("name", "TIME_FIELD='name' of v holds no times, only values such as 'x'"),
        ("empty", "TIME_FIELD='empty' of v holds no times"),
    ],
)
def test_wrong_time_field_is_refused(field: str, sentence: str) -> None:
    """A time that was asked for is never silently replaced by another."""
    with pytest.raises(DataError, match=sentence):
        times_of([{"ts": SECONDS, "name": "x", "empty": None}], field)


def test_rows_in_any_order_are_read_alike() -> None:
    """Neither the unit nor a warning depends on what comes first."""
    values = [*(second * 10**3 for second in STEPS), 0, -1, *(second * 10**6 for second in STEPS[:3])]
    expected = read(values).value.values.tolist()
    shuffled = list(range(len(values)))
    random.Random(1).shuffle(shuffled)
    assert read([values[row] for row in shuffled]).value.values.tolist() == [expected[row] for row in shuffled]


SPELLINGS = st.sampled_from(
    [
        lambda t: t.isoformat(),
        lambda t: t.isoformat().replace("T", " "),
        lambda t: t.strftime("%Y/%m/%d %H:%M:%S.%f%z"),
        lambda t: t.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        lambda t: t.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC"),
        lambda t: t.astimezone(UTC).strftime("%Y.%m.%d %H:%M:%S,%f"),
        lambda t: t.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ"),
        lambda t: t.strftime("%d %b %Y %H:%M:%S.%f %z"),
        lambda t: t.strftime("%a, %d %B %Y %H:%M:%S.%f GMT%z"),
    ]
)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(2001, 1, 1), datetime(2037, 1, 1), timezones=ZONES)


@settings(max_examples=100)
@given(st.lists(st.tuples(INSTANTS, SPELLINGS), min_size=1, max_size=8))
def test_every_spelling_of_an_instant_is_that_instant(drawn: list[tuple[datetime, Any]]) -> None:
    """In one attribute, mixed, in any zone, exact to the microsecond."""
    axis, _ = read([spell(instant) for instant, spell in drawn])
    expected = [
        (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000 for instant, _ in drawn
    ]
    assert axis.values.tolist() == expected


ANYTHING = st.one_of(
    st.none(),
    st.integers(),
    st.integers(-(2**64), 2**64),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.text(max_size=12),
    st.from_regex(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?Z?)?", fullmatch=True),
    st.from_regex(r"[0-9]{4}-W[0-9]{2}-[0-9]", fullmatch=True),
    st.from_regex(r"-?[0-9]{1,22}(\.[0-9]*)?(e[0-9]{1,3})?", fullmatch=True),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=1), st.integers(), max_size=1),
)


@settings(max_examples=400)
@given(st.one_of(st.lists(ANYTHING, min_size=1, max_size=6), st.lists(st.integers(), min_size=1, max_size=6)))
def test_any_values_are_times_or_a_sentence(values: list[Any]) -> None:
    """No other error, whatever a document holds; what is a time can be shown and compared."""
    try:
        axis, warnings = times_of([{"ts": value} for value in values])
    except DataError:
        return
    if axis is None:
        assert all(value is None or value == "" or str(value).isspace() for value in values)
        return
    assert len(axis.values) == len(values)
    assert not axis.missing.all()
    assert all(warning.endswith(".") for warning in warnings)
    assert axis.values[axis.missing].max(initial=axis.values.min()) <= axis.values.min()
    for value in axis.values[~axis.missing].tolist():
        axis.show(value)
        assert axis.before(value, 3.0) <= value
