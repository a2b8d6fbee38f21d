"""Which attributes of each vertex type are features: those of FEATURES that it has, or its numeric ones."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from trainer.dataset.attribute_names import find_name, is_label_like, is_time_like
from trainer.dataset.features.feature import MAX_ONE_HOT
from trainer.dataset.features.key_like import holds_codes, why_key
from trainer.dataset.grouping.layout import Layout
from trainer.dataset.grouping.type_table import JudgedTable
from trainer.dataset.name_hints import as_json_list, did_you_mean, path_below
from trainer.dataset.stored_masks import mask_names
from trainer.dataset.time.axis import Times
from trainer.dataset.time.units import looks_like_epochs
from trainer.dataset.warned import Warned
from trainer.errors import DataError
from trainer.graph.columns import NumberColumn, TextColumn, UnusableColumn
from trainer.graph.graph import HAS_NO_VALUE, HOLDS_OBJECTS, HOLDS_TEXTS, join_names
from trainer.settings.groups.data import DataSettings


@dataclass(frozen=True)
class Attributes:
    """The attributes of a vertex type: those that are features, and why each other one is none."""

    features: list[str]
    left_out: dict[str, str]


Selection = dict[str, Warned[Attributes]]
"""Of each vertex type."""


def select_features(
    data: DataSettings,
    tables: Mapping[str, JudgedTable],
    target_type: str,
    target: str,
    stored_split: Collection[str],
    times: Times,
) -> Selection:
    """The attributes of each type that are features; never by default the target, times, or a stored split.

    Raises:
        DataError: an attribute of FEATURES is absent or cannot be a feature, or no type has any.
    """
    if data.features:
        return _named(data.features, tables, target_type, target)
    excluded = {target, data.time_field, *stored_split}
    fields = {name: axis.fields if axis is not None else frozenset() for name, axis in times.items()}
    selection = {name: _numeric(table, excluded | fields[name]) for name, table in tables.items()}
    if not any(attributes.features for attributes, _ in selection.values()):
        where = f"{tables[target_type].name} has" if len(tables) == 1 else "The vertex collections have"
        raise DataError(f"{where} no numeric attribute to learn from besides keys, time and labels; set FEATURES.")
    return selection


def _numeric(table: JudgedTable, excluded: set[str | None]) -> Warned[Attributes]:
    names: list[str] = []
    left_out: dict[str, str] = {}
    warnings: list[str] = []
    numeric = {
        name: column
        for name, column in table.columns.items()
        if name not in excluded and not is_label_like(name) and isinstance(column, NumberColumn)
    }
    keys = {name: why for name, column in numeric.items() if (why := why_key(name, column, table.keys)) is not None}
    epochs = [
        name
        for name, column in numeric.items()
        if name not in keys and looks_like_epochs(column.values[~column.missing])
    ]
    if keys:
        warnings.append(
            f"{join_names(map(repr, keys))} of {table.name}: numbers that are keys by all appearance; "
            "no feature unless FEATURES names it."
        )
    if epochs:
        warnings.append(
            f"{join_names(map(repr, epochs))} of {table.name}: numbers like those of times, but not the time of the vertices; "
            "no feature unless FEATURES names it."
        )
    masks = mask_names(table.columns)
    for name in table.attributes:
        by_name = _why_by_name(name, excluded, masks)
        reason = by_name or _why_by_values(table, name)
        if reason is None and name in epochs:
            reason = "holds numbers like those of times"
        reason = reason or keys.get(name)
        if reason is None:
            names.append(name)
            warnings += _unreadable_warnings(name, table)
            warnings += _code_warnings(name, table)
            continue
        left_out[name] = reason
        if by_name is None and _is_surprising(table, name):
            warnings.append(f"{name!r} {reason} and is no feature.")
    return Warned(Attributes(names, left_out), tuple(warnings))


def _why_by_name(name: str, excluded: set[str | None], masks: Collection[str]) -> str | None:
    if name in excluded:
        return "has the name of the label, the time or the stored split"
    if is_label_like(name):
        return "named like a label"
    if name in masks:
        return "named like a stored mask"
    return "named like a time" if is_time_like(name) else None


def _why_by_values(table: JudgedTable, name: str) -> str | None:
    """Why the values of an attribute make no feature by default; None where they do."""
    column = table.columns.get(name)
    if column is None:
        return _with_path(table.unread.get(name, HOLDS_TEXTS), name, table)
    if isinstance(column, UnusableColumn):
        return _with_path(column.reason, name, table)
    if column.missing.all():
        return HAS_NO_VALUE
    if isinstance(column, TextColumn):
        return column.reason or HOLDS_TEXTS  # how many different ones, a database would not say without another scan
    return None


def _with_path(reason: str, name: str, table: JudgedTable) -> str:
    """The reason, of objects with a path to what is inside."""
    return reason + (path_below(name, table.nested) if reason == HOLDS_OBJECTS else "")


def _is_surprising(table: JudgedTable, name: str) -> bool:
    """Whether an attribute could be taken for numbers: not if it holds texts or nothing."""
    column = table.columns.get(name)
    if column is None:
        return table.unread.get(name, HOLDS_TEXTS) not in (HOLDS_TEXTS, HAS_NO_VALUE)
    return isinstance(column, UnusableColumn) or (isinstance(column, TextColumn) and bool(column.reason))


def _unreadable_warnings(name: str, table: JudgedTable) -> Iterator[str]:
    """A sentence where values of a feature that are no numbers count as missing."""
    column = table.columns[name]
    if isinstance(column, NumberColumn) and column.unreadable:
        what = "booleans" if column.boolean else "numbers"
        values, are, count = ("value", "is", "counts") if column.unreadable == 1 else ("values", "are", "count")
        what = f"no {what[:-1] if column.unreadable == 1 else what}"
        yield (
            f"{column.unreadable} {values} of {name!r} in {table.name} {are} {what} (such as {column.examples[0]}) "
            f"and {count} as missing."
        )


def _code_warnings(name: str, table: JudgedTable) -> Iterator[str]:
    """A sentence where a feature may hold codes, between which there is no more and no less."""
    column = table.columns[name]
    if isinstance(column, NumberColumn) and (num := holds_codes(name, column)):
        yield (
            f"{name!r} of {table.name} is named like a key, and its {num} different whole numbers are learned as a quantity; "
            "leave it out of FEATURES, or store it as texts, if they are codes."
        )


def _named(features: Sequence[str], tables: Mapping[str, JudgedTable], target_type: str, target: str) -> Selection:
    """Each attribute of FEATURES on every type that has it and can use it; one type must."""
    names: dict[str, dict[str, None]] = {vertex_type: {} for vertex_type in tables}
    warnings: dict[str, list[str]] = {vertex_type: [] for vertex_type in tables}
    for feature in features:
        problems: list[tuple[str, str]] = []
        holders = {each: name for each, table in tables.items() if (name := find_name(feature, table.columns))}
        if not holders:
            raise DataError(_absent(feature, features, tables))
        for vertex_type in sorted(holders, key=lambda each: each != target_type):
            name = holders[vertex_type]
            if vertex_type == target_type and name == target:
                problem: str | None = f"FEATURES holds {feature!r}, which is the TARGET; take it out."
            else:
                problem = _problem(name, tables[vertex_type])
            if problem is not None:
                problems.append((vertex_type, problem))
                continue
            names[vertex_type][name] = None
            warnings[vertex_type] += _unreadable_warnings(name, tables[vertex_type])
            if is_label_like(name) or name == target:
                warnings[vertex_type].append(
                    f"{name!r} looks like a label and is used as a feature; make sure that it is known at prediction time."
                )
        if len(problems) == len(holders):
            raise DataError(problems[0][1])
        for vertex_type, problem in problems:
            if not (vertex_type == target_type and holders[vertex_type] == target):
                warnings[vertex_type].append(problem)
    return {
        each: Warned(_of_named(features, table, names[each]), tuple(warnings[each])) for each, table in tables.items()
    }


def _of_named(features: Sequence[str], table: JudgedTable, names: Mapping[str, None]) -> Attributes:
    """The features of one type, and why its other attributes are none."""
    named = {find_name(feature, table.columns) for feature in features}
    left_out = {
        name: f"FEATURES names it, but it {_why_by_values(table, name)}" if name in named else "not named in FEATURES"
        for name in table.attributes
        if name not in names
    }
    return Attributes(list(names), left_out)


def require_features_within(layout: Layout, whole: Layout, features: Sequence[str]) -> None:
    """Refuse an attribute of FEATURES that only vertices have from which nothing can reach the target.

    Raises:
        DataError: names it and where it is.
    """
    for feature in features:
        holders = [merged for merged in whole.tables.values() if find_name(feature, merged.table.columns)]
        if holders and not any(merged.name in layout.tables for merged in holders):
            where = join_names(name for merged in holders for name in merged.collections)
            raise DataError(
                f"{feature!r} of FEATURES is an attribute of {where} alone, and no edges lead from there to the target; "
                "take it out of FEATURES."
            )


def _absent(feature: str, features: Sequence[str], tables: Mapping[str, JudgedTable]) -> str:
    names = sorted({name for table in tables.values() for name in table.attributes})
    paths = sorted({path for table in tables.values() for path in table.nested})
    hint = as_json_list("FEATURES", feature, features, [*names, *paths]) + did_you_mean(feature, names, paths=paths)
    where = f"{next(iter(tables))} has no" if len(tables) == 1 else "No vertex collection has the"
    return f"{where} attribute {feature!r} of FEATURES: {hint}."


def _problem(name: str, table: JudgedTable) -> str | None:
    """Why an attribute of FEATURES cannot be a feature of this type, None where it can."""
    column = table.columns[name]
    if isinstance(column, UnusableColumn):
        reason = _with_path(column.reason, name, table)
        return f"{name!r} of FEATURES {reason}; a feature holds numbers, booleans, texts or arrays of numbers."
    if column.missing.all():
        return f"{name!r} of FEATURES has no value in any document of {table.name}; take it out."
    if isinstance(column, TextColumn) and len(column.categories) > MAX_ONE_HOT:
        return (
            f"{name!r} of FEATURES holds {len(column.categories)} different texts; "
            f"up to {MAX_ONE_HOT} can be a feature, take it out."
        )
    return None
