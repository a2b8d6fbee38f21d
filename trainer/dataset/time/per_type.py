"""The times of each vertex type, whose collections may keep them under different names and in different units."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.attribute_names import find_name, is_likely_time, time_names
from trainer.dataset.grouping.type_table import TypeTable
from trainer.dataset.name_hints import did_you_mean, path_below
from trainer.dataset.time.axis import NO_TIME, TimeAxis, Times
from trainer.dataset.time.reading import Reading, read
from trainer.dataset.time.stored import Stored, joined, of_numbers, stored_values, with_calendar_numbers
from trainer.dataset.time.texts import MOMENT, PLACEHOLDER, UNREADABLE
from trainer.dataset.time.units import NANOSECONDS
from trainer.dataset.warned import Warned
from trainer.errors import DataError
from trainer.graph.graph import VertexTable, join_names

_NEAR_1970 = -365 * 86_400 * 10**9, 730 * 86_400 * 10**9  # 1969 to 1971


@dataclass(frozen=True)
class _Attribute:
    """What is taken as the time of a collection; `rows` are its rows among those of all collections of the type."""

    collection: str
    name: str
    stored: Stored
    rows: slice


def find_times(tables: Mapping[str, TypeTable], time_field: str | None, required: str | None = None) -> Warned[Times]:
    """The time axis of each type; a type without TIME_FIELD goes by the usual names.

    Args:
        tables: the vertices of each type.
        time_field: TIME_FIELD.
        required: the type that is to be divided in time if it has one, so that an unreadable one is refused.

    Raises:
        DataError: no type has TIME_FIELD, or it holds no times, or those of `required` cannot be read.
    """
    with_field = {name for name, merged in tables.items() if time_field and find_name(time_field, merged.table.columns)}
    if time_field and not with_field:
        attributes = sorted({name for merged in tables.values() for name in merged.table.attributes})
        where = f"{next(iter(tables))} has no" if len(tables) == 1 else "No vertex collection has an"
        hint = did_you_mean(
            time_field, attributes, paths={path for merged in tables.values() for path in merged.table.nested}
        )
        raise DataError(f"{where} attribute TIME_FIELD={time_field!r}: {hint}.")
    axes = {
        name: _time_of_type(merged, time_field if name in with_field else None, name == required)
        for name, merged in tables.items()
    }
    return Warned(
        {name: axis for name, (axis, _) in axes.items()},
        tuple(warning for _, warnings in axes.values() for warning in warnings),
    )


def _time_of_type(merged: TypeTable, time_field: str | None, is_required: bool) -> Warned[TimeAxis | None]:
    attributes: dict[str, _Attribute] = {}
    warnings: list[str] = []
    start = 0
    for member in merged.members:
        rows = slice(start, start + len(member))
        start = rows.stop
        if (choice := _choose(member, time_field)) is not None:
            (name, stored), passed_over = choice
            attributes[member.name] = _Attribute(member.name, name, stored, rows)
            warnings += passed_over
    if not attributes and time_field:
        raise DataError(f"TIME_FIELD={time_field!r} of {merged.name} holds no times; {_USE}.")
    while attributes:
        stored = joined([_values_of(attributes.get(member.name), member) for member in merged.members])
        reading = read(stored)
        problem = _problem(merged.name, list(attributes.values()), stored, reading)
        if problem is None:
            warnings += _loss_warnings(attributes.values(), stored, reading)
            warnings += _form_warnings(merged.name, attributes.values(), reading)
            fields = [attribute.name for attribute in attributes.values()]
            return Warned(_axis(fields, merged, reading), tuple(warnings))
        where = f"{problem.attribute.name!r} of {problem.attribute.collection}"
        if time_field:
            inside = path_below(problem.attribute.name, merged.table.nested)
            raise DataError(f"TIME_FIELD={where} {problem.cause}{inside}; {_USE}.")
        if is_required:
            raise DataError(f"{where} looks like the time, but {problem.cause}; {_CORRECT}.")
        if problem.is_of_type or len(attributes) == 1:
            return Warned(None, (*warnings, f"{where} {problem.cause}; {merged.name} has no time."))
        warnings.append(f"{where} {problem.cause}; its vertices have no time.")
        del attributes[problem.attribute.collection]
    return Warned(None)


def _values_of(attribute: _Attribute | None, member: VertexTable) -> Stored:
    if attribute is not None:
        return attribute.stored
    return of_numbers(np.zeros(len(member), dtype=np.int64), np.ones(len(member), dtype=bool))


_USE = "use an attribute of epoch numbers or ISO 8601 texts"
_CORRECT = (
    "store epoch numbers or ISO 8601 texts (2024-06-01T00:00:00Z), set TIME_FIELD to another attribute, or SPLIT=random"
)


def _choose(member: VertexTable, time_field: str | None) -> Warned[tuple[str, Stored]] | None:
    """The name and the values of the attribute that holds the times of a collection, None where none has a value."""
    names = [find_name(time_field, member.columns) or ""] if time_field else time_names(member.columns)
    names = [name for name in names if name and not member.columns[name].missing.all()]
    if any(map(is_likely_time, names)) and not time_field:
        names = list(filter(is_likely_time, names))
    first: tuple[str, Stored] | None = None
    for name in names:
        stored = with_calendar_numbers(stored_values(member.columns[name]))
        if stored.may_be_time and first is None:
            return Warned((name, stored))
        if stored.may_be_time and first is not None:
            warning = f"{first[0]!r} of {member.name} {_no_times(first[1])}; {name!r} is taken as the time."
            return Warned((name, stored), (warning,))
        first = first or (name, stored)
    return None if first is None else Warned(first)


def _no_times(stored: Stored) -> str:
    """Why values are no times."""
    if stored.reason:
        return stored.reason
    rows = np.flatnonzero(stored.form >= UNREADABLE)
    unreadable = rows[stored.form[rows] == UNREADABLE]
    what = "values" if len(unreadable) else "placeholders"
    return f"holds no times, only {what} such as {_examples(stored, unreadable if len(unreadable) else rows)}"


def _examples(stored: Stored, rows: NDArray[np.int64], most: int = 3) -> str:
    """Some different values, in order of rows."""
    shown: dict[str, None] = {}
    for row in rows[:1000].tolist():
        shown[stored.show(row)] = None
        if len(shown) == most:
            break
    return ", ".join(shown)


@dataclass(frozen=True)
class _Problem:
    """Why an attribute is no time; `is_of_type` where that of one collection does not explain it."""

    attribute: _Attribute
    cause: str
    is_of_type: bool = False


def _problem(vertex_type: str, attributes: Sequence[_Attribute], stored: Stored, reading: Reading) -> _Problem | None:
    """The first attribute that is no time, None where every collection has more times than unreadable values."""
    for attribute in attributes:
        if attribute.stored.reason:
            return _Problem(attribute, attribute.stored.reason)
    if reading.reason:
        return _Problem(attributes[0], reading.reason, is_of_type=True)
    for attribute in attributes:
        form = reading.form[attribute.rows]
        unreadable = np.flatnonzero(form == UNREADABLE) + attribute.rows.start
        num_times = int((form == MOMENT).sum())
        if not len(unreadable) or len(unreadable) < num_times:
            continue
        examples = _examples(stored, unreadable)
        if reading.unit and (stored.form[unreadable] >= MOMENT).all():
            these, others = "running numbers", "dates"
            if reading.unit == "ordinal":
                these, others = others, these
            rest = f"among {others}" if num_times else f"but other collections of {vertex_type} hold {others}"
            return _Problem(attribute, f"holds {these} such as {examples}, {rest}", is_of_type=True)
        if num_times:
            share = f"{len(unreadable)} of {num_times + len(unreadable)} values"
            return _Problem(attribute, f"holds no times in {share}, such as {examples}")
        return _Problem(attribute, _no_times(attribute.stored))
    return None if reading.unit else _Problem(attributes[0], _no_times(stored), is_of_type=True)


def _loss_warnings(attributes: Iterable[_Attribute], stored: Stored, reading: Reading) -> Iterator[str]:
    """How many vertices of which collections have a value that is no time."""
    for loss, verb in ((UNREADABLE, "cannot be read as a time"), (PLACEHOLDER, "is no time but a placeholder")):
        counts, first = {}, None
        for attribute in attributes:
            lost = np.flatnonzero(reading.form[attribute.rows] == loss) + attribute.rows.start
            if len(lost):
                first = first or (attribute.name, _examples(stored, lost, most=1))
                counts[attribute.collection] = f"{len(lost)} of {attribute.rows.stop - attribute.rows.start}"
        if first is not None:
            name, example = first
            where = join_names(f"{collection} ({count} vertices)" for collection, count in counts.items())
            yield f"{name!r} {verb} in {where}, such as {example}; they have no time."


def _form_warnings(vertex_type: str, attributes: Collection[_Attribute], reading: Reading) -> Iterator[str]:
    """What was decided of the form of times, where it could be meant otherwise."""
    if calendar := [attribute for attribute in attributes if attribute.stored.calendar]:
        where = join_names(attribute.collection for attribute in calendar)
        example = calendar[0].stored.calendar
        yield f"{calendar[0].name!r} of {where} holds calendar numbers such as {example}; they are read as dates in UTC."
    if len(reading.stored_as) > 1:
        parts = [f"{'as' if unit == 'texts' else 'in'} {unit} ({count})" for unit, count in reading.stored_as.items()]
        names = join_names({repr(attribute.name) for attribute in attributes})
        where = f"The times of {vertex_type} ({names}) are stored {' and '.join(parts)}"
        yield f"{where}; they count, and EMBARGO too, in {reading.unit}."
    if reading.unit in NANOSECONDS:
        times = reading.values[reading.form == MOMENT]
        first, last = times.min(), times.max()
        if _NEAR_1970[0] <= first < _NEAR_1970[1]:
            name = next(iter(attributes)).name
            yield (
                f"The times in {name!r} of {vertex_type} begin near 1970, as they do in a wrong unit: "
                f"{np.datetime64(int(first), 'ns').astype('M8[s]')} to {np.datetime64(int(last), 'ns').astype('M8[s]')}; "
                "check them, or set TIME_FIELD."
            )


def _axis(fields: Sequence[str], merged: TypeTable, reading: Reading) -> TimeAxis:
    missing = reading.form != MOMENT
    values = np.where(missing, -np.inf if reading.values.dtype.kind == "f" else NO_TIME, reading.values)
    ends = np.cumsum(list(map(len, merged.members)))[:-1]
    return TimeAxis(
        max(sorted(set(fields)), key=fields.count),
        frozenset(fields),
        merged.in_order(np.split(values, ends)),
        reading.unit,
        merged.in_order(np.split(missing, ends)),
        placeholders=int((reading.form == PLACEHOLDER).sum()),
        unreadable=int((reading.form == UNREADABLE).sum()),
    )
