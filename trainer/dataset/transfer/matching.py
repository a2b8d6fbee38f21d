"""Another graph's collections as the types and relations of a schema: another day, another symbol."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from trainer.dataset.grouping.collection_names import (
    first_word,
    name_without,
    split_words,
    telling_words,
    without_number,
)
from trainer.dataset.grouping.layout import Layout
from trainer.dataset.grouping.relations import Ends, is_one_per_graph
from trainer.dataset.grouping.type_table import merge_tables
from trainer.dataset.grouping.vertex_types import are_alike
from trainer.dataset.schema import RelationSchema, Schema, TypeSchema
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import EdgeTable, Graph, VertexTable


@dataclass(frozen=True)
class Match:
    """A graph seen through a schema.

    Attributes:
        layout: types that have collections and relations that have edges.
        relations: the relations that the graph's definition has, be they without edges.
        unknown: collections with documents that the schema has no place for.
    """

    layout: Layout
    relations: set[EdgeType]
    unknown: list[str]


def match(graph: Graph, schema: Schema) -> Match:
    """Find the place of each collection in the schema, by the rules that found the types and relations."""
    members = _types(graph, schema)
    type_of = {name: kind for kind, names in members.items() for name in names}
    relation_of = _relations(graph, schema, members, type_of)
    tables: dict[EdgeType, list[EdgeTable]] = defaultdict(list)
    unknown = {name for name, table in graph.vertices.items() if name not in type_of and len(table)}
    unknown -= {*schema.left_out}
    for table in graph.edges:
        ends = type_of.get(table.source), type_of.get(table.target)
        kind = relation_of.get((ends[0], table.name, ends[1])) if ends[0] and ends[1] else None
        if kind is not None:
            tables[kind].append(table)
        elif None not in ends and len(table):
            unknown.add(table.name)
    for parts in tables.values():
        parts.sort(key=lambda table: (table.name, table.source, table.target))
    merged = {
        kind: merge_tables(kind, [graph.vertices[name] for name in sorted(names)]) for kind, names in members.items()
    }
    return Match(Layout(merged, dict(tables)), set(relation_of.values()), sorted(unknown))


def _types(graph: Graph, schema: Schema) -> dict[str, list[str]]:
    """The collections of each type, in order of type."""
    names = sorted(graph.vertices)
    if len(schema.types) == 1 and not schema.left_out and _have_one_each(graph):
        return {schema.types[0].name: names}
    found: dict[str, list[str]] = defaultdict(list)
    rest = []
    for name in names:
        if name in schema.left_out:
            continue
        kind = _type_of(graph.vertices[name], schema.types)
        if kind is None:
            rest.append(name)
        else:
            found[kind].append(name)
    for name in rest:
        other = _type_by_attributes(graph.vertices[name], schema.types)
        if other is not None:
            found[other].append(name)
    return {kind.name: found[kind.name] for kind in schema.types if found[kind.name]}


def _have_one_each(graph: Graph) -> bool:
    return all(len(known.vertex_collections) == 1 for known in graph.definitions)


def _type_of(table: VertexTable, types: Sequence[TypeSchema]) -> str | None:
    """The type of a collection by its own name, else by the first word of its name and its attributes."""
    for kind in types:
        if table.name in kind.collections:
            return kind.name
    alike = [
        kind
        for kind in types
        if first_word(table.name) in map(first_word, kind.collections)
        and (not table.attributes or any(are_alike(table.attributes, known) for known in kind.attribute_sets))
    ]
    ranked = sorted(((_words_in_common(table.name, kind.collections), kind.name) for kind in alike), reverse=True)
    is_clear = len(ranked) == 1 or (len(ranked) > 1 and ranked[0][0] > ranked[1][0])
    return ranked[0][1] if is_clear else None


def _type_by_attributes(table: VertexTable, types: Sequence[TypeSchema]) -> str | None:
    """The only type with the same attributes, else the only one with like attributes and a word of the name."""
    if not table.attributes:
        return None
    same = [kind.name for kind in types if table.attributes in kind.attribute_sets]
    if len(same) != 1:
        same = [
            kind.name
            for kind in types
            if _words_in_common(table.name, kind.collections)
            and any(are_alike(table.attributes, known) for known in kind.attribute_sets)
        ]
    return same[0] if len(same) == 1 else None


def _words_in_common(name: str, others: Iterable[str]) -> int:
    words = {without_number(word) for word in split_words(name)}
    return max(len(words & {without_number(word) for word in split_words(other)}) for other in others)


def _relations(
    graph: Graph, schema: Schema, members: Mapping[str, Sequence[str]], type_of: Mapping[str, str]
) -> dict[tuple[str | None, str, str | None], EdgeType]:
    """The relation of each edge collection between each pair of types."""
    between: dict[Ends, set[str]] = defaultdict(set)
    defined = ((s, edge.collection, t) for edge in graph.definition.edges for s in edge.sources for t in edge.targets)
    stored = ((table.source, table.name, table.target) for table in graph.edges if len(table))
    for source, name, target in chain(defined, stored):  # edges may lie outside the graph's definition
        if source in type_of and target in type_of:
            between[type_of[source], type_of[target]].add(name)
    collections = {kind.name: [*kind.collections, *members.get(kind.name, [])] for kind in schema.types}
    found: dict[tuple[str | None, str, str | None], EdgeType] = {}
    for (source_type, target_type), names in between.items():
        known = [kind for kind in schema.stored if (kind.edge_type[0], kind.edge_type[2]) == (source_type, target_type)]
        telling = telling_words(collections[source_type]) | telling_words(collections[target_type])
        is_clear = len(known) == 1 and (len(names) == 1 or is_one_per_graph(graph, names))
        for name in names:
            kind = _relation_of(name, known, telling) or (known[0].edge_type if is_clear else None)
            if kind is not None:
                found[source_type, name, target_type] = kind
    return found


def _relation_of(name: str, known: Sequence[RelationSchema], telling: Collection[str]) -> EdgeType | None:
    """The relation that a collection's name says, by itself or without the words that tell its ends apart."""
    for kind in known:
        if name in kind.collections:
            return kind.edge_type
    for numbers in (True, False):
        bare = name_without(name, telling, numbers)
        alike = [
            kind.edge_type
            for kind in known
            if any(name_without(other, telling, numbers) == bare for other in kind.collections)
        ]
        if len(alike) == 1:
            return alike[0]
    return None
