"""The edges of several collections as the one relation that they are, weighed, turned round, and kept from the future."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.edge_set import EdgeSet
from trainer.dataset.grouping.merging import TypeTable
from trainer.dataset.time.axis import TimeAxis, Times
from trainer.dataset.time.leaks import look_for_future, show
from trainer.errors import DataError
from trainer.graph.edge_order import sort_edges
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import EdgeTable, join_names
from trainer.registry.models import MODELS, weighted_models

Weight = NDArray[np.float32] | None


def reverse_name(name: str) -> str:
    """The name of a relation that was turned round."""
    return f"rev_{name}"


def reverses_of(relations: Sequence[EdgeType]) -> dict[EdgeType, EdgeType]:
    """The relations to add, and what each turns round: one between two types is answered unless the graph does so."""
    directions = {(source, target) for source, _, target in relations}
    return {
        (target, reverse_name(name), source): (source, name, target)
        for source, name, target in relations
        if source != target and (target, source) not in directions
    }


def build_edges(
    relations: Mapping[EdgeType, Sequence[EdgeTable]],
    reverses: Mapping[EdgeType, EdgeType],
    tables: Mapping[str, TypeTable],
    times: Times,
    is_causal: bool,
    weighted: Mapping[EdgeType, bool],
    warnings: list[str],
) -> dict[EdgeType, EdgeSet]:
    """The stored relations and the added ones, in order of name.

    Args:
        relations: the stored relations with their tables.
        reverses: the relations to add, and what each turns round.
        tables: the vertices of each type.
        times: the times of each type.
        is_causal: whether edges that may carry the future into the past are dropped.
        weighted: whether the edges of a stored relation have weights; those without get 1.
        warnings: takes a sentence where weights are missing.
    """
    found: dict[EdgeType, EdgeSet] = {}
    backwards = {forward: backward for backward, forward in reverses.items()}
    for kind, parts in relations.items():
        source, target = tables[kind[0]], tables[kind[2]]
        index, weight = _joined(parts, source, target, weighted[kind])
        weight = _filled(kind, weight, warnings)
        collections = tuple(sorted({part.name for part in parts}))
        if kind in backwards:
            other = _ordered(np.ascontiguousarray(index[::-1]), weight, len(target))
            found[backwards[kind]] = _kept(collections, *other, kind, times[kind[2]], times[kind[0]], is_causal)
        found[kind] = _kept(collections, index, weight, None, times[kind[0]], times[kind[2]], is_causal)
    return dict(sorted(found.items()))


def require_weights(relations: Mapping[EdgeType, Sequence[EdgeTable]], name: str, model_type: str) -> None:
    """Refuse weights that no edge has, or that the model cannot take.

    Raises:
        DataError: no edge has the attribute, or one is negative where roots are taken of sums.
    """
    parts = [part for tables in relations.values() for part in tables]
    weights = [(part.name, part.weight) for part in parts if part.weight is not None]
    if not weights:
        read = join_names({part.name for part in parts})
        raise DataError(f"No edge has the attribute EDGE_WEIGHT={name!r}; the edges were read from: {read}.")
    negative = {collection for collection, weight in weights if bool((weight < 0).any())}
    if negative and MODELS[model_type].normalised:
        *others, last = (other for other in weighted_models() if not MODELS[other].normalised)
        raise DataError(
            f"EDGE_WEIGHT={name!r} is negative on edges of {join_names(negative)}, and {model_type} takes roots of their sums; "
            f"use {', '.join(others)} or {last}."
        )


def _joined(
    parts: Sequence[EdgeTable], source: TypeTable, target: TypeTable, is_weighted: bool
) -> tuple[NDArray[np.int64], Weight]:
    """The edges of all parts as rows of the types, in the order of edges; a weight that is missing is NaN."""
    if len(parts) == 1 and source.rows[parts[0].source] is None and target.rows[parts[0].target] is None:
        (only,) = parts
        unknown = np.full(len(only), np.nan, dtype=np.float32) if only.weight is None else only.weight
        return only.index, unknown if is_weighted else None
    sizes = [0, *np.cumsum([len(part) for part in parts]).tolist()]
    index = np.empty((2, sizes[-1]), dtype=np.int64)
    weight = np.full(sizes[-1], np.nan, dtype=np.float32) if is_weighted else None
    for part, start, end in zip(parts, sizes, sizes[1:], strict=False):
        for side, rows in enumerate((source.rows[part.source], target.rows[part.target])):
            if rows is None:
                index[side, start:end] = part.index[side]
            else:
                np.take(rows, part.index[side], out=index[side, start:end])
        if weight is not None and part.weight is not None:
            weight[start:end] = part.weight
    return _ordered(index, weight, len(source))


def _ordered(index: NDArray[np.int64], weight: Weight, num_sources: int) -> tuple[NDArray[np.int64], Weight]:
    """The edges by target, then source, then weight; `index` is overwritten, to need little memory."""
    width = np.int64(max(num_sources, 1))
    codes = index[1] * width
    codes += index[0]
    codes, weight = sort_edges(codes, weight)
    np.floor_divide(codes, width, out=index[1])
    np.remainder(codes, width, out=index[0])
    return index, weight


def _filled(kind: EdgeType, weight: Weight, warnings: list[str]) -> Weight:
    if weight is None:
        return None
    missing = np.isnan(weight)
    if not missing.any():
        return weight
    warnings.append(f"{int(missing.sum())} of {len(weight)} edges of {show(kind)} have no weight and get 1.")
    return np.where(missing, np.float32(1), weight)


def _kept(
    collections: tuple[str, ...],
    index: NDArray[np.int64],
    weight: Weight,
    reverse_of: EdgeType | None,
    source: TimeAxis | None,
    target: TimeAxis | None,
    is_causal: bool,
) -> EdgeSet:
    from_future, uncertain = look_for_future(index, source, target)
    if not is_causal or uncertain is None:
        return EdgeSet(collections, index, weight, reverse_of, from_future)
    kept = ~uncertain
    dropped = int(uncertain.sum())
    return EdgeSet(
        collections, index[:, kept], None if weight is None else weight[kept], reverse_of, from_future, dropped
    )
