"""A graph as vertex types and relations, before anything is chosen or learned."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.grouping.relations import find_relations
from trainer.dataset.grouping.type_table import JudgedTable, TypeTable, merge_tables
from trainer.dataset.grouping.vertex_types import find_types
from trainer.dataset.warned import Warned
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import EdgeTable, Graph, join_names


@dataclass(frozen=True)
class Layout:
    """The vertices of each type and the stored edges of each relation, both in order of name.

    Attributes:
        tables: by type.
        relations: by edge type.
        reasons: by type, why its collections are one type and others are not of it; blank where there was no choice.
    """

    tables: dict[str, TypeTable]
    relations: dict[EdgeType, list[EdgeTable]]
    reasons: Mapping[str, str] = field(default_factory=dict)

    def vertex_tables(self) -> dict[str, JudgedTable]:
        """The attributes of each type."""
        return {name: merged.table for name, merged in self.tables.items()}

    def connected_to(self, target_type: str) -> Layout:
        """The types that relations connect to the target type, and these relations."""
        reached, size = {target_type}, 0
        while len(reached) > size:
            size = len(reached)
            for source, _, target in self.relations:
                if source in reached or target in reached:
                    reached |= {source, target}
        relations = {edge_type: tables for edge_type, tables in self.relations.items() if edge_type[0] in reached}
        return replace(
            self, tables={name: self.tables[name] for name in self.tables if name in reached}, relations=relations
        )


def lay_out(graph: Graph, target_collection: Sequence[str] = ()) -> Warned[Layout]:
    """The types and relations of a graph; collections that TARGET_COLLECTION names are one type if they can be."""
    groups, warnings = find_types(graph, matching_collections(target_collection, graph.vertices))
    types = {name: group.collections for name, group in groups.items()}
    tables = {name: merge_tables(name, [graph.vertices[member] for member in names]) for name, names in types.items()}
    reasons = {name: group.reason for name, group in groups.items()}
    return Warned(Layout(tables, find_relations(graph, types), reasons), warnings)


def matching_collections(patterns: Sequence[str], names: Collection[str]) -> set[str]:
    """The collections that one of these names or patterns matches."""
    return {name for pattern in patterns for name in names if fnmatchcase(name, pattern)}


def with_one_relation(layout: Layout, graph: Graph) -> Layout:
    """The layout; a lone type without edges gets one empty relation, because a model needs one."""
    if layout.relations or len(layout.tables) > 1:
        return layout
    (only,) = layout.tables.values()
    inside = [
        edge.collection for edge in graph.definition.edges if {*edge.sources, *edge.targets} <= set(only.collections)
    ]
    return replace(layout, relations={(only.name, min(inside, default="edges"), only.name): []})


def left_out(layout: Layout, whole: Layout) -> Warned[list[str]]:
    """The collections of `whole` that nothing connects to the target; with a warning where they have vertices."""
    types = [merged for name, merged in whole.tables.items() if name not in layout.tables]
    names = [name for merged in types if len(merged) for name in merged.collections]
    warning = f"{join_names(names)}: no edges lead from there to the target, they are left out."
    return Warned(sorted(name for merged in types for name in merged.collections), (warning,) if names else ())


def graph_of_rows(graph: Graph, merged: TypeTable) -> NDArray[np.int32] | None:
    """The index of the (first) graph that each vertex belongs to, int32 of shape [vertices]; None for a single graph."""
    if len(graph.definitions) == 1:
        return None
    graphs_of = graphs_of_collections(graph, merged)
    return np.array([graphs_of[name][0] for name in merged.collections], dtype=np.int32)[merged.collection]


def graphs_of_collections(graph: Graph, merged: TypeTable) -> Mapping[str, list[int]]:
    """The indices of the graphs that each collection of a type belongs to."""
    return {
        name: [index for index, each in enumerate(graph.definitions) if name in each.vertex_collections]
        for name in merged.collections
    }
