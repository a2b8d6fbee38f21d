"""What the values of an attribute mean as times, judged over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.time.stored import Stored
from trainer.dataset.time.texts import INTEGER, MOMENT, PLACEHOLDER, REAL, UNREADABLE
from trainer.dataset.time.units import (
    FIRST,
    LAST,
    NANOSECONDS,
    NOT,
    UNITS,
    VALID,
    calendar_moments,
    is_end_of_calendar,
    moments_of,
    scales,
)

_APART = 20.0
"""Factor between the sizes of numbers of two units. Epochs of one unit that reach back to 1970 have no such gap."""
_DAY, _YEAR = 86_400 * 10**9, 31_622_400 * 10**9
_PLACEHOLDER_DAYS = (
    *("1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01", "1970-01-01", "1980-01-01"),
    *("2037-12-31", "2038-01-19", "2050-12-31", "2099-12-31", "2100-01-01", "2199-12-31", "2200-01-01"),
)
"""Where calendars of programs begin and end; a time only among others of about that year."""


@dataclass(frozen=True)
class Reading:
    """The values of an attribute as times.

    Attributes:
        unit: s, ms, us, ns or ordinal; what EMBARGO counts in. Empty where no value is a time.
        values: shape [rows], int64 nanoseconds since 1970, or int64 or float64 numbers of an ordinal axis.
        form: int8 of shape [rows]: MOMENT where `values` holds a time; ABSENT, PLACEHOLDER, UNREADABLE elsewhere.
        stored_as: how many times were read out of which unit; of `texts`, calendar numbers too.
        reason: why the values are no times at all, if so.
    """

    unit: str
    values: NDArray[Any]
    form: NDArray[np.int8]
    stored_as: Mapping[str, int] = field(default_factory=dict)
    reason: str = ""


def read(stored: Stored) -> Reading:
    """Judge the values together: dates or a running order, and of dates the unit of each number.

    - Texts are moments already; so are calendar numbers.
    - Numbers below 1e8 are a running order, unless they continue larger ones towards 1970. Of a running order and dates
      the more frequent are meant, and the others are unreadable.
    - Other numbers are in s, ms, us or ns by their size. Numbers of two sizes that no gap of a factor of 20 parts are of
      one unit, that of the typical one.
    - A number of another unit than most that is 20 years or more from them is unreadable.
    - 0, -1 and days at which calendars of programs begin or end are placeholders, if no other date lies near.
    """
    if stored.reason:
        form = np.where(stored.form >= MOMENT, UNREADABLE, stored.form).astype(np.int8)
        return Reading("", np.zeros(len(form), dtype=np.int64), form, reason=stored.reason)
    is_number, is_mark = stored.is_number, stored.is_mark
    magnitudes = np.abs(stored.numbers)
    scale_of = _joined_scales(magnitudes[is_number & ~is_mark])
    scale = scale_of[scales(magnitudes)]
    is_order = is_number & ~is_mark & (scale == 0)
    is_date = (stored.form == MOMENT) | (is_number & ~is_mark & (scale > 0))
    if is_order.sum() > is_date.sum() or (is_number.any() and not is_date.any()):
        return _running_order(stored, is_order | is_mark)
    usual = np.bincount(scale[is_date & is_number], minlength=2).argmax() or 1
    return _dates(stored, np.where(is_mark, usual, scale), is_order)


def _joined_scales(magnitudes: NDArray[np.float64]) -> NDArray[np.int8]:
    """The scale that numbers of each size have, int8 of shape [scales], an index into UNITS.

    It is that of their size, but that of the typical number where numbers lead up to it without a gap.
    """
    result = np.arange(len(UNITS), dtype=np.int8)
    if not len(magnitudes):
        return np.minimum(result, 0)
    own = scales(magnitudes)
    lowest = [magnitudes[own == scale].min(initial=np.inf) for scale in result]
    highest = [magnitudes[own == scale].max(initial=0) for scale in result]
    typical = int(scales(np.median(magnitudes, keepdims=True))[0])
    typical = int(own[np.abs(own - typical).argmin()])
    near = lowest[typical]
    for scale in range(typical - 1, -1, -1):
        if highest[scale] * _APART > near:
            result[scale], near = typical, lowest[scale]
    far = highest[0]
    for scale in range(1, len(result)) if typical == 0 else ():
        if lowest[scale] < far * _APART:
            result[scale], far = 0, highest[scale]
    return result


def _running_order(stored: Stored, is_order: NDArray[np.bool_]) -> Reading:
    is_exact = not (is_order & (stored.form == REAL)).any()
    values = np.where(is_order, stored.whole if is_exact else stored.numbers, 0)
    form = np.where(is_order, MOMENT, np.where(stored.form >= MOMENT, UNREADABLE, stored.form)).astype(np.int8)
    return Reading(UNITS[0], values, form, {UNITS[0]: int(is_order.sum())})


def _dates(stored: Stored, scale: NDArray[np.int8], is_order: NDArray[np.bool_]) -> Reading:
    values = np.where(stored.form == MOMENT, stored.whole, 0)
    form = np.where(is_order, UNREADABLE, stored.form).astype(np.int8)
    is_number = stored.is_number & ~is_order
    for place, unit in enumerate(NANOSECONDS, start=1):
        for of_form, numbers in ((INTEGER, stored.whole), (REAL, stored.real)):
            rows = np.flatnonzero(is_number & (scale == place) & (stored.form == of_form))
            if not len(rows):
                continue
            moments, is_time = moments_of(numbers[rows], unit)
            if of_form == INTEGER:
                is_time &= ~is_end_of_calendar(stored.whole[rows])
            values[rows] = np.where(is_time, moments, 0)
            form[rows] = np.where(is_time, MOMENT, PLACEHOLDER)
    if reason := _mix(stored, values, form):
        return Reading("", values, np.where(form == MOMENT, UNREADABLE, form).astype(np.int8), reason=reason)
    is_date = (form == MOMENT) & ~stored.is_mark
    form[_stray_rows(values, is_date, np.where(is_number, scale, 0))] = UNREADABLE
    form[_placeholder_rows(values, form, stored.is_mark)] = PLACEHOLDER
    values = np.where(form == MOMENT, values, 0)
    counts = np.bincount(np.where(is_number, scale, 0)[form == MOMENT], minlength=len(UNITS)).tolist()
    stored_as = {unit: count for unit, count in zip(("texts", *NANOSECONDS), counts, strict=True) if count}
    unit = max((unit for unit in stored_as if unit != "texts"), key=UNITS.index, default="s")
    return Reading(unit if stored_as else "", values, form, stored_as)


def _stray_rows(values: NDArray[np.int64], is_time: NDArray[np.bool_], scale: NDArray[np.int8]) -> NDArray[np.int64]:
    """Rows whose unit is not the usual one, far from the others in it and fewer than these: numbers of another meaning."""
    counts = np.bincount(scale[is_time], minlength=len(UNITS))
    is_usual = is_time & ((scale == counts.argmax()) | (scale == 0))
    others = np.flatnonzero(is_time & ~is_usual)
    if not len(others) or len(others) >= int(is_usual.sum()):
        return others[:0]
    times, usual = values[others].astype(np.float64), values[is_usual].astype(np.float64)
    far = (times < usual.min() - 20 * _YEAR) | (times > usual.max() + 20 * _YEAR)
    return np.compress(far, others)


def _mix(stored: Stored, values: NDArray[np.int64], form: NDArray[np.int8]) -> str:
    """Why times are none: there are calendar numbers among epochs, ten years or more from the others if taken as such."""
    known = stored.is_number & ~stored.is_mark & (form == MOMENT)
    if not known.any():
        return ""
    typical = float(np.sort(values[known])[known.sum() // 2])  # one of them
    is_apart = (form != MOMENT) | (np.abs(values - typical) > 10 * _YEAR)
    rows = np.flatnonzero((stored.form == INTEGER) & ~stored.is_mark & is_apart)
    verdict = calendar_moments(stored.whole[rows])[1]
    apart = rows[verdict == VALID]
    if 2 * len(apart) <= int((verdict != NOT).sum()):  # epochs of 1975 and 1976 look like them now and then
        return ""
    epoch = stored.show(int(np.flatnonzero(known & ~is_apart)[0]))
    return f"holds epoch numbers such as {epoch} and calendar numbers such as {stored.show(int(apart[0]))}"


@lru_cache
def _is_placeholder_day() -> NDArray[np.bool_]:
    """Of each day from that of FIRST to that of LAST; in some zone it may be the one before or after."""
    result = np.zeros((LAST - FIRST) // _DAY + 2, dtype=bool)
    days = np.array(_PLACEHOLDER_DAYS, dtype="M8[D]").astype(np.int64) - FIRST // _DAY
    result[np.add.outer(days, (-1, 0, 1))] = True
    return result


def _placeholder_rows(
    values: NDArray[np.int64], form: NDArray[np.int8], is_mark: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Rows with 0, -1 or a day of _PLACEHOLDER_DAYS that is further from all other times than these from each other.

    The distance is a year, or 20 times the usual one between times that follow each other.
    """
    is_candidate = (form == MOMENT) & (is_mark | _is_placeholder_day()[values // _DAY - FIRST // _DAY])
    rows = np.flatnonzero(is_candidate)
    if not len(rows):
        return rows
    others = np.unique(values[(form == MOMENT) & ~is_candidate])
    if not len(others):
        return others
    times, candidates = others.astype(np.float64), values[rows].astype(np.float64)  # the widest distance needs 65 bits
    far = max(_YEAR, 20 * float(np.median(np.diff(times)))) if len(times) > 1 else _YEAR
    place = np.searchsorted(times, candidates)
    before, after = times[np.maximum(place - 1, 0)], times[np.minimum(place, len(times) - 1)]
    return rows[np.minimum(np.abs(candidates - before), np.abs(candidates - after)) > far]
