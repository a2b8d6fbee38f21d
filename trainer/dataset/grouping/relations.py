"""Which edge collections mean the same between two vertex types, and are one relation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from trainer.dataset.grouping.collection_names import distinguishing_words, remaining_words, unique_names
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import EdgeTable, Graph

Ends = tuple[str, str]
"""Source type and target type."""


def find_relations(graph: Graph, types: Mapping[str, Sequence[str]]) -> dict[EdgeType, list[EdgeTable]]:
    """The relations that have edges, in order of name, with their tables."""
    type_of = {name: vertex_type for vertex_type, names in types.items() for name in names}
    between: dict[Ends, dict[str, list[EdgeTable]]] = defaultdict(lambda: defaultdict(list))
    for table in graph.edges:
        if len(table):
            between[type_of[table.source], type_of[table.target]][table.name].append(table)
    relations: dict[EdgeType, list[EdgeTable]] = {}
    for (source, target), by_name in between.items():
        words = distinguishing_words(types[source]) | distinguishing_words(types[target])
        groups = [sorted(by_name)] if is_one_per_graph(graph, by_name) else _same_meaning(by_name, words)
        for name, group in zip(unique_names(groups, "edges"), groups, strict=True):
            tables = (table for member in group for table in by_name[member])
            relations[source, name, target] = sorted(tables, key=lambda table: (table.name, table.source, table.target))
    return dict(sorted(relations.items()))


def is_one_per_graph(graph: Graph, names: Collection[str]) -> bool:
    """Whether several graphs have one of these edge collections each, at most."""
    counts = [sum(edge.collection in names for edge in definition.edges) for definition in graph.definitions]
    return len(counts) > 1 and max(counts) <= 1


def _same_meaning(by_name: Mapping[str, Sequence[EdgeTable]], words: Collection[str]) -> list[list[str]]:
    """Groups of names that are equal without `words`; two between the same pair of collections are two relations."""
    groups = []
    for group in _by_remaining_words(sorted(by_name), words, keep_numbers=False):
        if _have_different_ends(group, by_name):
            groups.append(group)
            continue
        for smaller in _by_remaining_words(group, words, keep_numbers=True):
            groups += [smaller] if _have_different_ends(smaller, by_name) else [[name] for name in smaller]
    return sorted(groups)


def _by_remaining_words(names: Sequence[str], words: Collection[str], keep_numbers: bool) -> list[list[str]]:
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names:
        groups[remaining_words(name, words, keep_numbers)].append(name)
    return list(groups.values())


def _have_different_ends(names: Sequence[str], by_name: Mapping[str, Sequence[EdgeTable]]) -> bool:
    ends = [(table.source, table.target) for name in names for table in by_name[name]]
    return len(ends) == len(set(ends))
