"""Which attributes of each vertex type are features: those of FEATURES that it has, or its numeric ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from trainer.dataset.features.fitting import MAX_ONE_HOT
from trainer.dataset.grouping.layout import Layout
from trainer.dataset.names import did_you_mean, find_name, is_label_like, is_time_like, split_attribute
from trainer.errors import DataError
from trainer.graph.columns import NumberColumn, TextColumn, UnusableColumn, VectorColumn
from trainer.graph.graph import VertexTable, join_names
from trainer.settings.groups.data import DataSettings
from trainer.settings.groups.split import SplitSettings

Warnings = Mapping[str, list[str]]
"""Per type, takes what a reader of the report should know."""


def choose_features(
    data: DataSettings,
    split: SplitSettings,
    tables: Mapping[str, VertexTable],
    target_type: str,
    target: str,
    warnings: Warnings,
) -> dict[str, list[str]]:
    """The attributes of each type that are features.

    Raises:
        DataError: an attribute of FEATURES is absent or cannot be a feature, or no type has any.
    """
    if data.features:
        return _named(data.features, tables, target_type, target, warnings)
    not_features = {target, split_attribute(split), data.time_field}
    found = {name: _numeric(table, not_features, warnings[name]) for name, table in tables.items()}
    if not any(found.values()):
        where = f"{tables[target_type].name} has" if len(tables) == 1 else "The vertex collections have"
        raise DataError(f"{where} no numeric attribute to learn from besides keys, time and labels; set FEATURES.")
    return found


def _numeric(table: VertexTable, not_features: Set[str | None], warnings: list[str]) -> list[str]:
    found = []
    for name, column in table.columns.items():
        if name in not_features or is_label_like(name) or is_time_like(name):
            continue
        if isinstance(column, UnusableColumn):
            warnings.append(f"{name!r} {column.reason} and is no feature.")
        elif isinstance(column, NumberColumn | VectorColumn) and not column.missing.all():
            found.append(name)
    return found


def _named(
    features: Sequence[str], tables: Mapping[str, VertexTable], target_type: str, target: str, warnings: Warnings
) -> dict[str, list[str]]:
    """Each attribute of FEATURES on every type that has it and can use it; one type must."""
    found: dict[str, dict[str, None]] = {name: {} for name in tables}
    for asked in features:
        problems: list[tuple[str, str]] = []
        holders = {kind: name for kind, table in tables.items() if (name := find_name(asked, table.columns))}
        if not holders:
            raise DataError(_absent(asked, tables))
        for kind in sorted(holders, key=lambda kind: kind != target_type):
            name = holders[kind]
            if kind == target_type and name == target:
                problem: str | None = f"FEATURES holds {asked!r}, which is the TARGET; take it out."
            else:
                problem = _problem(name, tables[kind])
            if problem is not None:
                problems.append((kind, problem))
                continue
            found[kind][name] = None
            if is_label_like(name) or name == target:
                warnings[kind].append(
                    f"{name!r} looks like a label and is used as a feature; make sure that it is known at prediction time."
                )
        if len(problems) == len(holders):
            raise DataError(problems[0][1])
        for kind, problem in problems:
            if not (kind == target_type and holders[kind] == target):
                warnings[kind].append(problem)
    return {kind: list(names) for kind, names in found.items()}


def require_features_within(layout: Layout, whole: Layout, features: Sequence[str]) -> None:
    """Refuse an attribute of FEATURES that only vertices have from which nothing can reach the target.

    Raises:
        DataError: names it and where it is.
    """
    for asked in features:
        holders = [merged for merged in whole.tables.values() if find_name(asked, merged.table.columns)]
        if holders and not any(merged.name in layout.tables for merged in holders):
            where = join_names(name for merged in holders for name in merged.collections)
            raise DataError(
                f"{asked!r} of FEATURES is an attribute of {where} alone, and no edges lead from there to the target; "
                "take it out of FEATURES."
            )


def _absent(asked: str, tables: Mapping[str, VertexTable]) -> str:
    if len(tables) == 1:
        (table,) = tables.values()
        return f"{table.name} has no attribute {asked!r} of FEATURES: {did_you_mean(asked, table.attributes)}."
    among = sorted({name for table in tables.values() for name in table.attributes})
    return f"No vertex collection has the attribute {asked!r} of FEATURES: {did_you_mean(asked, among)}."


def _problem(name: str, table: VertexTable) -> str | None:
    """Why an attribute of FEATURES cannot be a feature of this type, None where it can."""
    column = table.columns[name]
    if isinstance(column, UnusableColumn):
        return f"{name!r} of FEATURES {column.reason}; a feature holds numbers, booleans, texts or arrays of numbers."
    if column.missing.all():
        return f"{name!r} of FEATURES has no value in any document of {table.name}; take it out."
    if isinstance(column, TextColumn) and len(column.categories) > MAX_ONE_HOT:
        return (
            f"{name!r} of FEATURES holds {len(column.categories)} different texts; "
            f"up to {MAX_ONE_HOT} can be a feature, take it out."
        )
    return None
