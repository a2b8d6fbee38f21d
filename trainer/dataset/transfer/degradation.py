"""What a graph gives a model less of than the training did: values, known categories, familiar numbers, edges."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.edges.edge_set import show_relation
from trainer.dataset.features.feature import Feature
from trainer.dataset.grouping.type_table import TypeTable
from trainer.dataset.inputs import Inputs
from trainer.dataset.schema import Schema, TypeSchema
from trainer.graph.columns import Column, NumberColumn, TextColumn, VectorColumn
from trainer.graph.graph import join_names

_FAR = ((3, 0.5), (10, 0.05))
"""Standard deviations from the mean of the training, and the share of values that may be farther away.

Of the values that mean and deviation were learned from, at most 1 in 9 and 1 in 100 are (Chebyshev's inequality).
"""
_MARGIN = 0.05
"""A share of vertices that may lack something beyond the training's own share, for graphs differ."""
_NUM_DEVIATIONS = 3
"""A count may exceed its expectation by so many standard deviations, for small graphs differ by chance."""


def degradation_warnings(tables: Mapping[str, TypeTable], inputs: Inputs, schema: Schema) -> Iterator[str]:
    """A sentence for each feature that is worse than in the training, one where that is most of them, and some for edges.

    Args:
        tables: the vertices of each type, before they were encoded.
        inputs: what the model sees of them.
        schema: what the model knows of the training.
    """
    for vertex_type in schema.types:
        if len(tables[vertex_type.name]):
            yield from _feature_warnings(tables[vertex_type.name], vertex_type)
    yield from _edge_warnings(inputs, schema)


def _feature_warnings(merged: TypeTable, vertex_type: TypeSchema) -> Iterator[str]:
    lost = []
    for feature in vertex_type.features:
        column = merged.table.columns.get(feature.name)
        if column is None:  # said already: it is filled as in the training
            lost.append(feature.name)
            continue
        phrases, num_affected = _compare(column, feature, vertex_type.num_vertices)
        if phrases:
            yield f"{feature.name!r} of {merged.name}: {'; '.join(phrases)}."
            if 2 * num_affected >= len(merged):
                lost.append(feature.name)
    num_features = len(vertex_type.features)
    if 2 * len(lost) > num_features:
        rest = num_features - len(lost)
        yield (
            f"Predictions rest on {rest or 'none'} of the {num_features} features of {merged.name}: "
            f"in at least half of the vertices, {join_names(lost)} have no value like those of the training."
        )


def _compare(column: Column, feature: Feature, num_learned_from: int | None) -> tuple[list[str], int]:
    """What is worse than in the training, and how many vertices it concerns."""
    missing, size = column.missing, len(column.missing)
    phrases = []
    affected = np.zeros(size, dtype=bool)
    num_missing = int(missing.sum())
    if _exceeds(num_missing, size, feature.missing, num_learned_from):
        share = _own_share(feature, num_learned_from)
        phrases.append(f"{num_missing} of {size} vertices have no value ({share}){_unreadable(column)}")
        affected |= missing
    if isinstance(column, TextColumn) and not missing.all():
        unseen = ~missing & ~np.isin(column.codes, _known_codes(column, feature))
        num_unseen = int(unseen.sum())
        if _exceeds(num_unseen, size, feature.unseen, num_learned_from):
            examples = ", ".join(map(repr, sorted({column.categories[code] for code in column.codes[unseen]})[:3]))
            phrases.append(f"{num_unseen} of {size} hold categories that the training did not have, such as {examples}")
            affected |= unseen
    elif isinstance(column, VectorColumn):
        known = column.values[~missing]
        if len(known) > 1 and (known == known[0]).all():
            phrases.append(f"all {len(known)} arrays are equal")
            affected |= ~missing
    elif isinstance(column, NumberColumn) and feature.is_scaled:
        far, deviations = _far(column.values, missing, feature)
        if far.any():
            phrases.append(
                f"{int(far.sum())} of {size} are more than {deviations} standard deviations from {feature.mean[0]:.4g}, "
                f"the mean of the training, such as {float(column.values[far][0]):.4g}"
            )
            affected |= far
    return phrases, int(affected.sum())


def _known_codes(column: TextColumn, feature: Feature) -> list[int]:
    known = {*feature.categories}
    return [code for code, text in enumerate(column.categories) if text in known]


def _far(values: NDArray[np.generic], missing: NDArray[np.bool_], feature: Feature) -> tuple[NDArray[np.bool_], int]:
    """Which values are too far from those of the training, none where few are; and how far is too far."""
    with np.errstate(over="ignore", invalid="ignore"):
        distance = np.abs(values.astype(np.float64) - feature.mean[0]) / feature.scale[0]
    num_known = int((~missing).sum())
    for deviations, tolerated in _FAR:
        far = ~missing & (distance > deviations)
        if far.sum() > tolerated * num_known:
            return far, deviations
    return np.zeros(len(missing), dtype=bool), 0


def _exceeds(count: int, size: int, own_count: int, own_size: int | None) -> bool:
    """Whether a count of `size` vertices is beyond the training's own share, by more than graphs differ anyway."""
    if not own_count:
        return count > 0
    if not own_size:
        return count > _MARGIN * size
    share = own_count / own_size
    chance = math.sqrt(size * share * (1 - share))
    return count > size * share + max(_NUM_DEVIATIONS * chance, _MARGIN * size)


def _unreadable(column: Column) -> str:
    """How many values are missing because they are no numbers, if any."""
    if not isinstance(column, NumberColumn) or not column.unreadable:
        return ""
    return f", {column.unreadable} because they hold something else than a number, such as {', '.join(column.examples)}"


def _own_share(feature: Feature, num_learned_from: int | None) -> str:
    if not feature.missing:
        return "in the training none was missing"
    of = "" if num_learned_from is None else f" of {num_learned_from}"
    return f"in the training {feature.missing}{of}"


def _edge_warnings(inputs: Inputs, schema: Schema) -> Iterator[str]:
    """Sentences where edges are lacking; that there are none at all is said already."""
    without, own = inputs.without_incoming(), schema.target.num_without_incoming
    if without.all():
        return
    name, count, size = inputs.target_type, int(without.sum()), len(without)
    num_learned_from = next(each.num_vertices for each in schema.types if each.name == name)
    if own is not None and _exceeds(count, size, own, num_learned_from):
        yield (
            f"{count} of {size} vertices of {name} have no incoming edge from another vertex (in the training {own} of "
            f"{num_learned_from}): each is judged by its own attributes."
        )
    for relation in schema.stored:
        if relation.num_edges and not len(inputs.edges[relation.edge_type]):
            yield f"There are no edges of {show_relation(relation.edge_type)}; the training had {relation.num_edges}."
