"""A named graph out of ArangoDB: vertex collections side by side, then edge collections side by side."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

from trainer.graph.arango.attributes import choose_attributes
from trainer.graph.arango.connection import Connection, Patience
from trainer.graph.arango.definition import read_definition
from trainer.graph.arango.edges import edges_of, edges_query
from trainer.graph.arango.faults import Fault
from trainer.graph.arango.reading import batches, decode_rows, rows_query
from trainer.graph.arango.side_by_side import side_by_side
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.edges import EdgeTableBuilder
from trainer.graph.graph import EdgeTable, Graph, GraphDefinition, VertexTable
from trainer.graph.source import Progress
from trainer.graph.vertex_index import VertexIndex
from trainer.graph.vertices import VertexTableBuilder
from trainer.process.prefetch import prefetch
from trainer.settings.groups.arango import ArangoSettings


class ArangoSource:
    """Reads graphs from the database that the settings name."""

    def __init__(self, arango: ArangoSettings, patience: Patience | None = None, batch_size: int = 10_000) -> None:
        """Use this database; nothing is sent yet.

        Args:
            arango: where ArangoDB is, and who reads.
            patience: how long to wait and how often to try.
            batch_size: documents per answer.
        """
        self._arango = arango
        self._patience = patience or Patience()
        self._batch_size = batch_size

    def load(self, names: Sequence[str], wanted: AttributeFilter, progress: Progress) -> Graph:
        """Load the graphs `names` as one; see `GraphSource.load`.

        Raises:
            DataError: there is no such database, graph or collection.
            ServiceError: ArangoDB was away, refused us or broke off, after retries.
        """
        connection = Connection(self._arango, self._patience)
        try:
            return _Load(connection, wanted, progress, self._batch_size).run(names)
        except Fault as fault:
            raise fault.as_error() from fault
        finally:
            connection.close()


class _Load:
    """One graph on its way; the counts are of rows so far, by collection."""

    def __init__(self, connection: Connection, wanted: AttributeFilter, progress: Progress, batch_size: int) -> None:
        self._connection = connection
        self._wanted = wanted
        self._progress = progress
        self._batch_size = batch_size
        self._num_vertices: dict[str, int] = {}
        self._num_edges: dict[str, int] = {}

    def run(self, names: Sequence[str]) -> Graph:
        abandoned = self._connection.abandoned
        (definitions,) = side_by_side([partial(self._definitions, names)], abandoned, self._tick)
        definition = GraphDefinition.union(definitions)
        vertex_tasks = [partial(self._vertices, collection) for collection in definition.vertex_collections]
        vertices = side_by_side(vertex_tasks, abandoned, self._tick)
        index = VertexIndex([table for table, _ in vertices])
        edge_tasks = [partial(self._edges, edge.collection, index) for edge in definition.edges]
        edges = side_by_side(edge_tasks, abandoned, self._tick)
        return Graph(
            definitions,
            {table.name: table for table, _ in vertices},
            [table for tables, _ in edges for table in tables],
            {edge.collection: dangling for edge, (_, dangling) in zip(definition.edges, edges, strict=True)},
            [warning for _, warnings in vertices for warning in warnings],
        )

    def _tick(self) -> None:
        self._progress(sum(self._num_vertices.values()), sum(self._num_edges.values()))

    def _definitions(self, names: Sequence[str]) -> tuple[GraphDefinition, ...]:
        """One after the other, so that the first that is missing is the one that is told."""
        return tuple(read_definition(self._connection, name) for name in names)

    def _vertices(self, collection: str) -> tuple[VertexTable, list[str]]:
        """One vertex collection, and warnings about its attributes."""
        attributes = choose_attributes(self._connection, collection, self._wanted)
        travelling = attributes.travelling
        query = rows_query(collection, ["_key", *travelling], self._batch_size)

        def read() -> VertexTable:
            self._num_vertices[collection] = 0
            builder = VertexTableBuilder(collection, frozenset(travelling).__contains__)
            builder.add_attributes(attributes.names)
            with closing(prefetch(batches(self._connection, query))) as parts:
                for rows in parts:
                    keys, *values = zip(*decode_rows(self._connection, query, rows), strict=True)
                    builder.append_columns(keys, dict(zip(travelling, values, strict=True)))
                    self._num_vertices[collection] = len(builder)
            return replace(builder.finish(), unread=attributes.unread)

        return self._connection.run(read), attributes.warnings

    def _edges(self, collection: str, index: VertexIndex) -> tuple[list[EdgeTable], int]:
        """The tables of one edge collection, and the number of its dangling edges."""
        weight = self._wanted.edge_weight
        query = edges_query(collection, weight, self._batch_size)

        def read() -> tuple[list[EdgeTable], int]:
            self._num_edges[collection] = 0
            builder = EdgeTableBuilder(collection, index, weight)
            with closing(prefetch(batches(self._connection, query))) as parts:
                for rows in parts:
                    builder.append(edges_of(self._connection, query, rows, weight))
                    self._num_edges[collection] = len(builder)
            return builder.finish(), builder.dangling

        return self._connection.run(read)
