"""The definition of a named graph in ArangoDB."""

from __future__ import annotations

from typing import Any

from trainer.errors import DataError
from trainer.graph.arango.connection import Connection, quoted
from trainer.graph.arango.request_errors import UNKNOWN_GRAPH, RequestError
from trainer.graph.graph import EdgeDefinition, GraphDefinition, join_names


def read_definition(connection: Connection, name: str) -> GraphDefinition:
    """The collections of the graph `name`.

    Raises:
        DataError: there is no such graph, or it has no edges.
        RequestError: ArangoDB did not answer.
    """
    task = "look up the graph"
    try:
        properties: Any = connection.request(task, lambda: connection.database.graph(quoted(name)).properties())
    except RequestError as error:
        if error.number != UNKNOWN_GRAPH:
            raise
        graphs: Any = connection.request("list the graphs", connection.database.graphs)
        known = join_names(str(graph["name"]) for graph in graphs)
        server = connection.server
        raise DataError(
            f"There is no graph {name!r} in the database {server.database!r} of {server}; "
            f"GRAPH_NAME should be one of: {known}."
        ) from error
    edges = tuple(
        EdgeDefinition(
            str(edge["edge_collection"]),
            tuple(map(str, edge["from_vertex_collections"])),
            tuple(map(str, edge["to_vertex_collections"])),
        )
        for edge in properties["edge_definitions"]
    )
    if not edges:
        raise DataError(
            f"The graph {name!r} of {connection.server} has no edge definitions; there is nothing to learn from its edges."
        )
    return GraphDefinition(name, edges, tuple(map(str, properties["orphan_collections"])))
