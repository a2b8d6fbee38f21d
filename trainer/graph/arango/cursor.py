"""The rows of one query, through a streaming cursor.

`allow_retry` is what makes a repeated request for a batch safe: without it the server moves on, and a
batch whose response got lost would be missing without an error.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from typing import Any

from arango.cursor import Cursor

from trainer.bounds import arango as bounds
from trainer.graph.arango import patience
from trainer.graph.arango.connection import Connection, quoted
from trainer.graph.arango.queries import Query
from trainer.graph.arango.request_errors import RequestError, unreadable


def batches(connection: Connection, query: Query) -> Generator[bytes]:
    """The rows of a query, batch by batch and not yet parsed; see `decode_rows`.

    Raises:
        RequestError: the query cannot go on; with the remedy `rerun` only from its beginning, with `smaller` in other batches.
    """
    task = f"read {query.collection}"
    cursor: Cursor = connection.request(task, lambda: _open(connection, query))
    num_empty = 0
    try:
        while True:
            batch = cursor.batch()
            num_empty = 0 if batch else num_empty + 1
            if batch:
                rows: Any = batch.popleft()
                if not isinstance(rows, bytes):
                    raise unreadable(connection.server, "rerun")
                yield rows
            if not cursor.has_more():
                break
            if num_empty > bounds.MOST_EMPTY_BATCHES:
                raise _endless(connection, query)
            connection.request(task, cursor.fetch)
    except RequestError as error:
        if error.remedy in ("none", "smaller"):
            _close(cursor)
        raise  # otherwise the server is away, or has no such cursor any more
    except BaseException:
        _close(cursor)
        raise
    _close(cursor)


class DocumentLimit:
    """How many documents a cursor over a whole collection may bring: beyond a million, twice what the server counts."""

    def __init__(self, connection: Connection, query: Query) -> None:
        """Ask nothing yet: small collections need no count."""
        self._connection, self._query = connection, query
        self._most = bounds.UNCOUNTED_DOCUMENTS
        self._is_counted = False

    def check(self, num_documents: int) -> None:
        """See whether there may be so many.

        Raises:
            RequestError: the cursor does not end, or the server does not count.
        """
        if num_documents > self._most and not self._is_counted:
            self._most = max(self._most, 2 * self._count())
            self._is_counted = True
        if num_documents > self._most:
            server, collection = self._connection.server, self._query.collection
            what = (
                f"{server} sends documents of {collection} without end: more than {self._most:,}, twice what it counts"
            )
            raise RequestError(what, "see what answers in its place, or let nobody write there while a graph is loaded")

    def _count(self) -> int:
        collection = self._query.collection
        count = self._connection.database.collection(quoted(collection)).count
        number: Any = self._connection.request(f"count {collection}", count)
        if type(number) is not int:
            raise unreadable(self._connection.server, "none")
        return number


def _endless(connection: Connection, query: Query) -> RequestError:
    most = f"{bounds.MOST_EMPTY_BATCHES:,}"
    what = f"{connection.server} sends batches of {query.collection} without end: {most} in a row were empty"
    return RequestError(what, "see in its log what happens to the query, or what answers in its place")


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
