"""The rows of one query, through a streaming cursor.

`allow_retry` is what makes a repeated request for a batch safe: without it the server moves on, and a
batch whose answer got lost would be missing without an error.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from arango.cursor import Cursor

from trainer.graph.arango.connection import Connection
from trainer.graph.arango.faults import Fault, unreadable

_TTL_S = 600
_DEFAULT_MAX_PROJECTIONS = 5
"""With more attributes than this ArangoDB reads whole documents unless told otherwise."""


@dataclass(frozen=True)
class Query:
    """A query on one collection."""

    collection: str
    text: str
    binds: dict[str, Any]
    batch_size: int = 10_000


def sample_query(collection: str, size: int) -> Query:
    """Some whole documents."""
    return Query(collection, "FOR d IN @@c LIMIT @n RETURN d", {"@c": collection, "n": size})


def names_query(collection: str) -> Query:
    """The names of all attributes that any document has."""
    text = "FOR d IN @@c FOR a IN ATTRIBUTES(d, true) RETURN DISTINCT a"
    return Query(collection, text, {"@c": collection})


def rows_query(collection: str, attributes: list[str], batch_size: int) -> Query:
    """These attributes of all documents, an array for each document: names need not travel with every row."""
    binds = {f"a{place}": name for place, name in enumerate(attributes)}
    values = ", ".join(f"d.@{bind}" for bind in binds)
    many = len(attributes) > _DEFAULT_MAX_PROJECTIONS
    options = f" OPTIONS {{ maxProjections: {len(attributes)} }}" if many else ""
    return Query(collection, f"FOR d IN @@c{options} RETURN [{values}]", {"@c": collection, **binds}, batch_size)


def batches(connection: Connection, query: Query) -> Generator[bytes]:
    """The rows of a query, batch by batch and not yet parsed; see `decode_rows`.

    Raises:
        Fault: the query cannot go on; with the cure `restart`, from its beginning only.
    """
    task = f"read {query.collection}"
    cursor: Cursor = connection.ask(task, lambda: _open(connection, query))
    try:
        while True:
            batch = cursor.batch()
            if batch:
                yield batch.popleft()
            if not cursor.has_more():
                break
            connection.ask(task, cursor.fetch)
    except Fault as fault:
        if fault.cure == "none":
            _close(cursor)
        raise  # otherwise the server is away, or has no such cursor any more
    except BaseException:
        _close(cursor)
        raise
    _close(cursor)


def decode_rows(connection: Connection, query: Query, rows: bytes) -> list[Any]:
    """The rows of a batch.

    Raises:
        Fault: they are no JSON; with the cure `restart`, since the cursor has moved on.
    """
    try:
        found: list[Any] = orjson.loads(b"[" + rows + b"]")
    except orjson.JSONDecodeError as error:
        raise unreadable(connection.place, cure="restart") from error
    return found


def _open(connection: Connection, query: Query) -> Any:
    return connection.unparsed.aql.execute(
        query.text,
        bind_vars=dict(query.binds),
        batch_size=query.batch_size,
        ttl=_TTL_S,  # type: ignore[arg-type]  # the driver says numbers.Number, which int is for no type checker
        stream=True,
        allow_retry=True,
        fill_block_cache=False,
    )


def _close(cursor: Cursor) -> None:
    """Free the snapshot that the cursor holds; where that fails the server does it when `ttl` is over."""
    with suppress(Exception):
        cursor.close(ignore_missing=True)
