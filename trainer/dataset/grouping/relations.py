"""Which edge collections do the same between two vertex types, and are one relation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from trainer.dataset.grouping.collection_names import name_without, telling_words, unique_names
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import EdgeTable, Graph

Ends = tuple[str, str]
"""Source type and target type."""


def find_relations(graph: Graph, types: Mapping[str, Sequence[str]]) -> dict[EdgeType, list[EdgeTable]]:
    """The relations that have edges, in order of name, with the tables that hold these."""
    type_of = {name: kind for kind, names in types.items() for name in names}
    between: dict[Ends, dict[str, list[EdgeTable]]] = defaultdict(lambda: defaultdict(list))
    for table in graph.edges:
        if len(table):
            between[type_of[table.source], type_of[table.target]][table.name].append(table)
    found: dict[EdgeType, list[EdgeTable]] = {}
    for (source, target), by_name in between.items():
        telling = telling_words(types[source]) | telling_words(types[target])
        groups = [sorted(by_name)] if is_one_per_graph(graph, by_name) else _that_do_the_same(by_name, telling)
        for name, group in zip(unique_names(groups, "edges"), groups, strict=True):
            tables = (table for member in group for table in by_name[member])
            found[source, name, target] = sorted(tables, key=lambda table: (table.name, table.source, table.target))
    return dict(sorted(found.items()))


def is_one_per_graph(graph: Graph, names: Collection[str]) -> bool:
    """Whether several graphs have one of these edge collections each, at most."""
    counts = [sum(edge.collection in names for edge in definition.edges) for definition in graph.definitions]
    return len(counts) > 1 and max(counts) <= 1


def _that_do_the_same(by_name: Mapping[str, Sequence[EdgeTable]], telling: Collection[str]) -> list[list[str]]:
    """Groups of equal names; two that run between the same pair of collections are two relations."""
    found = []
    for alike in _by_bare_name(sorted(by_name), telling, numbers=False):
        if _are_apart(alike, by_name):
            found.append(alike)
            continue
        for closer in _by_bare_name(alike, telling, numbers=True):
            found += [closer] if _are_apart(closer, by_name) else [[name] for name in closer]
    return sorted(found)


def _by_bare_name(names: Sequence[str], telling: Collection[str], numbers: bool) -> list[list[str]]:
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names:
        groups[name_without(name, telling, numbers)].append(name)
    return list(groups.values())


def _are_apart(names: Sequence[str], by_name: Mapping[str, Sequence[EdgeTable]]) -> bool:
    ends = [(table.source, table.target) for name in names for table in by_name[name]]
    return len(ends) == len(set(ends))
