"""Times of vertices in one unit, and how two axes compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.graph.columns import NumberColumn

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@dataclass(frozen=True)
class TimeAxis:
    """Times of vertices: `values` is int64 or float64 of shape [vertices], NaN where there is none.

    `unit` is s, ms, us or ns since 1970-01-01 UTC, or `ordinal` where the numbers are no dates.
    """

    field: str
    values: NDArray[Any]
    unit: str

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which vertices have no time, shape [vertices]."""
        return NumberColumn(self.values).missing

    def show(self, value: float) -> str | float:
        """A time as ISO 8601, or the bare number of an ordinal axis."""
        if self.unit == "ordinal":
            return float(value)
        seconds = float(value) / PER_SECOND[self.unit]
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).isoformat()

    def in_unit(self, unit: str) -> NDArray[Any]:
        """The times in a unit that is not coarser; integers stay exact where int64 holds them."""
        if unit == self.unit:
            return self.values
        factor = PER_SECOND[unit] // PER_SECOND[self.unit]
        if self.values.dtype.kind == "i" and len(self.values) and int(np.abs(self.values).max()) * factor < 2**62:
            return self.values * np.int64(factor)
        return self.values.astype(np.float64) * factor


Times = Mapping[str, TimeAxis | None]
"""Of each vertex type."""


def finest(units: Iterable[str]) -> str:
    """The smallest of several units."""
    return max(units, key=lambda unit: PER_SECOND.get(unit, 0))


def are_comparable(one: TimeAxis | None, other: TimeAxis | None) -> bool:
    """Whether both have a time, dates both or running numbers both."""
    return one is not None and other is not None and (one.unit == "ordinal") == (other.unit == "ordinal")


def in_one_unit(one: TimeAxis, other: TimeAxis) -> tuple[NDArray[Any], NDArray[Any]]:
    """The times of two comparable axes as numbers that can be compared."""
    unit = finest((one.unit, other.unit))
    return one.in_unit(unit), other.in_unit(unit)
