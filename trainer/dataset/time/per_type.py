"""The times of a vertex type, whose collections may keep them under different names and in different units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from trainer.dataset.attribute_names import did_you_mean, find_name
from trainer.dataset.grouping.type_table import TypeTable
from trainer.dataset.time.axis import PER_SECOND, TimeAxis, find_time, finest
from trainer.errors import DataError
from trainer.graph.columns import UnusableColumn
from trainer.graph.graph import VertexTable


def find_times(
    tables: Mapping[str, TypeTable], time_field: str | None, warnings: list[str]
) -> dict[str, TimeAxis | None]:
    """The time axis of each type; a type without TIME_FIELD goes by the usual names.

    Raises:
        DataError: no type has TIME_FIELD, or it holds no times.
    """
    if time_field is not None:
        merged = list(tables.values())
        if len(merged) == 1:
            return {merged[0].name: _time_of(merged[0], time_field, warnings)}
        if not any(find_name(time_field, kind.table.columns) for kind in merged):
            hint = did_you_mean(time_field, sorted({name for kind in merged for name in kind.table.attributes}))
            raise DataError(f"No vertex collection has an attribute TIME_FIELD={time_field!r}: {hint}.")
    return {
        name: _time_of(kind, time_field if time_field and find_name(time_field, kind.table.columns) else None, warnings)
        for name, kind in tables.items()
    }


def _time_of(merged: TypeTable, time_field: str | None, warnings: list[str]) -> TimeAxis | None:
    if len(merged.members) == 1:
        return find_time(merged.table, time_field)
    axes = [_of_member(member, time_field) for member in merged.members]
    known = [axis for axis in axes if axis is not None]
    fields, units = {axis.field for axis in known}, {axis.unit for axis in known}
    if not known:
        return find_time(merged.table, time_field)
    if len(fields) == 1 and (len(units) == 1 or "ordinal" in units):
        field = known[0].field
        if not isinstance(merged.table.columns[field], UnusableColumn):
            return find_time(merged.table, field)
    if "ordinal" in units and len(units) > 1:
        warnings.append(f"{merged.name} has dates in some collections and running numbers in others, and so no time.")
        return None
    return _joined(merged, axes, known, warnings)


def _of_member(member: VertexTable, time_field: str | None) -> TimeAxis | None:
    name = None if time_field is None else find_name(time_field, member.columns)
    if name is not None and member.columns[name].missing.all():
        return None
    return find_time(member, name)


def _joined(
    merged: TypeTable, axes: Sequence[TimeAxis | None], known: Sequence[TimeAxis], warnings: list[str]
) -> TimeAxis:
    """One axis in the finest unit; its field is the commonest one."""
    unit = finest(axis.unit for axis in known)
    parts = [
        np.full(len(member), np.nan) if axis is None else axis.in_unit(unit)
        for member, axis in zip(merged.members, axes, strict=True)
    ]
    fields = [axis.field for axis in known]
    units = sorted({axis.unit for axis in known}, key=lambda one: PER_SECOND[one])
    if len(units) > 1:
        warnings.append(f"{merged.name} has times in {' and in '.join(units)}; they count, and EMBARGO too, in {unit}.")
    return TimeAxis(max(sorted(set(fields)), key=fields.count), merged.in_order(parts), unit)
