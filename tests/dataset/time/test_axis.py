"""Places on a time axis: shown, and a distance before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.dataset.time.axis import NO_TIME, TimeAxis


def axis(unit: str, dtype: Any = np.int64) -> TimeAxis:
    """An axis of one place."""
    return TimeAxis("ts", frozenset({"ts"}), np.zeros(1, dtype), unit, np.zeros(1, dtype=bool))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "1970-01-01T00:00:00+00:00"),
        (1_500_000_000 * 10**9 + 250_000_000, "2017-07-14T02:40:00.250000+00:00"),
        (1_500_000_000 * 10**9 + 1, "2017-07-14T02:40:00.000000001+00:00"),
        (-1, "1969-12-31T23:59:59.999999999+00:00"),
        (9_214_646_399 * 10**9, "2261-12-31T23:59:59+00:00"),
    ],
)
def test_dates_are_shown_with_all_their_digits(value: int, text: str) -> None:
    """Microseconds as Python shows them, nanoseconds where there are some."""
    assert axis("ns").show(value) == text


@pytest.mark.parametrize(
    ("unit", "distance", "expected"),
    [
        ("s", 1, 10**9),
        ("s", 0.1, 100_000_000),
        ("ms", 2.5, 2_500_000),
        ("us", 1e6, 10**9),
        ("ns", 1.9, 1),
        ("ordinal", 2.5, 2),
    ],
)
def test_distance_counts_in_the_unit_of_the_attribute(unit: str, distance: float, expected: int) -> None:
    """To the nanosecond, downwards."""
    start = 1_500_000_000_123_456_789
    assert start - axis(unit).before(start, distance) == expected


@pytest.mark.parametrize("distance", [1e12, 1e30, 1e300, float("inf")])
def test_endless_distance_reaches_every_time(distance: float) -> None:
    """And not what stands for no time."""
    before = axis("s").before(-(10**18), distance)
    assert np.iinfo(np.int64).min < before < -(2**62)


def test_fractions_of_a_running_order() -> None:
    """They are no whole numbers, and nor is the distance."""
    assert axis("ordinal", np.float64).before(3.5, 0.75) == 2.75


@given(
    st.lists(st.integers(NO_TIME + 1, 2**63 - 1), min_size=1, max_size=5),
    st.sampled_from(["s", "ns", "ordinal"]),
    st.sampled_from([0.0, 0.1, 2.5, 1e9, 1e30, float("inf")]),
)
def test_all_places_move_as_one_does(values: list[int], unit: str, distance: float) -> None:
    """A distance before each of the times is what it is before one of them."""
    times = replace(axis(unit), values=np.array(values))
    assert times.all_before(distance).tolist() == [times.before(value, distance) for value in values]


def test_all_fractions_move_as_one_does() -> None:
    """Of a running order that has them."""
    times = replace(axis("ordinal", np.float64), values=np.array([3.5, -1.0]))
    assert times.all_before(0.75).tolist() == [2.75, -1.75]
