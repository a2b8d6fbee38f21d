"""The rows of one query, through a streaming cursor.

`allow_retry` is what makes a repeated request for a batch safe: without it the server moves on, and a
batch whose response got lost would be missing without an error.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from typing import Any

from arango.cursor import Cursor

from trainer.graph.arango import patience
from trainer.graph.arango.connection import Connection
from trainer.graph.arango.queries import Query
from trainer.graph.arango.request_errors import RequestError


def batches(connection: Connection, query: Query) -> Generator[bytes]:
    """The rows of a query, batch by batch and not yet parsed; see `decode_rows`.

    Raises:
        RequestError: the query cannot go on; with the remedy `rerun`, only from its beginning.
    """
    task = f"read {query.collection}"
    cursor: Cursor = connection.request(task, lambda: _open(connection, query))
    try:
        while True:
            batch = cursor.batch()
            if batch:
                yield batch.popleft()
            if not cursor.has_more():
                break
            connection.request(task, cursor.fetch)
    except RequestError as error:
        if error.remedy == "none":
            _close(cursor)
        raise  # otherwise the server is away, or has no such cursor any more
    except BaseException:
        _close(cursor)
        raise
    _close(cursor)


def _open(connection: Connection, query: Query) -> Any:
    return connection.database.aql.execute(
        query.text,
        bind_vars=dict(query.binds),
        batch_size=query.batch_size,
        ttl=patience.CURSOR_TTL_S,  # type: ignore[arg-type]  # the driver says numbers.Number, which int is for no type checker
        stream=True,
        allow_retry=True,
        fill_block_cache=False,
    )


def _close(cursor: Cursor) -> None:
    """Free the snapshot that the cursor holds; where that fails the server does it when `ttl` is over."""
    with suppress(Exception):
        cursor.close(ignore_missing=True)
