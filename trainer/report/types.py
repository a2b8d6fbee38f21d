"""Vertex types, relations and several graphs as rows of text; nothing where the graph is a plain one."""

from collections.abc import Mapping
from typing import Any

from trainer.report.numerals import UNKNOWN, count, figure, share
from trainer.report.reading import PARTS, listing, mapping, number
from trainer.report.tables import MAX_ROWS, Row, names

_MAX_NAMES = 3
"""The tables of collections name them all."""


def type_rows(graph: Mapping[str, Any]) -> list[Row]:
    """Return one line for each vertex type, where there are several or one of several collections."""
    types = [mapping(item) for item in listing(graph.get("types"))]
    if len(types) < 2 and not any(len(mapping(kind.get("collections"))) > 1 for kind in types):
        return []
    rows = []
    for kind in types[:MAX_ROWS]:
        name = _text(kind.get("name")) + (" (target)" if kind.get("target") is True else "")
        features, columns = (number(kind.get(key)) for key in ("features", "columns"))
        told = (
            count(features) + (f" in {count(columns)} columns" if columns != features else "") if features else "none"
        )
        cells = [
            names(list(mapping(kind.get("collections"))), _MAX_NAMES),
            _text(kind.get("time_field")),
            count(kind.get("vertices")),
            told,
        ]
        rows.append(Row(name=name, cells=cells, ours=kind.get("target") is True))
    return rows


def relation_rows(graph: Mapping[str, Any]) -> list[Row]:
    """Return one line for each relation, where there are several or there is more to say than of a collection."""
    relations = [mapping(item) for item in listing(graph.get("relations"))]
    telling = any(_is_telling(relation) for relation in relations)
    if len(relations) < 2 and not telling:
        return []
    rows = []
    for relation in relations[:MAX_ROWS]:
        reverse = listing(relation.get("reverse_of"))
        origin = (
            f"reverse of {reverse[1]}, added" if len(reverse) == 3 else names(relation.get("collections"), _MAX_NAMES)
        )
        edges, dropped = number(relation.get("edges")) or 0.0, number(relation.get("dropped")) or 0.0
        late = number(relation.get("from_future"))
        cells = [
            f"{_text(relation.get('source'))} → {_text(relation.get('target'))}",
            origin,
            count(relation.get("edges")),
            count(late) + (f" ({share(late, edges + dropped)})" if late else ""),
            count(relation.get("dropped")),
            _weights(mapping(relation.get("weights"))),
        ]
        rows.append(Row(name=_text(relation.get("name")), cells=cells))
    return rows


def graph_rows(graph: Mapping[str, Any]) -> list[Row]:
    """Return one line for each of several graphs."""
    return [
        Row(name=_text(one.get("name")), cells=[count(one.get(key)) for key in ("vertices", *PARTS)])
        for one in map(mapping, listing(graph.get("graphs"))[:MAX_ROWS])
    ]


def _is_telling(relation: Mapping[str, Any]) -> bool:
    numbers = (number(relation.get(key)) for key in ("from_future", "dropped"))
    return any(numbers) or bool(mapping(relation.get("weights")))


def _weights(weights: Mapping[str, Any]) -> str:
    if number(weights.get("mean")) is None:
        return UNKNOWN
    missing = number(weights.get("missing")) or 0.0
    span = f"{figure(weights.get('min'))} to {figure(weights.get('max'))}"
    return f"{span}, mean {figure(weights.get('mean'))}" + (f", {count(missing)} missing" if missing else "")


def _text(value: object) -> str:
    return UNKNOWN if value is None or value == "" else str(value)
