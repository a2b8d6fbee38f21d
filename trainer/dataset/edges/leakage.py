"""Edges that carry the future into the past.

A vertex without a time counts as older than all others: what it would hear from a vertex with a time might be
told on to an earlier one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.edges.edge_set import EdgeSet
from trainer.dataset.time.axis import TimeAxis, Times, finest
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import join_names

_AT_ONCE = 1 << 22
"""Edges that are looked at in one go, so that their times need little memory beside the edges."""


def are_comparable(one: TimeAxis | None, other: TimeAxis | None) -> bool:
    """Whether both have a time, dates both or running numbers both."""
    return one is not None and other is not None and (one.unit == "ordinal") == (other.unit == "ordinal")


def in_one_unit(one: TimeAxis, other: TimeAxis) -> tuple[NDArray[Any], NDArray[Any]]:
    """The times of two comparable axes as numbers that can be compared."""
    unit = finest((one.unit, other.unit))
    return one.in_unit(unit), other.in_unit(unit)


def look_for_future(
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
    earlier, later = in_one_unit(source, target)
    target_is_timeless = target.missing
    uncertain = np.empty(index.shape[1], dtype=bool)
    count = 0
    for start in range(0, index.shape[1], _AT_ONCE):
        sources, targets = index[:, start : start + _AT_ONCE]
        from_future = earlier[sources] > later[targets]
        count += int(from_future.sum())
        uncertain[start : start + _AT_ONCE] = from_future | (source_has_time[sources] & target_is_timeless[targets])
    return count, uncertain if uncertain.any() else None


def warn_of_leaks(edges: Mapping[EdgeType, EdgeSet], times: Times, is_causal: bool, warnings: list[str]) -> None:
    """Say how many edges carry the future into the past, or were dropped because they might."""
    if is_causal:
        for kind, found in edges.items():
            if found.dropped:
                warnings.append(
                    f"MESSAGES=causal: {found.dropped} of {found.dropped + len(found)} edges of {show(kind)} "
                    f"were dropped because they {_why(kind, times)}."
                )
        if edges and not any(times.values()):
            warnings.append("MESSAGES=causal drops no edge: no vertex has a time.")
        return
    for kind, found in edges.items():
        if found.from_future:
            warnings.append(
                f"{found.from_future} of {len(found)} edges of {show(kind)} carry the future into the past, so that "
                "a model sees what it would not know; MESSAGES=causal drops them."
            )
    for kind, found in edges.items():
        source, target = times[kind[0]], times[kind[2]]
        if len(found) and source is not None and target is not None and not are_comparable(source, target):
            warnings.append(
                f"The {len(found)} edges of {show(kind)} join times that cannot be compared, dates and running numbers: "
                "whether they carry the future into the past is not known; MESSAGES=causal drops them."
            )
    timeless = [name for name, time in times.items() if time is None]
    hearing = {target for (source, _, target), found in edges.items() if times[source] is not None and len(found)}
    telling = {source for (source, _, target), found in edges.items() if times[target] is not None and len(found)}
    between = [name for name in timeless if name in hearing & telling]
    if between:
        warnings.append(
            f"{join_names(between)}: no time, but edges from and to vertices with one; through them the future can reach "
            "the past, which MESSAGES=causal prevents."
        )
    for name, time in times.items():
        if time is not None and (count := _num_relays(name, time.missing, edges, times)):
            warnings.append(
                f"{count} vertices of {name} have no {time.field!r}, but edges from and to vertices with a time; through "
                "them the future can reach the past, which MESSAGES=causal prevents."
            )


def _num_relays(
    name: str,
    has_no_time: NDArray[np.bool_],
    edges: Mapping[EdgeType, EdgeSet],
    times: Mapping[str, TimeAxis | None],
) -> int:
    """How many vertices without a time hear from vertices with one and tell vertices with one."""
    if not has_no_time.any():
        return 0
    hears, tells = np.zeros((2, len(has_no_time)), dtype=bool)
    for (source, _, target), found in edges.items():
        source_time, target_time = times[source], times[target]
        if target == name and source_time is not None:
            hears[found.index[1][~source_time.missing[found.index[0]]]] = True
        if source == name and target_time is not None:
            tells[found.index[0][~target_time.missing[found.index[1]]]] = True
    return int((hears & tells & has_no_time).sum())


def show(kind: EdgeType) -> str:
    """A relation in a sentence."""
    return f"{kind[1]} ({kind[0]} to {kind[2]})"


def _why(kind: EdgeType, times: Times) -> str:
    if times[kind[2]] is None:
        return f"lead from vertices with a time to {kind[2]}, which has none"
    if not are_comparable(times[kind[0]], times[kind[2]]):
        return "join times that cannot be compared, dates and running numbers"
    return "may carry the future into the past"
