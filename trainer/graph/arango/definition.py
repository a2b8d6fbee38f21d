"""What ArangoDB says of a named graph."""

from __future__ import annotations

from typing import Any

from trainer.errors import DataError
from trainer.graph.arango.connection import Connection, quoted
from trainer.graph.arango.faults import UNKNOWN_GRAPH, Fault
from trainer.graph.graph import EdgeDefinition, GraphDefinition, join_names


def read_definition(connection: Connection, name: str) -> GraphDefinition:
    """The collections of the graph `name`.

    Raises:
        DataError: there is no such graph, or it has no edges.
        Fault: ArangoDB does not say.
    """
    task = "look up the graph"
    try:
        properties: Any = connection.ask(task, lambda: connection.database.graph(quoted(name)).properties())
    except Fault as fault:
        if fault.number != UNKNOWN_GRAPH:
            raise
        graphs: Any = connection.ask("list the graphs", connection.database.graphs)
        known = join_names(str(graph["name"]) for graph in graphs)
        place = connection.place
        raise DataError(
            f"There is no graph {name!r} in the database {place.database!r} of {place}; "
            f"GRAPH_NAME should be one of: {known}."
        ) from fault
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
            f"The graph {name!r} of {connection.place} has no edge definitions; there is nothing to learn from its edges."
        )
    return GraphDefinition(name, edges, tuple(map(str, properties["orphan_collections"])))
