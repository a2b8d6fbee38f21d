"""A moment as a number since 1970, in whatever unit its sender counts.

Start messages, stop commands and `JOB_TIMESTAMP` come from different services, which write seconds, milli-, micro- or
nanoseconds. The same moment has to be the same number in the end, or a stop is taken for an older one than it is; so the
division is exact, and rounded once.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

_FAR_FUTURE_S = Decimal("1e11")
"""The year 5138: a larger number counts a smaller unit."""
_DIGITS_OF_UNITS = (0, 3, 6, 9)
_LONGEST = 100
"""Characters of a number; what is longer is none."""


def epoch_seconds(value: object) -> float | None:
    """Seconds since 1970, of a number or its text; None when it is not a number above 0 or after the year 5138 in any unit.

    >>> epoch_seconds(1717200000.5), epoch_seconds("1717200000500"), epoch_seconds(1717200000500000000)
    (1717200000.5, 1717200000.5, 1717200000.5)
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        text = str(value).strip()
        number = Decimal(text) if len(text) <= _LONGEST else Decimal("NaN")
    except (InvalidOperation, ValueError):  # Python refuses to print integers of thousands of digits
        return None
    if not number.is_finite() or number <= 0 or number.adjusted() < -_LONGEST:
        return None
    scaled = (number.scaleb(-digits) for digits in _DIGITS_OF_UNITS)
    return next((float(seconds) for seconds in scaled if seconds < _FAR_FUTURE_S), None)


def parse_moment(value: object) -> float:
    """The value of a setting that is a moment.

    Raises:
        ValueError: it is none.
    """
    seconds = epoch_seconds(value)
    if seconds is None:
        raise ValueError("not a moment")
    return seconds
