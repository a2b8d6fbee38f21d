"""Texts as moments or numbers, whole arrays at once: texts that differ in their digits alone are read together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.time.units import FIRST, LAST, civil_seconds

UNREADABLE, PLACEHOLDER, MOMENT, INTEGER, REAL = range(5)
"""What a text is: none of these, a word or a date for "no time", a moment, a whole number, another number."""

_LONGEST = 64
_ZEROS = str.maketrans("123456789", "000000000")
_NO_TIME = frozenset(
    [
        "n/a",
        "na",
        "#n/a",
        "nan",
        "nat",
        "null",
        "none",
        "nil",
        "undefined",
        "unknown",
        "never",
        "infinity",
        "-infinity",
        "inf",
        "-inf",
        "-",
        "--",
        "---",
        "?",
    ]
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?"
_OFFSET = r"(?P<sign>[+-])(?P<zone_hour>00)(?::?(?P<zone_minute>00)(?::?00)?)?"
_ZONE = rf"(?: ?(?:z|utc|gmt)(?:\[[\w/+-]+\])?| ?(?:utc|gmt)?{_OFFSET}(?:\[[\w/+-]+\]| [a-z]{{1,5}}| \([a-z ]+\))?)"
_CLOCK = r"(?P<hour>00?)(?::(?P<minute>00)(?::(?P<second>00)(?:[.,](?P<fraction>0+))?)?)?"
_COMPACT_CLOCK = r"(?P<hour>00)(?:(?P<minute>00)(?:(?P<second>00)(?:[.,](?P<fraction>0+))?)?)?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?P<year>0000)(?P<between>[-/.])(?P<month>00?)(?P=between)(?P<day>00?)(?:(?:t| +|_){_CLOCK}{_ZONE}?)?",
        rf"(?P<year>0000)(?P<month>00)(?P<day>00)[t ]{_COMPACT_CLOCK}{_ZONE}?",
        rf"(?P<year>0000)(?P<month>00)(?P<day>00)[t ]{_CLOCK}{_ZONE}?",
        rf"(?P<year>0000)(?P<month>00)(?P<day>00)(?P<hour>00)(?P<minute>00)(?P<second>00){_ZONE}",
        r"(?P<year>0000)-(?P<month>00)",
        rf"{_WEEKDAY}(?P<day>00?)[ -]{_MONTH}[ -](?P<year>0000)(?:[t ]{_CLOCK}{_ZONE}?)?",
        rf"{_WEEKDAY}{_MONTH} (?P<day>00?),? (?P<year>0000)(?: {_CLOCK}{_ZONE}?)?",
    )
)
_MAY_BE_READ = re.compile(rf"0000|[+-]?\.?0|{_WEEKDAY}(?:00?[ -])?{_MONTH}")
_WEEK = re.compile(r"0000-?w00(?:-?0)?(?:[t ].*)?")
_WHOLE = re.compile(r"[+-]?0+")
_REAL = re.compile(r"[+-]?(?:0+\.0*|\.0+|0+)(?:e[+-]?0+)?")


@dataclass(frozen=True)
class ReadTexts:
    """What texts say.

    Attributes:
        form: int8 of shape [texts], see UNREADABLE.
        whole: int64 of shape [texts], nanoseconds since 1970 of a moment, or the whole number; else 0.
        real: float64 of shape [texts], another number; else 0.
    """

    form: NDArray[np.int8]
    whole: NDArray[np.int64]
    real: NDArray[np.float64]


def read_texts(texts: Sequence[str]) -> ReadTexts:
    """Moments of ISO 8601 and its unambiguous relatives, in UTC where they name no zone, and numbers.

    The year comes first, with dashes, slashes, dots or nothing in between, or the month has its English name; then `T` or
    a blank, a time to any fraction (nine digits are kept), and `Z`, `UTC`, `GMT` or an offset. Orders that begin with a
    day or a month in digits are ambiguous and not read.
    """
    count = len(texts)
    result = ReadTexts(np.full(count, UNREADABLE, dtype=np.int8), np.zeros(count, np.int64), np.zeros(count))
    stripped = [text.strip() for text in texts]
    groups: dict[str, list[int]] = {}
    for row, pattern in enumerate(_patterns(stripped)):
        groups.setdefault(pattern, []).append(row)
    for pattern, rows in groups.items():
        if pattern in _NO_TIME:
            result.form[rows] = PLACEHOLDER
        elif _MAY_BE_READ.match(pattern):
            _read_alike(pattern, [stripped[row] for row in rows], np.array(rows), result)
    return result


def _patterns(texts: Sequence[str]) -> list[str]:
    """The texts in lower case, with 0 in place of every digit; nothing in place of those that are no times in any form."""
    may_be_read = [text if len(text) <= _LONGEST and text.isascii() and "\n" not in text else "" for text in texts]
    return "\n".join(may_be_read).lower().translate(_ZEROS).split("\n") if may_be_read else []


def _read_alike(pattern: str, texts: list[str], rows: NDArray[np.int64], result: ReadTexts) -> None:
    """Read texts of one pattern."""
    if _REAL.fullmatch(pattern):
        _read_numbers(pattern, texts, rows, result)
    elif (form := _form_of(pattern)) is not None:
        _read_moments(form, texts, rows, result)
    elif _WEEK.fullmatch(pattern):
        for row, text in zip(rows.tolist(), texts, strict=True):
            with suppress(ValueError):
                moment = datetime.fromisoformat(text)
                moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
                nanoseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
                is_time = FIRST <= nanoseconds < LAST
                result.form[row], result.whole[row] = (MOMENT, nanoseconds) if is_time else (PLACEHOLDER, 0)


def _read_numbers(pattern: str, texts: list[str], rows: NDArray[np.int64], result: ReadTexts) -> None:
    is_whole = _WHOLE.fullmatch(pattern) is not None
    if is_whole and len(pattern) <= 18:  # more digits may not fit
        result.form[rows], result.whole[rows] = INTEGER, np.array(list(map(int, texts)), dtype=np.int64)
        return
    for row, text in zip(rows.tolist(), texts, strict=True):
        value = int(text) if is_whole else float(text)
        if abs(value) >= 2**63:
            result.form[row] = PLACEHOLDER
        elif value == int(value):
            result.form[row], result.whole[row] = INTEGER, int(value)
        else:
            result.form[row], result.real[row] = REAL, value


@lru_cache(maxsize=1024)
def _form_of(pattern: str) -> re.Match[str] | None:
    return next((match for form in _FORMS if (match := form.fullmatch(pattern))), None)


def _read_moments(form: re.Match[str], texts: list[str], rows: NDArray[np.int64], result: ReadTexts) -> None:
    """Read texts of one form by the places of their digits."""
    width = form.end()
    digits = np.array(texts, dtype=f"S{width}").view(np.uint8).reshape(len(texts), width) - ord("0")
    groups = form.groupdict()

    def part(name: str, default: int = 0) -> NDArray[np.int64]:
        if groups.get(name) is None:
            return np.full(len(texts), default, dtype=np.int64)
        value = np.zeros(len(texts), dtype=np.int64)
        for place in range(*form.span(name))[:9]:  # of a fraction, no more than nanoseconds
            value = value * 10 + digits[:, place]
        return value

    name = groups.get("name")
    month = part("month") if name is None else np.full(len(texts), _MONTHS.index(name[:3]) + 1)
    year = part("year")
    seconds, exists = civil_seconds(year, month, part("day", 1), part("hour"), part("minute"), part("second"))
    hours, minutes = part("zone_hour"), part("zone_minute")
    seconds -= (-1 if groups.get("sign") == "-" else 1) * (hours * 3600 + minutes * 60)
    exists &= (hours < 24) & (minutes < 60)
    inside = exists & (seconds >= FIRST // 10**9) & (seconds < LAST // 10**9)
    means_never = exists | (year == 0) | (year == 9999)
    nanoseconds = part("fraction") * 10 ** max(0, 9 - len(groups.get("fraction") or ""))
    result.form[rows] = np.where(inside, MOMENT, np.where(means_never, PLACEHOLDER, UNREADABLE))
    result.whole[rows] = np.where(inside, seconds, 0) * 10**9 + np.where(inside, nanoseconds, 0)
