"""The stand-in's door: start it, look at what it saw, break it, stop it."""

import gc
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from .auth import Guard, User
from .dispatch import Dispatcher
from .faults import Faults
from .instance import Instance
from .listener import Listener
from .records import Record
from .store import Database

_LARGE_NUM_DOCUMENTS = 100_000


class ArangoStandIn:
    """An ArangoDB on a free local port, as a context manager."""

    dispatcher_type = Dispatcher
    """What answers; a benchmark puts a faster one in its place."""

    def __init__(
        self,
        databases: Mapping[str, Database],
        users: Mapping[str, User],
        version: str = "3.12.4",
        seed: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        jwt_lifetime_s: float = 3600,
        last_batch_has_id: bool = False,
    ) -> None:
        """Prepare a server; `_system` is added if it is not among the databases.

        Args:
            databases: Name -> database; they stay readable, for assertions about what was written.
            users: Name -> user.
            version: What `/_api/version` says.
            seed: What row orders are drawn from.
            tls: Serve HTTPS with this context.
            jwt_lifetime_s: How long a token lasts.
            last_batch_has_id: Whether the last batch of a cursor with allowRetry still has its `id`; the
                database's documentation and its source disagree, a client must bear both.
        """
        self.databases = {"_system": Database(), **databases}
        for name, database in self.databases.items():
            database.prepare(f"{seed}/{name}")
        self.faults = Faults()
        self.log: list[Record] = []
        self._instance = Instance(self.databases, Guard(users, jwt_lifetime_s), version, last_batch_has_id)
        self._dispatcher = self.dispatcher_type(self._instance, self.faults, self.log)
        self._tls = tls
        self._is_large = sum(d.num_documents() for d in self.databases.values()) > _LARGE_NUM_DOCUMENTS
        self._listener: Listener | None = None

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self._running().port}"

    @property
    def num_open_cursors(self) -> int:
        """How many cursors clients have left open."""
        return len(self._instance.cursors)

    def expire_tokens(self) -> None:
        """Make every JWT that was handed out so far invalid."""
        self._instance.guard.expire_tokens()

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Cut all connections and refuse new ones inside the block, then listen on the same port again."""
        listener = self._running()
        listener.close()
        try:
            yield
        finally:
            listener.open()

    def __enter__(self) -> Self:
        """Start listening."""
        if self._is_large:
            # Otherwise each garbage collection walks the documents and a query takes four times as long.
            gc.freeze()
        self._listener = Listener(self._dispatcher, self._tls)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening; a defect of the stand-in itself is raised here."""
        self._running().close()
        self._listener = None
        if self._is_large:
            gc.unfreeze()
        if self._dispatcher.defects and error is None:
            raise AssertionError("the stand-in has a defect") from self._dispatcher.defects[0]

    def _running(self) -> Listener:
        if self._listener is None:
            raise RuntimeError("the stand-in is not running: use it in a with statement")
        return self._listener
