"""Read metrics.json as it is: any value may be null and any part absent, and still a report must appear."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

_LARGEST = 1e300
PARTS = ("train", "val", "test")
PART_NAMES = {"train": "Training", "val": "Validation", "test": "Test"}


def number(value: object) -> float | None:
    """Return a float, or None for what cannot be drawn: no number, not finite, at the end of the range."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    if not math.isfinite(found) or abs(found) > _LARGEST:
        return None
    return found if abs(found) > 1 / _LARGEST else 0.0


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value when it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def listing(value: object) -> Sequence[Any]:
    """Return the value when it is a list or a tuple, else an empty one."""
    return value if isinstance(value, list | tuple) else ()


def numbers(value: object) -> list[float]:
    """Return a list as floats, with 0 where it holds no usable number (counts of a histogram)."""
    return [number(item) or 0.0 for item in listing(value)]


def pairs(first: object, second: object) -> list[tuple[float, float]]:
    """Zip two lists of numbers, leaving out every pair that is not complete."""
    zipped = zip(listing(first), listing(second), strict=False)
    return [(x, y) for x, y in ((number(a), number(b)) for a, b in zipped) if x is not None and y is not None]
