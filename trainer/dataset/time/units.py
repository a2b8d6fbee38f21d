"""Numbers as moments: epochs of any unit, each by its size, and calendar numbers such as 20240601."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
"""Of each unit of epoch numbers."""
UNITS = ("ordinal", *NANOSECONDS)
"""By the scale of a number, see `scales`."""
FIRST, LAST = -9_214_560_000 * 10**9, 9_214_646_400 * 10**9
"""Moments from 1678 to 2261 are times; 64 bits hold their nanoseconds. All others are placeholders."""

_BOUNDS = np.array([1e8, 1e11, 1e14, 1e17])  # smaller numbers are a running order; 1e8 s is March 1973
_YEARS = {8: (1800, 2199), 10: (1990, 2099), 12: (1800, 2199), 14: (1800, 2199), 17: (1800, 2199)}
"""Of calendar numbers, by their digits; those of ten digits could be seconds, and are not in these years alone."""
_RECENT = 631_152_000 * 10**9, 2_840_140_800 * 10**9  # 1990 to 2059, the times that data sets are about
_END_OF_CALENDAR = 2_932_896  # days from 1970 to 9999-12-31, by which "never" is written
NOT, INVALID, NEVER, VALID = range(4)
"""Whether a number is a calendar number; INVALID has the form but names no day, NEVER is of the year 9999."""


def scales(magnitudes: NDArray[np.float64]) -> NDArray[np.int8]:
    """The place in UNITS that the size of each number speaks for."""
    return np.searchsorted(_BOUNDS, magnitudes, side="right").astype(np.int8)


def moments_of(values: NDArray[Any], unit: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Nanoseconds since 1970 of int64 or float64 epochs, and which of them are times; the others are 0.

    Integers are exact. Fractions are read to the microsecond, because a double holds no more of an epoch.
    """
    factor = NANOSECONDS[unit]
    if values.dtype.kind == "i":
        usable = (values >= FIRST // factor) & (values <= (LAST - 1) // factor)
        return np.where(usable, values, 0) * np.int64(factor), usable
    usable = (values >= FIRST / factor) & (values < LAST / factor)
    kept = np.where(usable, values, 0)
    whole = np.floor(kept)
    rest = np.rint((kept - whole) * (factor / 1000)).astype(np.int64) * 1000
    return whole.astype(np.int64) * factor + rest, usable


def is_end_of_calendar(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which epochs are 9999-12-31 in some unit, whose size speaks for the next finer one."""
    result = np.zeros(len(values), dtype=bool)
    for factor in (1, 10**3, 10**6):
        result |= np.abs(values // (86_400 * factor) - _END_OF_CALENDAR) <= 1
    return result


def calendar_moments(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Nanoseconds since 1970 of YYYYMMDD, YYYYMMDDHH, YYYYMMDDHHMM, YYYYMMDDHHMMSS and the last with milliseconds.

    Returns:
        The moments, 0 where there is none, and NOT, INVALID, NEVER or VALID.
    """
    moments, verdict = np.zeros(len(values), dtype=np.int64), np.full(len(values), NOT, dtype=np.int8)
    for digits, (first, last) in _YEARS.items():
        year = values // 10 ** (digits - 4)
        rows = np.flatnonzero(((year >= first) & (year <= last)) | (year == 9999))
        if not len(rows):
            continue
        milliseconds = values[rows] % 1000 if digits == 17 else np.zeros(len(rows), dtype=np.int64)
        number = values[rows] // 1000 if digits == 17 else values[rows] * 10 ** (14 - digits)
        parts = [number // 10**place % 100 for place in (8, 6, 4, 2, 0)]
        seconds, valid = civil_seconds(year[rows], *parts)
        valid &= year[rows] != 9999
        verdict[rows] = np.where(valid, VALID, np.where(year[rows] == 9999, NEVER, INVALID))
        moments[rows] = np.where(valid, seconds * 10**9 + milliseconds * 10**6, 0)
    return moments, verdict


def civil_seconds(
    year: NDArray[np.int64],
    month: NDArray[np.int64],
    day: NDArray[np.int64],
    hour: NDArray[np.int64],
    minute: NDArray[np.int64],
    second: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Seconds since 1970 of moments in UTC, and which of them exist; 24:00 and leap seconds do, as those that follow."""
    exists = (month >= 1) & (month <= 12)
    months = ((year - 1970) * 12 + np.where(exists, month - 1, 0)).astype("M8[M]")
    first = months.astype("M8[D]").astype(np.int64)
    length = (months + 1).astype("M8[D]").astype(np.int64) - first
    exists &= (day >= 1) & (day <= length) & (minute < 60) & (second <= 60)
    exists &= (hour < 24) | ((hour == 24) & (minute == 0) & (second == 0))
    return (first + day - 1) * 86_400 + hour * 3600 + minute * 60 + second, exists


def looks_like_epochs(values: NDArray[Any]) -> bool:
    """Whether these numbers (int64 or float64, NaN where missing) are times by all appearance, whatever their name.

    19 of 20 are epochs from 1990 to 2059, or calendar numbers; 0 and -1 do not count. Numbers with fractions have to lie
    as close to each other as the times of a year or two, because amounts of money may be of this size too.
    """
    known = values[~np.isnan(values) & (values != 0) & (values != -1)]
    sizes = np.minimum(np.abs(known[:: 1 + len(known) // 1000]), 1e20)
    if not len(known) or np.median(sizes) < 1e7:  # prices and volumes, at little cost
        return False
    scale = scales(np.abs(known))
    recent = np.zeros(len(known), dtype=bool)
    for place, factor in enumerate(NANOSECONDS.values(), start=1):
        recent |= (scale == place) & (known >= _RECENT[0] / factor) & (known < _RECENT[1] / factor)
    if recent.mean() >= 0.95:
        apart = known[recent]
        return bool((apart == np.floor(apart)).all() or float(apart.max()) < 1.05 * float(apart.min()))
    whole = known[(known == np.floor(known)) & (np.abs(known) < 2.0**63)].astype(np.int64)
    return bool((calendar_moments(whole)[1] == VALID).sum() >= 0.95 * len(known))
