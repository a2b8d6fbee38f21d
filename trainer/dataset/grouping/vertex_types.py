"""Which vertex collections hold the same entity, such as the candles of each symbol, and are one type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import combinations

from trainer.dataset.attribute_names import TIME_NAMES
from trainer.dataset.grouping.collection_names import first_word, split_words, unique_names, without_number
from trainer.graph.graph import Graph, VertexTable

LEAST_IN_COMMON = 0.5
"""Share of their attributes that two collections of one entity have in common."""
LEAST_TO_LACK = 3
"""A collection that has no other attributes than one of its kind, and so many of them, lacks some and is no other entity."""


def find_types(graph: Graph, together: Collection[str] = ()) -> dict[str, list[str]]:
    """The vertex types of a graph: sorted collections by the name of the type, in order of name.

    Args:
        graph: one or several.
        together: collections that somebody says hold the same entity; believed where their attributes are alike.
    """
    if len(graph.definitions) > 1 and all(len(known.vertex_collections) == 1 for known in graph.definitions):
        groups = [sorted(graph.vertices)]
    else:
        groups = _alike(graph.vertices.values())
        if len(graph.definitions) > 1:
            groups = _partners(groups, graph)
    groups = _united(groups, [graph.vertices[name] for name in sorted(together)])
    groups.sort()
    return dict(sorted(zip(unique_names(groups, "vertices"), groups, strict=True)))


def are_alike(one: Collection[str], other: Collection[str]) -> bool:
    """Whether two sets of attributes may be of one entity: half is in common, or one only lacks what the other has."""
    first, second = (_without_time_names(names) for names in (one, other))
    common = len(first & second)
    only_lacks = common >= LEAST_TO_LACK and common == min(len(first), len(second))
    return only_lacks or common >= LEAST_IN_COMMON * max(len(first | second), 1)


def _without_time_names(names: Iterable[str]) -> set[str]:
    """The attributes, where a time counts as the same by whichever usual name."""
    return {"ts" if name.lower() in TIME_NAMES else name for name in names}


def _alike(tables: Iterable[VertexTable]) -> list[list[str]]:
    by_word: dict[str, list[VertexTable]] = defaultdict(list)
    for table in tables:
        by_word[first_word(table.name)].append(table)
    return [group for alike in by_word.values() for group in _with_like_attributes(alike)]


def _with_like_attributes(tables: list[VertexTable]) -> list[list[str]]:
    """Groups of collections that share attributes; an empty collection goes by its name alone."""
    bare = sorted(table.name for table in tables if not table.attributes)
    groups = _linked([table for table in tables if table.attributes])
    if not groups:
        return [bare]
    for name in bare:
        nearest = _nearest(name, groups) if len(groups) > 1 else groups[0]
        if nearest is None:
            groups.append([name])
        else:
            nearest.append(name)
    return [sorted(group) for group in groups]


def _linked(tables: Iterable[VertexTable]) -> list[list[str]]:
    """Groups of collections of which each is like another one of its group."""
    known = {table.name: table.attributes for table in tables}
    pairs = [(a, b) for a, b in combinations(sorted(known), 2) if are_alike(known[a], known[b])]
    return _joined(sorted(known), pairs)


def _united(groups: list[list[str]], together: list[VertexTable]) -> list[list[str]]:
    """The groups, those of the collections in `together` as one unless their attributes differ."""
    names = {table.name for table in together}
    meant = [group for group in groups if names & {*group}]
    if len(meant) < 2 or len(_linked([table for table in together if table.attributes])) != 1:
        return groups
    return [group for group in groups if group not in meant] + [sorted(name for group in meant for name in group)]


def _nearest(name: str, groups: list[list[str]]) -> list[str] | None:
    """The only group whose names share most words with `name`."""
    words = {without_number(word) for word in split_words(name)}
    shares = [
        max(len(words & {without_number(w) for w in split_words(member)}) for member in group) for group in groups
    ]
    return groups[shares.index(max(shares))] if shares.count(max(shares)) == 1 else None


def _partners(groups: list[list[str]], graph: Graph) -> list[list[str]]:
    """Join types of different graphs that have exactly the same attributes, where there is no doubt who is meant."""
    graphs_of = {
        name: {place for place, known in enumerate(graph.definitions) if name in known.vertex_collections}
        for name in graph.vertices
    }
    by_attributes: dict[frozenset[str], list[list[str]]] = defaultdict(list)
    for group in groups:
        sets = {frozenset(graph.vertices[name].attributes) for name in group}
        by_attributes[sets.pop() if len(sets) == 1 else frozenset()].append(group)
    found = by_attributes.pop(frozenset(), [])
    for same in by_attributes.values():
        homes = [set().union(*(graphs_of[name] for name in group)) for group in same]
        in_doubt = any(one & other for one, other in combinations(homes, 2))
        found += same if in_doubt else [sorted(name for group in same for name in group)]
    return found


def _joined(names: list[str], pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The names in groups, those of a pair in one."""
    group_of = {name: [name] for name in names}
    for one, other in pairs:
        first, second = group_of[one], group_of[other]
        if first is not second:
            first += second
            group_of |= dict.fromkeys(second, first)
    return list({id(group): group for group in group_of.values()}.values())
