"""The state machine of a query's cursor: batches, retries, time to live, one request at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Lock

import orjson

from .errors import ApiError
from .queries import Answer


@dataclass(frozen=True, slots=True)
class CursorOptions:
    """What the client asked for when it created the cursor."""

    batch_size: int
    ttl_s: float
    stream: bool
    wants_count: bool
    allow_retry: bool
    last_batch_has_id: bool


@dataclass(slots=True)
class Cursor:
    """One query on its way; `batch_id` is the number of the batch last sent."""

    id: str
    owner: tuple[str, str]
    answer: Answer
    options: CursorOptions
    batch_id: int = 0
    position: int = 0
    last_batch: bytes = b""
    is_busy: bool = True
    is_dead: bool = False
    has_more: bool = True
    expires_at: float = 0.0
    started_at: float = field(default_factory=time.perf_counter)

    def batch(self, code: int, *, is_empty: bool = False) -> bytes:
        """Advance and return the next body.

        Args:
            code: 201 for the first batch, 200 for the others.
            is_empty: Send no rows this time but announce more, as a streaming query may.
        """
        start, self.batch_id = self.position, self.batch_id + 1
        self.position = start if is_empty else min(start + self.options.batch_size, len(self.answer))
        fields: dict[str, object] = {"result": self.answer.slice(start, self.position)}
        more = self.has_more = is_empty or self.position < len(self.answer)
        one_piece = self.batch_id == 1 and not more
        identity: dict[str, object] = {"id": self.id} if more or self._keeps_id else {}
        following: dict[str, object] = {"nextBatchId": str(self.batch_id + 1)} if more else {}
        counted: dict[str, object] = {"count": len(self.answer)} if self.options.wants_count else {}
        extra: dict[str, object] = {"extra": {"warnings": [], "stats": self._stats()}}
        fields["hasMore"] = more
        if self.options.stream:
            fields |= identity | following | {"cached": False} | ({} if more else extra)
        elif one_piece:
            fields |= identity | counted | {"cached": False} | extra
        else:
            fields |= identity | counted | extra | {"cached": False} | following
        self.last_batch = orjson.dumps(fields | {"error": False, "code": code})
        self.is_dead = not more and not self._survives
        return self.last_batch

    @property
    def _survives(self) -> bool:
        # A client that never saw an id can neither repeat nor delete: such a cursor need not be kept.
        return self.options.allow_retry and (self.batch_id > 1 or self.options.last_batch_has_id)

    @property
    def _keeps_id(self) -> bool:
        return self.options.allow_retry and self.options.last_batch_has_id

    def _stats(self) -> dict[str, object]:
        return {
            "writesExecuted": 0,
            "writesIgnored": 0,
            "documentLookups": 0,
            "seeks": 0,
            "scannedFull": len(self.answer),
            "scannedIndex": 0,
            "cursorsCreated": 0,
            "cursorsRearmed": 0,
            "cacheHits": 0,
            "cacheMisses": 0,
            "filtered": 0,
            "httpRequests": 0,
            "executionTime": time.perf_counter() - self.started_at,
            "peakMemoryUsage": 32768,
            "intermediateCommits": 0,
        }


class Cursors:
    """All open cursors of a server."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = Lock()
        self._ids = count(69227, 7)
        self._open: dict[str, Cursor] = {}

    def __len__(self) -> int:
        """Return the number of cursors that have neither ended nor expired."""
        with self._lock:
            self._sweep()
            return len(self._open)

    @contextmanager
    def create(self, owner: tuple[str, str], answer: Answer, options: CursorOptions) -> Iterator[Cursor]:
        """Open a cursor and hold it while its first batch is made."""
        with self._lock:
            cursor = Cursor(str(next(self._ids)), owner, answer, options)
            self._open[cursor.id] = cursor
        with self._released(cursor):
            yield cursor

    @contextmanager
    def hold(self, id: str, owner: tuple[str, str]) -> Iterator[Cursor]:
        """Hold a cursor for one request.

        Args:
            id: The cursor's id.
            owner: Database and user; the cursor of another one does not exist for it.

        Raises:
            ApiError: 1600 if there is no such cursor, 1601 if another request holds it.
        """
        with self._lock:
            cursor = self._find(id, owner)
            if cursor.is_busy:
                raise ApiError(1601)
            cursor.is_busy = True
        with self._released(cursor):
            yield cursor

    def delete(self, id: str, owner: tuple[str, str]) -> None:
        """Delete a cursor, even one that is in use."""
        with self._lock:
            self._find(id, owner)
            del self._open[id]

    def expire(self, id: str) -> None:
        """Let a cursor expire now, if it is there."""
        with self._lock:
            self._open.pop(id, None)

    def peek(self, id: str) -> Cursor | None:
        """Return a cursor without holding it."""
        return self._open.get(id)

    @contextmanager
    def _released(self, cursor: Cursor) -> Iterator[None]:
        try:
            yield
        except BaseException:
            cursor.is_dead = cursor.is_dead or cursor.batch_id == 0
            raise
        finally:
            with self._lock:
                cursor.is_busy = False
                cursor.expires_at = time.monotonic() + cursor.options.ttl_s
                if cursor.is_dead:
                    self._open.pop(cursor.id, None)

    def _find(self, id: str, owner: tuple[str, str]) -> Cursor:
        self._sweep()
        cursor = self._open.get(id)
        if cursor is None or cursor.owner != owner:
            raise ApiError(1600)
        return cursor

    def _sweep(self) -> None:
        now = time.monotonic()
        for cursor in [c for c in self._open.values() if not c.is_busy and c.expires_at <= now]:
            del self._open[cursor.id]
