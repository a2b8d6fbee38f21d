"""The time of each vertex, whatever form it is stored in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.attribute_names import TIME_NAMES, did_you_mean, find_name
from trainer.errors import DataError
from trainer.graph.columns import Column, NumberColumn, TextColumn
from trainer.graph.graph import VertexTable

PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_UNITS = (("s", 1e11), ("ms", 1e14), ("us", 1e17), ("ns", np.inf))
_SMALLEST_EPOCH = 1e8  # March 1973 in seconds; smaller numbers are a running order, not a date


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


def find_time(table: VertexTable, time_field: str | None) -> TimeAxis | None:
    """The time axis that TIME_FIELD names, or the first attribute with a usual name and usable values.

    Raises:
        DataError: TIME_FIELD names an attribute that is absent or holds no times.
    """
    if time_field is None:
        found = (find_name(name, table.columns) for name in TIME_NAMES)
        axes = (_axis(name, table.columns[name]) for name in found if name is not None)
        return next((axis for axis in axes if axis is not None), None)
    name = find_name(time_field, table.columns)
    if name is None:
        hint = did_you_mean(time_field, table.attributes)
        raise DataError(f"{table.name} has no attribute TIME_FIELD={time_field!r}: {hint}.")
    axis = _axis(name, table.columns[name])
    if axis is None:
        raise DataError(
            f"TIME_FIELD={name!r} of {table.name} holds no times: use an attribute of epoch numbers or ISO 8601 texts."
        )
    return axis


def _axis(name: str, column: Column) -> TimeAxis | None:
    if isinstance(column, TextColumn):
        seconds = _parse_texts(column)
        return None if seconds is None else TimeAxis(name, seconds, "s")
    if not isinstance(column, NumberColumn) or column.boolean or column.missing.all():
        return None
    axis = TimeAxis(name, column.values, _unit(column))
    for extreme in (np.nanmin(axis.values), np.nanmax(axis.values)):
        try:
            axis.show(extreme)
        except OverflowError:
            raise DataError(f"{name!r} holds {extreme!s}, which is no time; correct it or set TIME_FIELD.") from None
    return axis


def _unit(column: NumberColumn) -> str:
    typical = float(np.median(np.abs(column.values[~column.missing])))
    if typical < _SMALLEST_EPOCH:
        return "ordinal"
    return next(unit for unit, limit in _UNITS if typical < limit)


def _parse_texts(column: TextColumn) -> NDArray[np.float64] | None:
    """Seconds since 1970 of ISO 8601 texts (UTC where they name no zone), None when one is no time."""
    try:
        stamps = [_seconds(text) for text in column.categories]
    except ValueError:
        return None
    return np.append(np.array(stamps, dtype=np.float64), np.nan)[column.codes]


def _seconds(text: str) -> float:
    stamp = datetime.fromisoformat(text)
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).timestamp()
