"""Which vertex collections hold the same entity, such as the candles of each symbol, and are one type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import combinations

from trainer.dataset.attribute_names import is_likely_time
from trainer.dataset.grouping.collection_names import first_word, split_words, unique_names, without_number
from trainer.graph.graph import Graph, VertexTable

MIN_SHARED = 0.5
"""Share of their attributes that two collections of one entity have in common."""
MIN_SUBSET = 3
"""A collection with at least so many attributes, all of which another one has, lacks some and is no other entity."""


def find_types(graph: Graph, same_entity: Collection[str] = ()) -> dict[str, list[str]]:
    """The vertex types of a graph: sorted collections by the name of the type, in order of name.

    Args:
        graph: one or several.
        same_entity: collections that the user names as one entity; followed where their attributes are similar.
    """
    if len(graph.definitions) > 1 and all(len(each.vertex_collections) == 1 for each in graph.definitions):
        groups = [sorted(graph.vertices)]
    else:
        groups = _similar(graph.vertices.values())
        if len(graph.definitions) > 1:
            groups = _joined_across_graphs(groups, graph)
    groups = _joined_by_user(groups, [graph.vertices[name] for name in sorted(same_entity)])
    groups.sort()
    return dict(sorted(zip(unique_names(groups, "vertices"), groups, strict=True)))


def are_similar(one: Collection[str], other: Collection[str]) -> bool:
    """Whether two sets of attributes may be of one entity: half is in common, or one is a subset of the other."""
    first, second = (_without_time_names(names) for names in (one, other))
    common = len(first & second)
    is_subset = common >= MIN_SUBSET and common == min(len(first), len(second))
    return is_subset or common >= MIN_SHARED * max(len(first | second), 1)


def _without_time_names(names: Iterable[str]) -> set[str]:
    """The attributes, where a time counts as the same by whichever usual name."""
    return {"ts" if is_likely_time(name) else name for name in names}


def _similar(tables: Iterable[VertexTable]) -> list[list[str]]:
    """Groups of collections with the same first word and similar attributes."""
    by_word: dict[str, list[VertexTable]] = defaultdict(list)
    for table in tables:
        by_word[first_word(table.name)].append(table)
    return [group for same_word in by_word.values() for group in _with_similar_attributes(same_word)]


def _with_similar_attributes(tables: list[VertexTable]) -> list[list[str]]:
    """Groups of collections that share attributes; an empty collection goes by its name alone."""
    empty = sorted(table.name for table in tables if not table.attributes)
    groups = _linked([table for table in tables if table.attributes])
    if not groups:
        return [empty]
    for name in empty:
        nearest = _nearest(name, groups) if len(groups) > 1 else groups[0]
        if nearest is None:
            groups.append([name])
        else:
            nearest.append(name)
    return [sorted(group) for group in groups]


def _linked(tables: Iterable[VertexTable]) -> list[list[str]]:
    """Groups of collections of which each is similar to another one of its group."""
    attributes = {table.name: table.attributes for table in tables}
    names = sorted(attributes)
    return _connected(names, [(a, b) for a, b in combinations(names, 2) if are_similar(attributes[a], attributes[b])])


def _joined_by_user(groups: list[list[str]], same_entity: list[VertexTable]) -> list[list[str]]:
    """The groups, those of the collections in `same_entity` as one unless their attributes differ."""
    names = {table.name for table in same_entity}
    named = [group for group in groups if names & {*group}]
    if len(named) < 2 or len(_linked([table for table in same_entity if table.attributes])) != 1:
        return groups
    return [group for group in groups if group not in named] + [sorted(name for group in named for name in group)]


def _nearest(name: str, groups: list[list[str]]) -> list[str] | None:
    """The only group whose names share most words with `name`."""
    words = {without_number(word) for word in split_words(name)}
    shares = [
        max(len(words & {without_number(w) for w in split_words(member)}) for member in group) for group in groups
    ]
    return groups[shares.index(max(shares))] if shares.count(max(shares)) == 1 else None


def _joined_across_graphs(groups: list[list[str]], graph: Graph) -> list[list[str]]:
    """Join types of different graphs that have exactly the same attributes, unless two of them are in one graph."""
    graphs_of = {
        name: {index for index, each in enumerate(graph.definitions) if name in each.vertex_collections}
        for name in graph.vertices
    }
    by_attributes: dict[frozenset[str], list[list[str]]] = defaultdict(list)
    for group in groups:
        sets = {frozenset(graph.vertices[name].attributes) for name in group}
        by_attributes[sets.pop() if len(sets) == 1 else frozenset()].append(group)
    joined = by_attributes.pop(frozenset(), [])
    for same in by_attributes.values():
        graphs = [set().union(*(graphs_of[name] for name in group)) for group in same]
        is_ambiguous = any(one & other for one, other in combinations(graphs, 2))
        joined += same if is_ambiguous else [sorted(name for group in same for name in group)]
    return joined


def _connected(names: list[str], pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The connected components of the names; `pairs` are the edges."""
    group_of = {name: [name] for name in names}
    for one, other in pairs:
        first, second = group_of[one], group_of[other]
        if first is not second:
            first += second
            group_of |= dict.fromkeys(second, first)
    return list({id(group): group for group in group_of.values()}.values())
