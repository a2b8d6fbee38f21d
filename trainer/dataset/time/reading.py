"""Which attribute holds the times of vertices, and how they are read, whatever form they are stored in."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.attribute_names import TIME_NAMES, did_you_mean, find_name
from trainer.dataset.time.axis import TimeAxis
from trainer.errors import DataError
from trainer.graph.columns import Column, NumberColumn, TextColumn
from trainer.graph.graph import VertexTable

_UNITS = (("s", 1e11), ("ms", 1e14), ("us", 1e17), ("ns", np.inf))
_SMALLEST_EPOCH = 1e8  # March 1973 in seconds; smaller numbers are a running order, not a date


def find_time(table: VertexTable, time_field: str | None) -> TimeAxis | None:
    """The time axis that TIME_FIELD names, or the first attribute with a usual name and usable values.

    Raises:
        DataError: TIME_FIELD names an attribute that is absent or holds no times.
    """
    if time_field is None:
        names = (find_name(name, table.columns) for name in TIME_NAMES)
        axes = (_read(name, table.columns[name]) for name in names if name is not None)
        return next((axis for axis in axes if axis is not None), None)
    name = find_name(time_field, table.columns)
    if name is None:
        hint = did_you_mean(time_field, table.attributes)
        raise DataError(f"{table.name} has no attribute TIME_FIELD={time_field!r}: {hint}.")
    axis = _read(name, table.columns[name])
    if axis is None:
        raise DataError(
            f"TIME_FIELD={name!r} of {table.name} holds no times: use an attribute of epoch numbers or ISO 8601 texts."
        )
    return axis


def _read(name: str, column: Column) -> TimeAxis | None:
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
        seconds = [_seconds(text) for text in column.categories]
    except ValueError:
        return None
    return np.append(np.array(seconds, dtype=np.float64), np.nan)[column.codes]


def _seconds(text: str) -> float:
    time = datetime.fromisoformat(text)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
