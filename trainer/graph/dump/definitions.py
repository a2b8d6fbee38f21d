"""The definitions of named graphs in an arangodump folder, or what stands for them in a dump without `_graphs`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trainer.errors import DataError, SettingsError
from trainer.graph.dump.documents import read_documents, text_attribute
from trainer.graph.dump.folder import DumpedCollection
from trainer.graph.graph import EdgeDefinition, GraphDefinition, join_names

Collections = Mapping[str, DumpedCollection]


def read_definitions(folder: Path, collections: Collections, names: Sequence[str]) -> tuple[GraphDefinition, ...]:
    """The graphs `names`, in this order; without `_graphs` each is an edge collection.

    Raises:
        DataError: there is no such graph, or the folder lacks a collection of it.
    """
    definitions = _definitions(folder, collections, names)
    for definition in definitions:
        needed = [*definition.vertex_collections, *(edge.collection for edge in definition.edges)]
        absent = [name for name in needed if name not in collections]
        if absent:
            raise DataError(
                f"The graph {definition.name!r} is made of collections that {folder} does not hold: {join_names(absent)}; dump them too."
            )
    return definitions


def find_only_graph(folder: Path, collections: Collections) -> str:
    """The name of the only graph of a folder; without `_graphs`, of its only edge collection.

    Of several definitions, as a dump of some collections of a database has them, those count whose collections are there.

    Raises:
        DataError: there is none.
        SettingsError: there are several.
    """
    documents = _documents(collections)
    whole = [name for name, document in documents.items() if _is_whole(document, collections)]
    names = whole or [*documents] or _names(collections, is_edge=True)
    if len(names) == 1:
        return names[0]
    if names:
        raise SettingsError(
            f"GRAPH_NAME is not set, and {folder} holds several graphs; name one, or several by comma: {join_names(names)}."
        )
    raise DataError(f"{folder} holds neither a named graph nor an edge collection; there is nothing to learn from.")


def _is_whole(document: dict[str, Any], collections: Collections) -> bool:
    """Whether all collections of a definition are there; one that is broken is refused when it is chosen."""
    try:
        definition = _parse_definition("", document, Path())
    except DataError:
        return False
    return all(edge.collection in collections for edge in definition.edges) and all(
        name in collections for name in definition.vertex_collections
    )


def _documents(collections: Collections) -> dict[str, dict[str, Any]]:
    """The definitions of the folder as they are stored, by name."""
    batches = read_documents(collections["_graphs"].files) if "_graphs" in collections else iter(())
    return {
        key: document
        for batch in batches
        for key, document in zip(text_attribute(batch, "_key"), batch.documents, strict=True)
    }


def _definitions(folder: Path, collections: Collections, names: Sequence[str]) -> tuple[GraphDefinition, ...]:
    documents = _documents(collections)
    if documents:
        absent = [name for name in names if name not in documents]
        if absent:
            raise DataError(
                f"There is no graph {absent[0]!r} in {folder}; GRAPH_NAME should be one of: {join_names(documents)}."
            )
        return tuple(_parse_definition(name, documents[name], folder) for name in names)
    edges = _names(collections, is_edge=True)
    if len(names) == 1 and len(edges) == 1:
        return (_from_edges(names[0], collections[edges[0]], folder, collections),)
    for name in names:
        if name not in edges:
            raise DataError(
                f"{folder} holds no named graphs (dump with --include-system-collections true), so GRAPH_NAME={name!r} "
                f"should be one of its edge collections: {join_names(edges)}."
            )
    return tuple(_from_edges(name, collections[name], folder, collections) for name in names)


def _from_edges(name: str, edge: DumpedCollection, folder: Path, collections: Collections) -> GraphDefinition:
    """The graph of one edge collection: the vertex collections are those that its edges name."""
    vertices = set(_names(collections, is_edge=False))
    ends = [vertices if len(vertices) == 1 else vertices & _collections_named(edge, end) for end in ("_from", "_to")]
    if not any(ends):
        raise DataError(f"No vertex collection that {edge.name} names is in {folder}; dump them together.")
    sources, targets = (tuple(sorted(end)) for end in ends)
    return GraphDefinition(name, (EdgeDefinition(edge.name, sources, targets),))


def _names(collections: Collections, *, is_edge: bool) -> list[str]:
    """The collections of one type, ArangoDB's own left out."""
    return [name for name, collection in collections.items() if collection.is_edge == is_edge and name[:1] != "_"]


def _collections_named(edge: DumpedCollection, end: str) -> set[str]:
    """The collections in the handles of `_from` or of `_to`."""
    handles = (handle for batch in read_documents(edge.files) for handle in text_attribute(batch, end))
    return {handle.partition("/")[0] for handle in handles}


def _parse_definition(name: str, document: dict[str, Any], folder: Path) -> GraphDefinition:
    try:
        edges = tuple(
            EdgeDefinition(str(edge["collection"]), tuple(map(str, edge["from"])), tuple(map(str, edge["to"])))
            for edge in document["edgeDefinitions"]
        )
        orphans = tuple(map(str, document.get("orphanCollections") or ()))
    except (KeyError, TypeError) as error:
        raise DataError(
            f"The definition of the graph {name!r} in {folder} is broken ({error!r}); dump the database again."
        ) from error
    if not edges:
        raise DataError(
            f"The graph {name!r} in {folder} has no edge definitions; there is nothing to learn from its edges."
        )
    return GraphDefinition(name, edges, orphans)
