"""A graph out of a folder that `arangodump` wrote."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.building.edge_builder import EdgeTableBuilder
from trainer.graph.building.vertex_builder import VertexTableBuilder, repeated_key_warnings
from trainer.graph.building.vertex_index import VertexIndex
from trainer.graph.dump.definitions import find_only_graph, read_definitions
from trainer.graph.dump.documents import read_documents, text_attribute
from trainer.graph.dump.edges import read_edges
from trainer.graph.dump.folder import list_collections
from trainer.graph.dump.repeated_keys import RepeatedKeys
from trainer.graph.graph import Graph, GraphDefinition
from trainer.graph.source import Progress
from trainer.process.prefetch import prefetch


class DumpSource:
    """Reads graphs from an arangodump folder, plain or gzip, with or without envelope, split or not."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`; nothing is read yet."""
        self._folder = folder

    def only_graph(self) -> str:
        """The name of the graph that GRAPH_NAME need not name; see `find_only_graph`."""
        return find_only_graph(self._folder, list_collections(self._folder))

    def load(self, names: Sequence[str], attribute_filter: AttributeFilter, progress: Progress) -> Graph:
        """Load the graphs `names` as one, without names the only graph; see `GraphSource.load`."""
        collections = list_collections(self._folder)
        definitions = read_definitions(self._folder, collections, names or [find_only_graph(self._folder, collections)])
        definition = GraphDefinition.union(definitions)
        used = ["_graphs", *definition.vertex_collections, *(edge.collection for edge in definition.edges)]
        warnings = [warning for name in used if name in collections for warning in collections[name].warnings]
        tables = []
        num_vertices = 0
        for name in definition.vertex_collections:
            vertices = VertexTableBuilder(name, attribute_filter)
            with closing(prefetch(read_documents(collections[name].files))) as batches:
                for batch in batches:
                    vertices.append(text_attribute(batch, "_key"), batch.documents)
                    progress(num_vertices + len(vertices), 0)
            table, table_warnings = vertices.finish()
            tables.append(table)
            warnings += table_warnings
            num_vertices += len(table)
        index = VertexIndex(tables)
        edge_tables, dangling = [], {}
        num_edges = 0
        for edge in definition.edges:
            edges = EdgeTableBuilder(edge.collection, index, attribute_filter.edge_weight)
            keys = RepeatedKeys(edge.collection)
            read = partial(read_edges, collections[edge.collection].files, edges.weight)
            with closing(prefetch(read())) as parts:
                for part in parts:
                    edges.append(part)
                    keys.append(part.keys)
                    progress(num_vertices, num_edges + len(edges))
            replaced = keys.replaced(read)
            edge_tables += edges.finish(replaced)
            warnings += repeated_key_warnings(edge.collection, len(replaced))
            dangling[edge.collection] = edges.dangling
            num_edges += len(edges)
        return Graph(definitions, {table.name: table for table in tables}, edge_tables, dangling, warnings)
