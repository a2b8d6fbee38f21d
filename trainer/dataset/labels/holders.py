"""Which vertex type carries the labels, and which of its collections count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from trainer.dataset.grouping.layout import named_collections
from trainer.dataset.grouping.merging import TypeTable
from trainer.dataset.labels.target import Target, find_target
from trainer.dataset.names import did_you_mean, find_name, usual_target
from trainer.errors import DataError
from trainer.graph.graph import VertexTable, join_names
from trainer.settings.groups.data import DataSettings
from trainer.settings.groups.training import TrainingSettings


def find_labels(
    data: DataSettings, training: TrainingSettings, tables: Mapping[str, TypeTable], warnings: list[str]
) -> tuple[str, Target]:
    """The type that carries the labels, and the labels of its vertices.

    Raises:
        DataError: TARGET_COLLECTION or TARGET names nothing, several types could be meant, or the labels do not serve.
        SettingsError: LOSS_FN does not fit the labels.
    """
    chosen = _chosen_collections(data.target_collection, tables)
    candidates = [merged for merged in tables.values() if chosen is None or chosen & {*merged.collections}]
    if chosen is not None and len(candidates) > 1:
        said = "; ".join(join_names(chosen & {*merged.collections}) for merged in candidates)
        raise DataError(
            f"TARGET_COLLECTION names collections that do not hold the same entity ({said}): their attributes differ; "
            "name those of one."
        )
    merged = candidates[0] if len(candidates) == 1 else _only_holder(data.target, candidates)
    table = merged.table if chosen is None else _restricted(merged, chosen, data.target)
    return merged.name, find_target(data.target, training, table, warnings)


def _chosen_collections(patterns: list[str], tables: Mapping[str, TypeTable]) -> set[str] | None:
    if not patterns:
        return None
    names = {name for merged in tables.values() for name in merged.collections}
    chosen: set[str] = set()
    for pattern in patterns:
        fitting = named_collections([pattern], names)
        if not fitting and pattern in tables:
            fitting = {*tables[pattern].collections}
        if not fitting:
            hint = did_you_mean(pattern, names, "vertex collections")
            raise DataError(f"The graph has no vertex collection TARGET_COLLECTION={pattern!r}: {hint}.")
        chosen |= fitting
    return chosen


def _restricted(merged: TypeTable, chosen: set[str], target: str | None) -> VertexTable:
    """The table in which only the chosen collections have labels."""
    members = [member for member in merged.members if member.name in chosen]
    attributes = sorted({name for member in members for name in member.attributes})
    names = sorted({name for member in members for name in member.columns})
    wanted = [find_name(target, names)] if target else [n for n in names if usual_target([n])]
    columns = {name: merged.table.columns[name] for name in names}
    columns |= {name: merged.merged(name, sorted(chosen)) for name in wanted if name is not None}
    label = ", ".join(member.name for member in members) if len(members) < len(merged.members) else merged.name
    return replace(merged.table, name=label, columns=columns, attributes=attributes)


def _only_holder(target: str | None, candidates: list[TypeTable]) -> TypeTable:
    """The one type that has the target."""
    holders = [(merged, name) for merged in candidates if (name := _target_of(target, merged.table)) is not None]
    with_values = [(merged, name) for merged, name in holders if not merged.table.columns[name].missing.all()]
    holders = with_values or holders
    if len(holders) == 1:
        return holders[0][0]
    if holders:
        said = "; ".join(f"{name!r} of {join_names(merged.collections)}" for merged, name in holders)
        raise DataError(
            f"Several vertex collections could hold the labels ({said}); set TARGET_COLLECTION to the one that is meant, "
            "or to all that hold the same entity, such as `candles_*` or several names."
        )
    attributes = sorted({name for merged in candidates for name in merged.table.attributes})
    if target:
        hint = did_you_mean(target, attributes)
        raise DataError(f"No vertex collection has the attribute TARGET={target!r}: {hint}.")
    likely = sorted({name for merged in candidates for name in usual_target(merged.table.columns)}) or attributes
    raise DataError(
        "TARGET is not set and the vertex collections do not say which it is; "
        f"set it to one of: {join_names(likely, most=30)}."
    )


def _target_of(target: str | None, table: VertexTable) -> str | None:
    if target:
        return find_name(target, table.columns)
    usual = usual_target(table.columns)
    return usual[0] if len(usual) == 1 else None


def count_labelled(merged: TypeTable, target: Target) -> dict[str, int]:
    """How many vertices of each collection have a label."""
    counts = np.bincount(merged.collection[target.labelled], minlength=len(merged.members))
    return dict(zip(merged.collections, counts.tolist(), strict=True))
