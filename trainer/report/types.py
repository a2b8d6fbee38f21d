"""Vertex types, relations and several graphs as rows of text; nothing where the graph is a plain one."""

from trainer.numerals import UNKNOWN, count, figure, share
from trainer.record import GraphRecord, Relation, Weights
from trainer.report.tables import MAX_ROWS, Row, names

_MAX_NAMES = 3
"""The tables of collections name them all."""


def type_rows(graph: GraphRecord) -> list[Row]:
    """Return one line for each vertex type, where there are several, or one of several collections, or one that is left out."""
    decisions = {decision.name: decision for decision in graph.decisions.types} if graph.decisions else {}
    left_out = [decision for decision in decisions.values() if decision.role == "left out"]
    if len(graph.types) + len(left_out) < 2 and not any(
        len(vertex_type.collections) > 1 for vertex_type in graph.types
    ):
        return []
    rows = []
    for vertex_type in graph.types:
        columns = f" in {count(vertex_type.columns)} columns" if vertex_type.columns != vertex_type.features else ""
        cells = [
            names(list(vertex_type.collections), _MAX_NAMES),
            decisions[vertex_type.name].reason if vertex_type.name in decisions else UNKNOWN,
            vertex_type.time_field or UNKNOWN,
            count(vertex_type.vertices),
            f"{count(vertex_type.features)}{columns}" if vertex_type.features else "none",
        ]
        name = vertex_type.name + (" (target)" if vertex_type.target else "")
        rows.append(Row(name=name, cells=cells, ours=vertex_type.target))
    for decision in left_out:
        cells = [names(decision.collections, _MAX_NAMES), decision.reason, UNKNOWN, count(decision.vertices), "none"]
        rows.append(Row(name=f"{decision.name} (left out)", cells=cells))
    return rows[:MAX_ROWS]


def attribute_table(graph: GraphRecord) -> tuple[list[str], list[Row], list[int]]:
    """Return what each attribute was taken for, and why: the heads, a line for each, and which columns are text."""
    decisions = graph.decisions.attributes if graph.decisions else []
    several = len({decision.type for decision in decisions}) > 1
    unreadable = any(decision.unreadable for decision in decisions)
    rows = [
        Row(
            name=decision.attribute,
            cells=[
                decision.role,
                decision.reason + (f"; in {decision.unit}" if decision.unit else ""),
                *([decision.type] if several else []),
                UNKNOWN if decision.missing is None else count(decision.missing),
                *([count(decision.unreadable)] if unreadable else []),
            ],
        )
        for decision in decisions[:MAX_ROWS]
    ]
    heads = ["Attribute", "Taken for", "Why", *(["Type"] if several else []), "Missing"]
    return [*heads, *(["Unreadable"] if unreadable else [])], rows, [1, 2, 3] if several else [1, 2]


def relation_rows(graph: GraphRecord) -> list[Row]:
    """Return one line for each relation, where there are several or there is more to say than of a collection."""
    if len(graph.relations) < 2 and not any(map(_is_remarkable, graph.relations)):
        return []
    rows = []
    for relation in graph.relations[:MAX_ROWS]:
        reverse = relation.reverse_of
        late = share(relation.from_future, relation.edges + relation.dropped)
        cells = [
            f"{relation.source} → {relation.target}",
            f"reverse of {reverse[1]}, added" if reverse else names(relation.collections, _MAX_NAMES),
            count(relation.edges),
            count(relation.from_future) + (f" ({late})" if relation.from_future else ""),
            count(relation.dropped),
            UNKNOWN if relation.weights is None else _weights(relation.weights),
        ]
        rows.append(Row(name=relation.name, cells=cells))
    return rows


def graph_rows(graph: GraphRecord) -> list[Row]:
    """Return one line for each of several graphs."""
    return [
        Row(name=one.name, cells=[*map(count, (one.vertices, one.train, one.val, one.test))])
        for one in (graph.graphs or [])[:MAX_ROWS]
    ]


def _is_remarkable(relation: Relation) -> bool:
    return bool(relation.from_future or relation.dropped or relation.weights)


def _weights(weights: Weights) -> str:
    if weights.mean is None:
        return UNKNOWN
    missing = f", {count(weights.missing)} missing" if weights.missing else ""
    return f"{figure(weights.min)} to {figure(weights.max)}, mean {figure(weights.mean)}{missing}"
