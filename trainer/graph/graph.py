"""A property graph in memory: columns per vertex collection, index pairs per edge collection.

Rows and edges have a canonical order (by `_key`; by target, then source), so that the order in
which a source happened to deliver them changes nothing that follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trainer.graph.stored_column import StoredColumn


@dataclass(frozen=True)
class EdgeDefinition:
    """An edge collection of a named graph and the vertex collections that it runs between."""

    collection: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]


@dataclass(frozen=True)
class GraphDefinition:
    """A named graph as ArangoDB defines it."""

    name: str
    edges: tuple[EdgeDefinition, ...]
    orphans: tuple[str, ...] = ()

    @property
    def vertex_collections(self) -> list[str]:
        """All vertex collections, orphans too, sorted by name."""
        return sorted({*self.orphans}.union(*({*edge.sources, *edge.targets} for edge in self.edges)))

    @staticmethod
    def union(definitions: Sequence[GraphDefinition]) -> GraphDefinition:
        """Several graphs as one: `a,b,c`; an edge collection of several runs between the ends of all."""
        edges: dict[str, EdgeDefinition] = {}
        for edge in (edge for definition in definitions for edge in definition.edges):
            before = edges.get(edge.collection, EdgeDefinition(edge.collection, (), ()))
            sources = tuple(dict.fromkeys((*before.sources, *edge.sources)))
            targets = tuple(dict.fromkeys((*before.targets, *edge.targets)))
            edges[edge.collection] = EdgeDefinition(edge.collection, sources, targets)
        orphans = dict.fromkeys(orphan for definition in definitions for orphan in definition.orphans)
        name = ",".join(definition.name for definition in definitions)
        return GraphDefinition(name, tuple(edges.values()), tuple(orphans))


HOLDS_OBJECTS = "holds JSON objects"
HOLDS_TEXTS = "holds texts"
HAS_NO_VALUE = "has no value in any document"
"""What an attribute holds that is no column of its own; that of texts or nothing nobody would take for numbers."""


@dataclass(frozen=True)
class VertexTable:
    """The vertices of one collection.

    Attributes:
        name: the collection.
        keys: UTF-8 bytes of shape [vertices], sorted.
        columns: the attributes that the filter accepts, by name, in order of name; a nested one under its path, `ind.rsi`.
        attributes: the names of all attributes that the documents have, accepted or not.
        unread: attributes that were not read because they hold no numbers in any collection, and what they hold.
        nested: paths into objects that the documents have, as far as they were seen.
    """

    name: str
    keys: NDArray[np.bytes_]
    columns: dict[str, StoredColumn]
    attributes: list[str]
    unread: Mapping[str, str] = field(default_factory=dict)
    nested: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        """Number of vertices."""
        return len(self.keys)


@dataclass(frozen=True)
class EdgeTable:
    """The edges of one collection between one pair of vertex collections.

    Attributes:
        name: the collection.
        source: the vertex collection that they come from.
        target: the vertex collection that they lead to.
        index: rows of the source table and of the target table, shape [2, edges].
        weight: shape [edges], NaN where a document has none; None where none of the collection has one.
    """

    name: str
    source: str
    target: str
    index: NDArray[np.int64]
    weight: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        """Number of edges."""
        return int(self.index.shape[1])

    @property
    def self_loops(self) -> int:
        """Number of edges from a vertex to itself."""
        return int((self.index[0] == self.index[1]).sum()) if self.source == self.target else 0

    @property
    def duplicates(self) -> int:
        """Number of edges that repeat the ends of another one."""
        return int((self.index[:, 1:] == self.index[:, :-1]).all(axis=0).sum())


@dataclass(frozen=True)
class Graph:
    """A loaded graph.

    Attributes:
        definitions: the named graphs that were read, in the order of GRAPH_NAME.
        vertices: one table per vertex collection, by name.
        edges: one table per edge collection and pair of vertex collections.
        dangling: per edge collection, the edges that were dropped because an end does not exist.
        warnings: about the data, for the log and the report.
    """

    definitions: tuple[GraphDefinition, ...]
    vertices: dict[str, VertexTable]
    edges: list[EdgeTable]
    dangling: dict[str, int]
    warnings: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The named graphs, in the order in which they were asked for."""
        return [definition.name for definition in self.definitions]

    @property
    def definition(self) -> GraphDefinition:
        """The graph that was read, or the union of several."""
        return self.definitions[0] if len(self.definitions) == 1 else GraphDefinition.union(self.definitions)

    def all_warnings(self) -> list[str]:
        """The warnings, and how many edges are dangling, in a new list."""
        dangling = [(name, count) for name, count in self.dangling.items() if count]
        return self.warnings + [f"{count} edges of {name} are dangling and were dropped." for name, count in dangling]

    @property
    def num_vertices(self) -> int:
        """Number of vertices of all collections."""
        return sum(len(table) for table in self.vertices.values())

    @property
    def num_edges(self) -> int:
        """Number of edges of all collections."""
        return sum(len(table) for table in self.edges)

    def isolated(self) -> int:
        """Number of vertices without any edge, self-loops not counted."""
        touched = {name: np.zeros(len(table), dtype=bool) for name, table in self.vertices.items()}
        for table in self.edges:
            source, target = table.index
            other = np.ones(len(table), dtype=bool) if table.source != table.target else source != target
            touched[table.source][source[other]] = True
            touched[table.target][target[other]] = True
        return sum(int((~flags).sum()) for flags in touched.values())


def join_names(names: Iterable[str], most: int = 12) -> str:
    """Names for a sentence: `a, b, c`, cut where the list grows long."""
    listed = sorted(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return (", ".join(listed[:most]) + more) or "none"
