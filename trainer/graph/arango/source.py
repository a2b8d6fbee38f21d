"""A named graph out of ArangoDB: all vertex collections concurrently, then all edge collections."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from trainer.graph.arango.attributes import Attributes, choose_attributes, survey
from trainer.graph.arango.concurrent_tasks import run_concurrently
from trainer.graph.arango.connection import Connection
from trainer.graph.arango.cursor import DocumentLimit, batches
from trainer.graph.arango.decoding import decode_rows
from trainer.graph.arango.definition import read_definition
from trainer.graph.arango.edges import decode_edges
from trainer.graph.arango.queries import Query, edges_query, rows_query
from trainer.graph.arango.request_errors import RequestError, unreadable
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.building.edge_builder import EdgeTableBuilder
from trainer.graph.building.vertex_builder import VertexTableBuilder
from trainer.graph.building.vertex_index import VertexIndex
from trainer.graph.graph import EdgeTable, Graph, GraphDefinition, VertexTable
from trainer.graph.source import Progress
from trainer.process.prefetch import prefetch
from trainer.settings.groups.arango import ArangoSettings


class ArangoSource:
    """Reads graphs from the database that the settings name."""

    def __init__(self, arango: ArangoSettings, batch_size: int = 10_000) -> None:
        """Use this database; nothing is sent yet.

        Args:
            arango: where ArangoDB is, and who reads.
            batch_size: documents per response.
        """
        self._arango = arango
        self._batch_size = batch_size

    def load(self, names: Sequence[str], attribute_filter: AttributeFilter, progress: Progress) -> Graph:
        """Load the graphs `names` as one; see `GraphSource.load`.

        Raises:
            DataError: there is no such database, graph or collection.
            ServiceError: ArangoDB was away, refused us or broke off, after retries.
        """
        connection = Connection(self._arango)
        try:
            return _Load(connection, attribute_filter, progress, self._batch_size).run(names)
        except RequestError as error:
            raise error.as_trainer_error() from error
        finally:
            connection.close()


@dataclass(frozen=True)
class _Load:
    """One graph while it loads; the counts are of rows so far, by collection."""

    connection: Connection
    attribute_filter: AttributeFilter
    progress: Progress
    batch_size: int
    num_vertices: dict[str, int] = field(default_factory=dict)
    num_edges: dict[str, int] = field(default_factory=dict)

    def run(self, graph_names: Sequence[str]) -> Graph:
        abandoned = self.connection.abandoned
        (definitions,) = run_concurrently([partial(self._definitions, graph_names)], abandoned, self._tick)
        definition = GraphDefinition.union(definitions)
        names = definition.vertex_collections
        surveys = run_concurrently(
            [partial(survey, self.connection, collection, self.attribute_filter) for collection in names],
            abandoned,
            self._tick,
        )
        attributes = choose_attributes(dict(zip(names, surveys, strict=True)), self.attribute_filter)
        vertex_tasks = [partial(self._vertices, collection, attributes[collection]) for collection in names]
        vertices = run_concurrently(vertex_tasks, abandoned, self._tick)
        index = VertexIndex([table for table, _ in vertices])
        edge_tasks = [partial(self._edges, edge.collection, index) for edge in definition.edges]
        edges = run_concurrently(edge_tasks, abandoned, self._tick)
        return Graph(
            definitions,
            {table.name: table for table, _ in vertices},
            [table for tables, _ in edges for table in tables],
            {edge.collection: dangling for edge, (_, dangling) in zip(definition.edges, edges, strict=True)},
            [warning for _, warnings in vertices for warning in warnings],
        )

    def _tick(self) -> None:
        self.progress(sum(self.num_vertices.values()), sum(self.num_edges.values()))

    def _definitions(self, names: Sequence[str]) -> tuple[GraphDefinition, ...]:
        """One after the other, so that the error names the first that is missing."""
        return tuple(read_definition(self.connection, name) for name in names)

    def _vertices(self, collection: str, attributes: Attributes) -> tuple[VertexTable, list[str]]:
        """The table of one vertex collection, and warnings."""
        columns = [*attributes.to_read, *attributes.paths]
        binds: list[str | list[str]] = ["_key", *attributes.to_read, *(path.split(".") for path in attributes.paths)]

        def read(query: Query) -> tuple[VertexTable, list[str]]:
            self.num_vertices[collection] = 0
            builder = VertexTableBuilder(collection, frozenset(attributes.to_read).__contains__)
            builder.add_attributes(attributes.names)
            builder.add_paths(attributes.paths, attributes.nested)
            limit = DocumentLimit(self.connection, query)
            with closing(prefetch(batches(self.connection, query))) as parts:
                for rows in parts:
                    keys, values = self._columns(rows, len(columns))
                    builder.append_columns(keys, dict(zip(columns, values, strict=True)))
                    self.num_vertices[collection] = len(builder)
                    limit.check(len(builder))
            table, warnings = builder.finish()
            return replace(table, unread=attributes.unread), warnings

        return self.connection.run_query(rows_query(collection, binds, self.batch_size), read)

    def _columns(self, rows: bytes, num_columns: int) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
        """The keys and the values, column by column, of one batch of `rows_query`."""
        try:
            keys, *values = zip(*decode_rows(rows, self.connection.server), strict=True)
        except (TypeError, ValueError) as error:
            raise unreadable(self.connection.server, "rerun") from error
        if len(values) != num_columns or set(map(type, keys)) != {str}:
            raise unreadable(self.connection.server, "rerun")
        return keys, values

    def _edges(self, collection: str, index: VertexIndex) -> tuple[list[EdgeTable], int]:
        """The tables of one edge collection, and the number of its dangling edges."""
        weight = self.attribute_filter.edge_weight

        def read(query: Query) -> tuple[list[EdgeTable], int]:
            self.num_edges[collection] = 0
            builder = EdgeTableBuilder(collection, index, weight)
            limit = DocumentLimit(self.connection, query)
            with closing(prefetch(batches(self.connection, query))) as parts:
                for rows in parts:
                    builder.append(decode_edges(rows, weight, self.connection.server))
                    self.num_edges[collection] = len(builder)
                    limit.check(len(builder))
            return builder.finish(), builder.dangling

        return self.connection.run_query(edges_query(collection, weight, self.batch_size), read)
