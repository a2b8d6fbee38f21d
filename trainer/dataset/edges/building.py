"""The edges of several collections as one relation, with weights, reverse relations, and without edges from the future."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.edges.edge_set import EdgeSet, show_relation
from trainer.dataset.edges.leakage import find_future_edges
from trainer.dataset.grouping.type_table import TypeTable
from trainer.dataset.time.axis import TimeAxis, Times
from trainer.dataset.warned import Warned
from trainer.errors import DataError
from trainer.graph.edge_order import sort_edges
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import EdgeTable, join_names
from trainer.registry.models import MODELS, weighted_models

Weight = NDArray[np.float32] | None


def reverses_of(relations: Sequence[EdgeType]) -> dict[EdgeType, EdgeType]:
    """The reverse relations to add, and the relation of each: between two types, where the graph has no edges back."""
    directions = {(source, target) for source, _, target in relations}
    return {
        (target, f"rev_{name}", source): (source, name, target)
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
) -> Warned[dict[EdgeType, EdgeSet]]:
    """The stored relations and the reverse ones, in order of name; warns where weights are missing.

    Args:
        relations: the stored relations with their tables.
        reverses: the reverse relations to add, and the stored relation of each.
        tables: the vertices of each type.
        times: the times of each type.
        is_causal: whether edges that may carry the future into the past are dropped.
        weighted: whether the edges of a stored relation have weights; those without get 1.
    """
    edges: dict[EdgeType, EdgeSet] = {}
    warnings: list[str] = []
    reverse_of = {forward: backward for backward, forward in reverses.items()}
    for edge_type, parts in relations.items():
        source, _, target = edge_type
        index, weight = _joined(parts, tables[source], tables[target], weighted[edge_type])
        weight, weight_warnings = _filled(edge_type, weight)
        warnings += weight_warnings
        collections = tuple(sorted({part.name for part in parts}))
        if edge_type in reverse_of:
            reverse = _ordered(np.ascontiguousarray(index[::-1]), weight, len(tables[target]))
            edges[reverse_of[edge_type]] = _edge_set(
                collections, *reverse, edge_type, times[target], times[source], is_causal
            )
        edges[edge_type] = _edge_set(collections, index, weight, None, times[source], times[target], is_causal)
    return Warned(dict(sorted(edges.items())), tuple(warnings))


def require_weights(relations: Mapping[EdgeType, Sequence[EdgeTable]], name: str, model_type: str) -> None:
    """Refuse weights that no edge has, or that the model cannot take.

    Raises:
        DataError: no edge has the attribute, or one is negative where roots are taken of sums.
    """
    parts = [part for tables in relations.values() for part in tables]
    weights = [(part.name, part.weight) for part in parts if part.weight is not None]
    if not weights:
        collections = join_names({part.name for part in parts})
        raise DataError(f"No edge has the attribute EDGE_WEIGHT={name!r}; the edges were read from: {collections}.")
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


def _filled(edge_type: EdgeType, weight: Weight) -> Warned[Weight]:
    if weight is None or not (missing := np.isnan(weight)).any():
        return Warned(weight)
    warning = f"{int(missing.sum())} of {len(weight)} edges of {show_relation(edge_type)} have no weight and get 1."
    return Warned(np.where(missing, np.float32(1), weight), (warning,))


def _edge_set(
    collections: tuple[str, ...],
    index: NDArray[np.int64],
    weight: Weight,
    reverse_of: EdgeType | None,
    source: TimeAxis | None,
    target: TimeAxis | None,
    is_causal: bool,
) -> EdgeSet:
    from_future, uncertain = find_future_edges(index, source, target)
    if not is_causal or uncertain is None:
        return EdgeSet(collections, index, weight, reverse_of, from_future)
    kept = ~uncertain
    dropped = int(uncertain.sum())
    return EdgeSet(
        collections, index[:, kept], None if weight is None else weight[kept], reverse_of, from_future, dropped
    )
