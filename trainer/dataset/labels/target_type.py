"""Which vertex type carries the labels, and which of its collections count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from trainer.dataset.attribute_names import find_name, usual_targets
from trainer.dataset.grouping.layout import matching_collections
from trainer.dataset.grouping.type_table import JudgedTable, TypeTable
from trainer.dataset.name_hints import as_json_list, did_you_mean
from trainer.errors import DataError
from trainer.graph.graph import join_names


def find_target_type(
    tables: Mapping[str, TypeTable], target: str | None, target_collection: Sequence[str]
) -> tuple[str, JudgedTable]:
    """The type that carries the labels, and its attributes, the labels those of TARGET_COLLECTION alone.

    Raises:
        DataError: TARGET_COLLECTION or TARGET names nothing, or several types could be meant.
    """
    chosen = _chosen_collections(tables, target_collection)
    candidates = [merged for merged in tables.values() if chosen is None or chosen & {*merged.collections}]
    if chosen is not None and len(candidates) > 1:
        entities = "; ".join(join_names(chosen & {*merged.collections}) for merged in candidates)
        raise DataError(
            f"TARGET_COLLECTION names collections that do not hold the same entity ({entities}): their attributes differ; "
            "name those of one."
        )
    merged = candidates[0] if len(candidates) == 1 else _only_with_target(candidates, target)
    return merged.name, merged.table if chosen is None else _restricted(merged, chosen, target)


def _chosen_collections(tables: Mapping[str, TypeTable], target_collection: Sequence[str]) -> set[str] | None:
    if not target_collection:
        return None
    names = {name for merged in tables.values() for name in merged.collections}
    chosen: set[str] = set()
    for pattern in target_collection:
        matching = matching_collections([pattern], names)
        if not matching and pattern in tables:
            matching = {*tables[pattern].collections}
        if not matching:
            hint = as_json_list("TARGET_COLLECTION", pattern, target_collection, names)
            hint += did_you_mean(pattern, names, "vertex collections")
            raise DataError(f"The graph has no vertex collection TARGET_COLLECTION={pattern!r}: {hint}.")
        chosen |= matching
    return chosen


def _restricted(merged: TypeTable, chosen: set[str], target: str | None) -> JudgedTable:
    """The table in which only the chosen collections have labels."""
    members = [member for member in merged.members if member.name in chosen]
    attributes = sorted({name for member in members for name in member.attributes})
    names = sorted({name for member in members for name in member.columns})
    labels = [find_name(target, names)] if target else [name for name in names if usual_targets([name])]
    table = merged.restricted_to(sorted(chosen), [name for name in labels if name is not None])
    table_name = ", ".join(member.name for member in members) if len(members) < len(merged.members) else merged.name
    return replace(
        table,
        name=table_name,
        columns={name: table.columns[name] for name in names},
        stored={name: table.stored[name] for name in names},
        attributes=attributes,
    )


def _only_with_target(candidates: list[TypeTable], target: str | None) -> TypeTable:
    """The one type that has the target."""
    holders = [(merged, name) for merged in candidates if (name := _target_of(merged.table, target)) is not None]
    with_values = [(merged, name) for merged, name in holders if not merged.table.columns[name].missing.all()]
    holders = with_values or holders
    if len(holders) == 1:
        return holders[0][0]
    if holders:
        listed = "; ".join(f"{name!r} of {join_names(merged.collections)}" for merged, name in holders)
        raise DataError(
            f"Several vertex collections could hold the labels ({listed}); set TARGET_COLLECTION to the one that is meant, "
            "or to all that hold the same entity, such as `candles_*` or several names."
        )
    attributes = sorted({name for merged in candidates for name in merged.table.attributes})
    if target:
        paths = {path for merged in candidates for path in merged.table.nested}
        hint = did_you_mean(target, attributes, paths=paths)
        raise DataError(f"No vertex collection has the attribute TARGET={target!r}: {hint}.")
    likely = sorted({name for merged in candidates for name in usual_targets(merged.table.columns)}) or attributes
    raise DataError(
        "TARGET is not set and the vertex collections do not say which it is; "
        f"set it to one of: {join_names(likely, most=30)}."
    )


def _target_of(table: JudgedTable, target: str | None) -> str | None:
    if target:
        return find_name(target, table.columns)
    usual = usual_targets(table.columns)
    return usual[0] if len(usual) == 1 else None
