"""Times of vertices as exact numbers, and whether those of two axes can be compared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.time.units import NANOSECONDS

NO_TIME = np.iinfo(np.int64).min
"""In `values` of vertices without a time; of an axis of float64, minus infinity."""


@dataclass(frozen=True)
class TimeAxis:
    """Times of vertices; those of two axes that are comparable compare by value.

    Attributes:
        field: the attribute that holds them; the commonest one where collections differ.
        fields: the attributes of all collections that hold them.
        values: shape [vertices], int64 nanoseconds since 1970-01-01 UTC, or int64 or float64 numbers of an ordinal axis;
            less than any time where `missing`.
        unit: s, ms, us or ns, in which dates are stored and EMBARGO counts; `ordinal` where the numbers are no dates.
        missing: bool of shape [vertices], which vertices have no time.
        placeholders: number of vertices that have none because they hold one, such as 9999-12-31.
        unreadable: number of vertices that have none because it cannot be read.
    """

    field: str
    fields: frozenset[str]
    values: NDArray[Any]
    unit: str
    missing: NDArray[np.bool_]
    placeholders: int = 0
    unreadable: int = 0

    def show(self, value: float) -> str | float:
        """One of `values` as ISO 8601 in UTC, or the bare number of an ordinal axis."""
        if self.unit == "ordinal":
            return float(value)
        seconds, nanoseconds = divmod(int(value), 10**9)
        text = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).isoformat()
        digits = f"{nanoseconds:09}".removesuffix("000") if nanoseconds else ""
        return f"{text[:19]}.{digits}{text[19:]}" if digits else text

    def before(self, value: Any, distance: float) -> Any:
        """The point on the axis that lies a distance, in `unit`, before one of `values`."""
        if self.values.dtype.kind == "f":
            return float(value) - distance
        return max(int(value) - self._length(distance), NO_TIME + 1)

    def all_before(self, distance: float) -> NDArray[Any]:
        """The points on the axis that lie a distance, in `unit`, before each of `values`."""
        if self.values.dtype.kind == "f":
            return self.values - distance
        earliest = NO_TIME + 1
        since = (np.maximum(self.values, earliest) - earliest).view(np.uint64)  # wraps around to the whole distance
        length = np.uint64(min(self._length(distance), 2**64 - 1))
        points: NDArray[Any] = (since - np.minimum(since, length)).view(np.int64) + earliest
        return points

    def _length(self, distance: float) -> int:
        return math.floor(Fraction(min(distance, 1e30)) * NANOSECONDS.get(self.unit, 1))


Times = Mapping[str, TimeAxis | None]
"""Of each vertex type."""


def are_comparable(one: TimeAxis | None, other: TimeAxis | None) -> bool:
    """Whether both have a time, dates both or running numbers both."""
    return one is not None and other is not None and (one.unit == "ordinal") == (other.unit == "ordinal")
