"""A graph out of a folder that `arangodump` wrote: which collections there are, and their documents."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

from trainer.errors import DataError
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.dump.edges import read_edges
from trainer.graph.dump.files import read_documents, text_attribute
from trainer.graph.edges import EdgeTableBuilder
from trainer.graph.graph import EdgeDefinition, Graph, GraphDefinition, join_names
from trainer.graph.source import Progress
from trainer.graph.vertex_index import VertexIndex
from trainer.graph.vertices import VertexTableBuilder
from trainer.process.prefetch import prefetch

_EDGE_TYPE = 3
_MD5_SUFFIX = re.compile(r"_[0-9a-f]{32}$")
_DATA_FILE = re.compile(r"(?P<stem>.+?)(?:\.(?P<part>\d+))?\.data\.(?P<format>json|vpack)(?:\.gz)?")


@dataclass
class _Collection:
    """One collection of the folder: its type and the files that hold its documents."""

    name: str
    is_edge: bool
    files: list[Path] = field(default_factory=list)


class DumpSource:
    """Reads graphs from an arangodump folder, plain or gzip, with or without envelope, split or not."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`; nothing is read yet."""
        self._folder = folder

    def load(self, names: Sequence[str], wanted: AttributeFilter, progress: Progress) -> Graph:
        """Load the graphs `names` as one; see `GraphSource.load`."""
        collections = self._collections()
        definitions = self._definitions(names, collections)
        for definition in definitions:
            self._require(definition, collections)
        definition = GraphDefinition.union(definitions)
        warnings: list[str] = []
        tables = []
        num_vertices = 0
        for vertex_name in definition.vertex_collections:
            vertices = VertexTableBuilder(vertex_name, wanted)
            with closing(prefetch(read_documents(collections[vertex_name].files))) as batches:
                for batch in batches:
                    vertices.append(text_attribute(batch, "_key"), batch.documents)
                    progress(num_vertices + len(vertices), 0)
            tables.append(vertices.finish())
            num_vertices += len(tables[-1])
            if vertices.repeated_keys:
                warnings.append(
                    f"{vertices.repeated_keys} documents of {vertex_name} repeat a _key; the last of each is used."
                )
        index = VertexIndex(tables)
        edges, dangling = [], {}
        num_edges = 0
        for edge in definition.edges:
            builder = EdgeTableBuilder(edge.collection, index, wanted.edge_weight)
            with closing(prefetch(read_edges(collections[edge.collection].files, builder.weight))) as parts:
                for part in parts:
                    builder.append(part)
                    progress(num_vertices, num_edges + len(builder))
            edges += builder.finish()
            dangling[edge.collection] = builder.dangling
            num_edges += len(builder)
        return Graph(definitions, {table.name: table for table in tables}, edges, dangling, warnings)

    def _collections(self) -> dict[str, _Collection]:
        """The collections of the folder by name, `_graphs` among them when it was dumped."""
        self._refuse_unreadable()
        collections: dict[str, _Collection] = {}
        by_stem: dict[str, _Collection] = {}
        for path in sorted(self._folder.glob("*.structure.json")):
            stem = path.name.removesuffix(".structure.json")
            parameters = _read_json(path).get("parameters")
            if not isinstance(parameters, dict):
                raise DataError(f"{path} does not describe a collection; dump the database again.")
            collection_name = str(parameters.get("name") or _MD5_SUFFIX.sub("", stem))
            collection = _Collection(collection_name, is_edge=parameters.get("type") == _EDGE_TYPE)
            collections[collection_name] = by_stem[stem] = collection
        if not collections:
            raise DataError(self._no_collections())
        for path in sorted(self._folder.iterdir()):
            match = _DATA_FILE.fullmatch(path.name)
            if match is None or match["stem"] not in by_stem:
                continue
            if match["format"] == "vpack":
                raise DataError(f"{path} is in VelocyPack format; dump the database again with --dump-vpack false.")
            by_stem[match["stem"]].files.append(path)
        return collections

    def _refuse_unreadable(self) -> None:
        if not os.path.isdir(self._folder):  # noqa: PTH112 - no error for an endless name
            raise DataError(f"GRAPH_PATH={str(self._folder)!r} is not a folder; name the folder that arangodump wrote.")
        encryption = self._folder / "ENCRYPTION"
        cipher = encryption.read_text(errors="replace").strip() if encryption.is_file() else "none"
        if cipher != "none":
            raise DataError(
                f"The dump in {self._folder} is encrypted ({cipher[:40]}); dump the database again without encryption."
            )
        facts = self._folder / "dump.json"
        if facts.is_file() and _read_json(facts).get("useVPack"):
            raise DataError(
                f"The dump in {self._folder} is in VelocyPack format; dump the database again with --dump-vpack false."
            )

    def _no_collections(self) -> str:
        databases = [path.parent.name for path in self._folder.glob("*/dump.json")]
        if databases:
            return f"{self._folder} holds a dump of all databases; set GRAPH_PATH to one of its folders: {join_names(databases)}."
        return f"{self._folder} holds no *.structure.json; GRAPH_PATH should be a folder that arangodump wrote."

    def _definitions(self, names: Sequence[str], collections: dict[str, _Collection]) -> tuple[GraphDefinition, ...]:
        graphs = read_documents(collections["_graphs"].files) if "_graphs" in collections else iter(())
        named = {
            key: document
            for batch in graphs
            for key, document in zip(text_attribute(batch, "_key"), batch.documents, strict=True)
        }
        if named:
            absent = [name for name in names if name not in named]
            if absent:
                raise DataError(
                    f"There is no graph {absent[0]!r} in {self._folder}; GRAPH_NAME should be one of: {join_names(named)}."
                )
            return tuple(_parse_definition(name, named[name], self._folder) for name in names)
        edges = [
            collection.name for collection in collections.values() if collection.is_edge and collection.name[0] != "_"
        ]
        if len(names) == 1 and len(edges) == 1:
            return (self._from_edges(names[0], collections[edges[0]], collections),)
        for name in names:
            if name not in edges:
                raise DataError(
                    f"{self._folder} holds no named graphs (dump with --include-system-collections true), so GRAPH_NAME={name!r} "
                    f"should be one of its edge collections: {join_names(edges)}."
                )
        return tuple(self._from_edges(name, collections[name], collections) for name in names)

    def _from_edges(self, name: str, edge: _Collection, collections: dict[str, _Collection]) -> GraphDefinition:
        """The graph of one edge collection: the vertex collections are those that its edges name."""
        vertices = [
            collection.name
            for collection in collections.values()
            if not collection.is_edge and collection.name[0] != "_"
        ]
        ends: dict[Literal["_from", "_to"], set[str]] = {"_from": set(vertices), "_to": set(vertices)}
        if len(vertices) != 1:
            for side, found in ends.items():
                named = {
                    text.partition("/")[0]
                    for batch in read_documents(edge.files)
                    for text in text_attribute(batch, side)
                }
                found &= named
        if not ends["_from"] | ends["_to"]:
            raise DataError(f"No vertex collection that {edge.name} names is in {self._folder}; dump them together.")
        definition = EdgeDefinition(edge.name, tuple(sorted(ends["_from"])), tuple(sorted(ends["_to"])))
        return GraphDefinition(name, (definition,))

    def _require(self, definition: GraphDefinition, collections: dict[str, _Collection]) -> None:
        needed = [*definition.vertex_collections, *(edge.collection for edge in definition.edges)]
        absent = [name for name in needed if name not in collections]
        if absent:
            raise DataError(
                f"The graph {definition.name!r} is made of collections that {self._folder} does not hold: {join_names(absent)}; dump them too."
            )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise DataError(f"{path} is not JSON ({error}); dump the database again.") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} does not hold a JSON object; dump the database again.")
    return content


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
