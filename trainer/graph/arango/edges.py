"""The rows of an edge query as handles and weights, without a Python object for each where they are uniform."""

from __future__ import annotations

from trainer.graph.arango.decoding import decode_rows
from trainer.graph.arango.request_errors import Server, unreadable
from trainer.graph.building.edge_builder import Edges
from trainer.graph.building.texts import Texts
from trainer.graph.building.uniform_records import Segment, Template, match

_LONGEST_MATCHED = 16 << 20
"""Bytes: beyond it a batch holds no usual handles, and positions of quotes would take many times its size."""
_SOURCE, _TARGET, _WEIGHT = 0, 2, 3
_PAIR = Template(b"[", [Segment("text"), Segment("fixed", b","), Segment("text"), Segment("fixed", b"],[")])
_PAIR_AND_WEIGHT = Template(
    b"[", [Segment("text"), Segment("fixed", b","), Segment("text"), Segment("scalar", b",", b"],[")]
)


def decode_edges(rows: bytes, weight: str | None, server: Server) -> Edges:
    """The edges of one batch of `edges_query`.

    Raises:
        RequestError: see `decode_rows`.
    """
    template = _PAIR_AND_WEIGHT if weight else _PAIR
    records = match(rows + b",", template) if len(rows) <= _LONGEST_MATCHED else None
    weights = records.scalars(_WEIGHT) if records is not None and weight else []
    if records is not None and weights is not None:
        return Edges(records.texts(_SOURCE), records.texts(_TARGET), weights)
    parsed = decode_rows(rows, server)
    width = 3 if weight else 2
    if not all(type(row) is list and len(row) == width for row in parsed):
        raise unreadable(server, "rerun")
    sources, targets = ([row[side] if isinstance(row[side], str) else "" for row in parsed] for side in (0, 1))
    return Edges(Texts.of(sources), Texts.of(targets), [row[2] for row in parsed] if weight else [])
