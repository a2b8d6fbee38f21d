"""The rows of an edge query as handles and weights, without a Python object for each where they are all alike."""

from __future__ import annotations

from typing import Any

from trainer.graph.arango.connection import Connection
from trainer.graph.arango.reading import Query, decode_rows, rows_query
from trainer.graph.edges import Edges
from trainer.graph.texts import Texts
from trainer.graph.uniform_block import Segment, Shape, match

_SOURCE, _TARGET, _WEIGHT = 0, 2, 3
_PAIR = Shape(b"[", [Segment("text"), Segment("fixed", b","), Segment("text"), Segment("fixed", b"],[")])
_PAIR_AND_WEIGHT = Shape(
    b"[", [Segment("text"), Segment("fixed", b","), Segment("text"), Segment("scalar", b",", b"],[")]
)


def edges_query(collection: str, weight: str | None, batch_size: int) -> Query:
    """The ends of all edges, and the attribute `weight` if there is one to read."""
    return rows_query(collection, ["_from", "_to", *([weight] if weight else [])], batch_size)


def edges_of(connection: Connection, query: Query, rows: bytes, weight: str | None) -> Edges:
    """The edges of one batch of `edges_query`."""
    found = match(rows + b",", _PAIR_AND_WEIGHT if weight else _PAIR)
    weights = found.scalars(_WEIGHT) if found is not None and weight else []
    if found is not None and weights is not None:
        return Edges(found.texts(_SOURCE), found.texts(_TARGET), weights)
    parsed = decode_rows(connection, query, rows)
    sources, targets = ([_handle(row[side]) for row in parsed] for side in (0, 1))
    return Edges(Texts.of(sources), Texts.of(targets), [row[2] for row in parsed] if weight else [])


def _handle(value: Any) -> str:
    return value if isinstance(value, str) else ""
