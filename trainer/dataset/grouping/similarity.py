"""When the attributes of two collections are those of one entity."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from trainer.dataset.attribute_names import is_likely_time

MIN_SHARED = 0.5
"""Share of their attributes that two collections of one entity have in common."""
MIN_SUBSET = 3
"""A collection with at least so many attributes, all of which another one has, lacks some and is no other entity."""


def are_similar(one: Collection[str], other: Collection[str]) -> bool:
    """Whether two sets of attributes may be of one entity: half is in common, or one is a subset of the other."""
    first, second = (without_time_names(names) for names in (one, other))
    common = len(first & second)
    is_subset = common >= MIN_SUBSET and common == min(len(first), len(second))
    return is_subset or common >= MIN_SHARED * max(len(first | second), 1)


def without_time_names(names: Iterable[str]) -> frozenset[str]:
    """The attributes, where a time counts as the same by whichever usual name."""
    return frozenset("ts" if is_likely_time(name) else name for name in names)
