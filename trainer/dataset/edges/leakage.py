"""Edges that carry the future into the past.

A vertex without a time counts as older than all others: it could pass on to an earlier vertex what it receives from
one with a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.edges.edge_set import EdgeSet, show_relation
from trainer.dataset.time.axis import TimeAxis, Times, are_comparable
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import join_names

_CHUNK = 1 << 22
"""Edges that are compared in one go, so that their times need little memory beside the edges."""


def find_future_edges(
    index: NDArray[np.int64], source: TimeAxis | None, target: TimeAxis | None
) -> tuple[int, NDArray[np.bool_] | None]:
    """Number of edges whose source is later than its target, and which edges are not certain to come from the past.

    Args:
        index: source and target rows, shape [2, edges].
        source: times of the source type.
        target: times of the target type.

    Returns:
        The count, and a mask of shape [edges]; None where all edges are certain.
    """
    if source is None:
        return 0, None
    source_has_time = ~source.missing
    if target is None or not are_comparable(source, target):
        return 0, source_has_time[index[0]]
    target_has_no_time = target.missing
    all_have_time = bool(source_has_time.all()) and not target_has_no_time.any()
    uncertain = np.empty(index.shape[1], dtype=bool)
    count = 0
    for start in range(0, index.shape[1], _CHUNK):
        sources, targets = index[:, start : start + _CHUNK]
        later = source.values[sources] > target.values[targets]
        if all_have_time:
            uncertain[start : start + _CHUNK] = later
            count += int(later.sum())
            continue
        from_timed, to_untimed = source_has_time[sources], target_has_no_time[targets]
        count += int((later & from_timed & ~to_untimed).sum())
        uncertain[start : start + _CHUNK] = from_timed & (later | to_untimed)
    return count, uncertain if uncertain.any() else None


def leakage_warnings(edges: Mapping[EdgeType, EdgeSet], times: Times, is_causal: bool) -> Iterator[str]:
    """How many edges carry the future into the past, or were dropped because they might."""
    if is_causal:
        for edge_type, edge_set in edges.items():
            if edge_set.dropped:
                yield (
                    f"MESSAGES=causal: {edge_set.dropped} of {edge_set.dropped + len(edge_set)} edges of "
                    f"{show_relation(edge_type)} were dropped because they {_reason(edge_type, times)}."
                )
        if edges and not any(times.values()):
            yield "MESSAGES=causal drops no edge: no vertex has a time."
        return
    for edge_type, edge_set in edges.items():
        if edge_set.from_future:
            yield (
                f"{edge_set.from_future} of {len(edge_set)} edges of {show_relation(edge_type)} carry the future into the "
                "past, so that a model sees what it would not know; MESSAGES=causal drops them."
            )
    for edge_type, edge_set in edges.items():
        source, target = times[edge_type[0]], times[edge_type[2]]
        if len(edge_set) and source is not None and target is not None and not are_comparable(source, target):
            yield (
                f"The {len(edge_set)} edges of {show_relation(edge_type)} join times that cannot be compared, dates and "
                "running numbers: whether they carry the future into the past is not known; MESSAGES=causal drops them."
            )
    yield from _relay_warnings(edges, times)


def _relay_warnings(edges: Mapping[EdgeType, EdgeSet], times: Times) -> Iterator[str]:
    """Types and vertices without a time through which one with a time can reach an earlier one."""
    receivers = {
        target for (source, _, target), edge_set in edges.items() if times[source] is not None and len(edge_set)
    }
    senders = {source for (source, _, target), edge_set in edges.items() if times[target] is not None and len(edge_set)}
    relays = [name for name, time in times.items() if time is None and name in receivers & senders]
    if relays:
        yield (
            f"{join_names(relays)}: no time, but edges from and to vertices with one; through them the future can reach "
            "the past, which MESSAGES=causal prevents."
        )
    for name, time in times.items():
        if time is not None and (count := _num_relays(name, time.missing, edges, times)):
            yield (
                f"{count} vertices of {name} have no {time.field!r}, but edges from and to vertices with a time; through "
                "them the future can reach the past, which MESSAGES=causal prevents."
            )


def _num_relays(name: str, has_no_time: NDArray[np.bool_], edges: Mapping[EdgeType, EdgeSet], times: Times) -> int:
    """How many vertices without a time receive from vertices with one and send to vertices with one."""
    if not has_no_time.any():
        return 0
    receives, sends = np.zeros((2, len(has_no_time)), dtype=bool)
    for (source, _, target), edge_set in edges.items():
        source_time, target_time = times[source], times[target]
        if target == name and source_time is not None:
            receives[edge_set.index[1][~source_time.missing[edge_set.index[0]]]] = True
        if source == name and target_time is not None:
            sends[edge_set.index[0][~target_time.missing[edge_set.index[1]]]] = True
    return int((receives & sends & has_no_time).sum())


def _reason(edge_type: EdgeType, times: Times) -> str:
    source, target = times[edge_type[0]], times[edge_type[2]]
    if target is None:
        return f"lead from vertices with a time to {edge_type[2]}, which has none"
    if not are_comparable(source, target):
        return "join times that cannot be compared, dates and running numbers"
    return "may carry the future into the past"
