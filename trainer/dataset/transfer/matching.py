"""Another graph's collections as the types and relations of a schema: another day, another symbol."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from trainer.dataset.grouping.collection_names import (
    distinguishing_words,
    first_word,
    remaining_words,
    split_words,
    without_number,
)
from trainer.dataset.grouping.judgement import Expected
from trainer.dataset.grouping.layout import Layout
from trainer.dataset.grouping.relations import Ends, is_one_per_graph
from trainer.dataset.grouping.similarity import are_similar
from trainer.dataset.grouping.type_table import merge_tables
from trainer.dataset.schema import RelationSchema, Schema, TypeSchema
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import EdgeTable, Graph, VertexTable


@dataclass(frozen=True)
class Match:
    """The collections of a graph, assigned to the types and relations of a schema.

    Attributes:
        layout: types that have collections and relations that have edges.
        relations: the relations that the graph's definition has, be they without edges.
        unknown: collections with documents that match nothing in the schema.
    """

    layout: Layout
    relations: set[EdgeType]
    unknown: list[str]


def match_schema(graph: Graph, schema: Schema) -> Match:
    """Assign each collection to a type or relation of the schema, by the rules that made these."""
    members = _types(graph, schema)
    type_of = {name: vertex_type for vertex_type, names in members.items() for name in names}
    relation_of = _relations(graph, schema, members, type_of)
    relations: dict[EdgeType, list[EdgeTable]] = defaultdict(list)
    unknown = {name for name, table in graph.vertices.items() if name not in type_of and len(table)}
    unknown -= {*schema.left_out}
    for table in graph.edges:
        source, target = type_of.get(table.source), type_of.get(table.target)
        if source is None or target is None:
            continue
        edge_type = relation_of.get((source, table.name, target))
        if edge_type is not None:
            relations[edge_type].append(table)
        elif len(table):
            unknown.add(table.name)
    for tables in relations.values():
        tables.sort(key=lambda table: (table.name, table.source, table.target))
    expected = {
        each.name: {feature.name: Expected(feature.kind, feature.categories) for feature in each.features}
        for each in schema.types
    }
    merged = {
        name: merge_tables(name, [graph.vertices[each] for each in sorted(names)], expected[name])
        for name, names in members.items()
    }
    return Match(Layout(merged, dict(relations)), set(relation_of.values()), sorted(unknown))


def _types(graph: Graph, schema: Schema) -> dict[str, list[str]]:
    """The collections of each type, in order of type."""
    names = sorted(graph.vertices)
    has_one_each = all(len(each.vertex_collections) == 1 for each in graph.definitions)
    if len(schema.types) == 1 and not schema.left_out and has_one_each:
        return {schema.types[0].name: names}
    members: dict[str, list[str]] = defaultdict(list)
    unnamed = []
    for name in names:
        if name in schema.left_out:
            continue
        vertex_type = _type_by_name(graph.vertices[name], schema.types)
        if vertex_type is None:
            unnamed.append(name)
        else:
            members[vertex_type].append(name)
    for name in unnamed:
        vertex_type = _type_by_attributes(graph.vertices[name], schema.types)
        if vertex_type is not None:
            members[vertex_type].append(name)
    return {each.name: members[each.name] for each in schema.types if members[each.name]}


def _type_by_name(table: VertexTable, types: Sequence[TypeSchema]) -> str | None:
    """The type of a collection by its own name, else by the first word of its name and its attributes."""
    for each in types:
        if table.name in each.collections:
            return each.name
    candidates = [
        each
        for each in types
        if first_word(table.name) in map(first_word, each.collections)
        and (not table.attributes or _has_similar_attributes(table, each))
    ]
    ranked = sorted(((_words_in_common(table.name, each.collections), each.name) for each in candidates), reverse=True)
    is_clear = len(ranked) == 1 or (len(ranked) > 1 and ranked[0][0] > ranked[1][0])
    return ranked[0][1] if is_clear else None


def _type_by_attributes(table: VertexTable, types: Sequence[TypeSchema]) -> str | None:
    """The only type with the same attributes, else the only one with similar attributes and a word of the name."""
    if not table.attributes:
        return None
    candidates = [each.name for each in types if table.attributes in each.attribute_sets]
    if len(candidates) != 1:
        candidates = [
            each.name
            for each in types
            if _words_in_common(table.name, each.collections) and _has_similar_attributes(table, each)
        ]
    return candidates[0] if len(candidates) == 1 else None


def _has_similar_attributes(table: VertexTable, vertex_type: TypeSchema) -> bool:
    return any(are_similar(table.attributes, names) for names in vertex_type.attribute_sets)


def _words_in_common(name: str, others: Iterable[str]) -> int:
    words = {without_number(word) for word in split_words(name)}
    return max(len(words & {without_number(word) for word in split_words(other)}) for other in others)


def _relations(
    graph: Graph, schema: Schema, members: Mapping[str, Sequence[str]], type_of: Mapping[str, str]
) -> dict[tuple[str, str, str], EdgeType]:
    """The relation of each edge collection between each pair of types."""
    between: dict[Ends, set[str]] = defaultdict(set)
    defined = ((s, edge.collection, t) for edge in graph.definition.edges for s in edge.sources for t in edge.targets)
    stored = ((table.source, table.name, table.target) for table in graph.edges if len(table))
    for source, name, target in chain(defined, stored):  # edges may lie outside the graph's definition
        if source in type_of and target in type_of:
            between[type_of[source], type_of[target]].add(name)
    collections = {each.name: [*each.collections, *members.get(each.name, [])] for each in schema.types}
    relation_of: dict[tuple[str, str, str], EdgeType] = {}
    for (source_type, target_type), names in between.items():
        known = [each for each in schema.stored if (each.edge_type[0], each.edge_type[2]) == (source_type, target_type)]
        words = distinguishing_words(collections[source_type]) | distinguishing_words(collections[target_type])
        is_clear = len(known) == 1 and (len(names) == 1 or is_one_per_graph(graph, names))
        for name in names:
            edge_type = _relation_by_name(name, known, words) or (known[0].edge_type if is_clear else None)
            if edge_type is not None:
                relation_of[source_type, name, target_type] = edge_type
    return relation_of


def _relation_by_name(name: str, known: Sequence[RelationSchema], words: Collection[str]) -> EdgeType | None:
    """The relation of a collection by its own name, else by its name without the words that tell its ends apart."""
    for relation in known:
        if name in relation.collections:
            return relation.edge_type
    for keep_numbers in (True, False):
        remaining = remaining_words(name, words, keep_numbers)
        candidates = [
            relation.edge_type
            for relation in known
            if any(remaining_words(other, words, keep_numbers) == remaining for other in relation.collections)
        ]
        if len(candidates) == 1:
            return candidates[0]
    return None
