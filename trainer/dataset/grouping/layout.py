"""A graph as vertex types and relations, before anything is chosen or learned."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.grouping.relations import find_relations
from trainer.dataset.grouping.type_table import TypeTable, merge_tables
from trainer.dataset.grouping.vertex_types import find_types
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import EdgeTable, Graph, VertexTable, join_names


@dataclass(frozen=True)
class Layout:
    """The vertices of each type and the stored edges of each relation, both in order of name."""

    tables: dict[str, TypeTable]
    relations: dict[EdgeType, list[EdgeTable]]

    def vertex_tables(self) -> dict[str, VertexTable]:
        """The attributes of each type."""
        return {name: merged.table for name, merged in self.tables.items()}

    def around(self, target_type: str) -> Layout:
        """The types that relations join to the target type, and these relations."""
        reached, size = {target_type}, 0
        while len(reached) > size:
            size = len(reached)
            for source, _, target in self.relations:
                if source in reached or target in reached:
                    reached |= {source, target}
        relations = {kind: tables for kind, tables in self.relations.items() if kind[0] in reached}
        return Layout({name: self.tables[name] for name in self.tables if name in reached}, relations)


def lay_out(graph: Graph, target_collection: Sequence[str] = ()) -> Layout:
    """The types and relations of a graph; collections that TARGET_COLLECTION names are one type if they can be."""
    types = find_types(graph, named_collections(target_collection, graph.vertices))
    tables = {name: merge_tables(name, [graph.vertices[member] for member in names]) for name, names in types.items()}
    return Layout(tables, find_relations(graph, types))


def named_collections(patterns: Sequence[str], among: Collection[str]) -> set[str]:
    """The collections that one of these names or patterns means."""
    return {name for pattern in patterns for name in among if fnmatchcase(name, pattern)}


def with_one_relation(layout: Layout, graph: Graph) -> Layout:
    """The layout of a lone type without any edge, with one empty relation: a model needs somewhere to look."""
    if layout.relations or len(layout.tables) > 1:
        return layout
    (only,) = layout.tables.values()
    inside = [
        edge.collection for edge in graph.definition.edges if {*edge.sources, *edge.targets} <= set(only.collections)
    ]
    return replace(layout, relations={(only.name, min(inside, default="edges"), only.name): []})


def warn_of_left_out(layout: Layout, whole: Layout, warnings: list[str]) -> list[str]:
    """The collections that the layout no longer has, said in a warning where they have vertices."""
    gone = [merged for name, merged in whole.tables.items() if name not in layout.tables]
    told = [name for merged in gone if len(merged) for name in merged.collections]
    if told:
        warnings.append(f"{join_names(told)}: no edges lead from there to the target, they are left out.")
    return sorted(name for merged in gone for name in merged.collections)


def graph_of_rows(graph: Graph, merged: TypeTable) -> NDArray[np.int32] | None:
    """The place of the (first) graph that each vertex belongs to, None for a single graph."""
    if len(graph.definitions) == 1:
        return None
    homes = homes_of(graph, merged)
    return np.array([homes[name][0] for name in merged.collections], dtype=np.int32)[merged.collection]


def homes_of(graph: Graph, merged: TypeTable) -> Mapping[str, list[int]]:
    """The places of the graphs that each collection of a type belongs to."""
    return {
        name: [place for place, known in enumerate(graph.definitions) if name in known.vertex_collections]
        for name in merged.collections
    }
