"""Which vertex collections hold the same entity, such as the candles of each symbol, and are one type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import combinations

from trainer.dataset.grouping.collection_names import unique_names
from trainer.dataset.grouping.same_word import TypeGroup, group_by_first_word
from trainer.dataset.grouping.similarity import are_similar
from trainer.dataset.warned import Warned
from trainer.graph.graph import Graph, VertexTable


def find_types(graph: Graph, same_entity: Collection[str] = ()) -> Warned[dict[str, TypeGroup]]:
    """The vertex types of a graph by name, in order of name; with warnings where little speaks for them.

    Args:
        graph: one or several.
        same_entity: collections that the user names as one entity; followed where their attributes are similar.
    """
    warnings: tuple[str, ...] = ()
    if len(graph.definitions) > 1 and all(len(each.vertex_collections) == 1 for each in graph.definitions):
        groups = [TypeGroup(sorted(graph.vertices), "each is the only vertex collection of its graph")]
    else:
        groups, warnings = group_by_first_word(graph)
        if len(graph.definitions) > 1:
            groups = _joined_across_graphs(groups, graph)
    groups = _joined_by_user(groups, [graph.vertices[name] for name in sorted(same_entity)])
    groups.sort(key=lambda group: group.collections)
    names = unique_names([group.collections for group in groups], "vertices")
    return Warned(dict(sorted(zip(names, groups, strict=True))), warnings)


def _joined_by_user(groups: list[TypeGroup], same_entity: Sequence[VertexTable]) -> list[TypeGroup]:
    """The groups, those of the collections in `same_entity` as one unless their attributes differ."""
    names = {table.name for table in same_entity}
    named = [group for group in groups if names & {*group.collections}]
    if len(named) < 2 or not _are_linked([table.attributes for table in same_entity if table.attributes]):
        return groups
    return [*(group for group in groups if group not in named), _union(named, "TARGET_COLLECTION names them together")]


def _are_linked(attributes: Sequence[Collection[str]]) -> bool:
    """Whether each of these sets is similar to another one, and all are connected so."""
    reached, size = {0}, 0
    while len(reached) > size:
        size = len(reached)
        reached |= {
            index
            for index, names in enumerate(attributes)
            if any(are_similar(names, attributes[other]) for other in reached)
        }
    return len(reached) == len(attributes)


def _joined_across_graphs(groups: list[TypeGroup], graph: Graph) -> list[TypeGroup]:
    """Join types of different graphs that have exactly the same attributes, unless two of them are in one graph."""
    graphs_of = {
        name: {index for index, each in enumerate(graph.definitions) if name in each.vertex_collections}
        for name in graph.vertices
    }
    by_attributes: dict[frozenset[str], list[TypeGroup]] = defaultdict(list)
    for group in groups:
        sets = {frozenset(graph.vertices[name].attributes) for name in group.collections}
        by_attributes[sets.pop() if len(sets) == 1 else frozenset()].append(group)
    joined = by_attributes.pop(frozenset(), [])
    for same in by_attributes.values():
        graphs = [set().union(*(graphs_of[name] for name in group.collections)) for group in same]
        is_ambiguous = len(same) == 1 or any(one & other for one, other in combinations(graphs, 2))
        joined += same if is_ambiguous else [_union(same, "the same attributes in different graphs")]
    return joined


def _union(groups: Sequence[TypeGroup], reason: str) -> TypeGroup:
    return TypeGroup(sorted(name for group in groups for name in group.collections), reason)
