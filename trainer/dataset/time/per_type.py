"""The times of each vertex type, whose collections may keep them under different names and in different units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from trainer.dataset.attribute_names import did_you_mean, find_name
from trainer.dataset.grouping.type_table import TypeTable
from trainer.dataset.time.axis import PER_SECOND, TimeAxis, Times, finest
from trainer.dataset.time.reading import find_time
from trainer.dataset.warned import Warned
from trainer.errors import DataError
from trainer.graph.columns import UnusableColumn
from trainer.graph.graph import VertexTable


def find_times(tables: Mapping[str, TypeTable], time_field: str | None) -> Warned[Times]:
    """The time axis of each type; a type without TIME_FIELD goes by the usual names.

    Raises:
        DataError: no type has TIME_FIELD, or it holds no times.
    """
    with_field = {name for name, merged in tables.items() if time_field and find_name(time_field, merged.table.columns)}
    if time_field and not with_field and len(tables) > 1:
        hint = did_you_mean(
            time_field, sorted({name for merged in tables.values() for name in merged.table.attributes})
        )
        raise DataError(f"No vertex collection has an attribute TIME_FIELD={time_field!r}: {hint}.")
    axes = {
        name: _time_of_type(merged, time_field if name in with_field or len(tables) == 1 else None)
        for name, merged in tables.items()
    }
    return Warned(
        {name: axis for name, (axis, _) in axes.items()},
        tuple(warning for _, warnings in axes.values() for warning in warnings),
    )


def _time_of_type(merged: TypeTable, time_field: str | None) -> Warned[TimeAxis | None]:
    if len(merged.members) == 1:
        return Warned(find_time(merged.table, time_field))
    axes = [_time_of_member(member, time_field) for member in merged.members]
    present = [axis for axis in axes if axis is not None]
    fields, units = {axis.field for axis in present}, {axis.unit for axis in present}
    if not present:
        return Warned(find_time(merged.table, time_field))
    if len(fields) == 1 and (len(units) == 1 or "ordinal" in units):
        field = present[0].field
        if not isinstance(merged.table.columns[field], UnusableColumn):
            return Warned(find_time(merged.table, field))
    if "ordinal" in units and len(units) > 1:
        warning = f"{merged.name} has dates in some collections and running numbers in others, and so no time."
        return Warned(None, (warning,))
    return _joined(merged, axes)


def _time_of_member(member: VertexTable, time_field: str | None) -> TimeAxis | None:
    name = None if time_field is None else find_name(time_field, member.columns)
    if name is not None and member.columns[name].missing.all():
        return None
    return find_time(member, name)


def _joined(merged: TypeTable, axes: Sequence[TimeAxis | None]) -> Warned[TimeAxis | None]:
    """One axis in the finest unit; its field is the commonest one."""
    present = [axis for axis in axes if axis is not None]
    unit = finest(axis.unit for axis in present)
    parts = [
        np.full(len(member), np.nan) if axis is None else axis.in_unit(unit)
        for member, axis in zip(merged.members, axes, strict=True)
    ]
    fields = [axis.field for axis in present]
    units = sorted({axis.unit for axis in present}, key=lambda unit: PER_SECOND[unit])
    warning = f"{merged.name} has times in {' and in '.join(units)}; they count, and EMBARGO too, in {unit}."
    axis = TimeAxis(max(sorted(set(fields)), key=fields.count), merged.in_order(parts), unit)
    return Warned(axis, (warning,) if len(units) > 1 else ())
