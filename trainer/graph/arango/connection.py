"""One database, and requests to it that are repeated while another try may help."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import orjson
import stamina
from arango.client import ArangoClient
from arango.database import StandardDatabase
from arango.exceptions import ArangoError

from trainer.graph.arango.answers import decode_around_rows
from trainer.graph.arango.faults import Cure, Fault, Place, fault_of
from trainer.graph.arango.http import SingleTryClient, UnansweredError
from trainer.process.retries import show_retries_in_log
from trainer.settings.groups.arango import ArangoSettings

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How long to wait and how often to try; the defaults bear the restart of a server.

    Attributes:
        connect_timeout_s: limit for connecting.
        read_timeout_s: limit for each wait for bytes; the first batch of a query may need a full scan.
        repeats: tries of one request.
        total_s: after this time a request is not tried again.
        restarts: runs of one query.
        first_wait_s: pause before the second try; each further one is twice as long.
    """

    connect_timeout_s: float = 10
    read_timeout_s: float = 120
    repeats: int = 6
    total_s: float = 300
    restarts: int = 3
    first_wait_s: float = 1


class AbandonedError(Exception):
    """The work was given up elsewhere; nobody waits for its result."""


class Connection:
    """A database of an ArangoDB, signed in as the user of the settings.

    Attributes:
        place: whom we talk to.
        abandoned: set when nobody waits for the results any more.
        database: the database.
        unparsed: the same, with cursors that leave their rows as text; see `decode_around_rows`.
    """

    def __init__(self, arango: ArangoSettings, patience: Patience) -> None:
        """Prepare to talk; nothing is sent yet."""
        assert arango.arango_url is not None
        show_retries_in_log()
        url = arango.arango_url.rstrip("/")
        self.place = Place(url, arango.arango_db, arango.arango_user)
        self.abandoned = threading.Event()
        self._patience = patience
        self._clients: list[ArangoClient] = []
        self.database = self._open(url, arango, orjson.loads)
        self.unparsed = self._open(url, arango, decode_around_rows)

    def ask(self, task: str, request: Callable[[], T]) -> T:
        """Send one request, again and again while the fault is a passing one.

        Args:
            task: what it is for, such as `read candles`.
            request: a call of python-arango that may safely be made twice.

        Raises:
            Fault: no try succeeded.
            AbandonedError: the work was given up meanwhile.
        """

        def send() -> T:
            try:
                return request()
            except (ArangoError, UnansweredError, ConnectionAbortedError, KeyError, TypeError) as error:
                raise fault_of(error, task, self.place) from error

        patience = self._patience
        return self._try("repeat", send, attempts=patience.repeats, timeout=patience.total_s)

    def run(self, query: Callable[[], T]) -> T:
        """Run a whole query, from its beginning once more when it broke off.

        Raises:
            Fault: no run came to its end.
            AbandonedError: the work was given up meanwhile.
        """
        return self._try("restart", query, attempts=self._patience.restarts, timeout=None)

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients:
            client.close()

    def _open(self, url: str, arango: ArangoSettings, deserializer: Callable[..., Any]) -> StandardDatabase:
        client = ArangoClient(
            url,
            resolver_max_tries=1,
            http_client=SingleTryClient(self._patience.connect_timeout_s, self._patience.read_timeout_s),
            serializer=_encode,
            deserializer=deserializer,
            verify_override=arango.arango_ca_path or True,
        )
        self._clients.append(client)
        return client.db(quoted(arango.arango_db), arango.arango_user, arango.arango_password.get_secret_value())

    def _try(self, cure: Cure, action: Callable[[], T], attempts: int, timeout: float | None) -> T:
        def may_help(error: Exception) -> bool:
            return isinstance(error, Fault) and error.cure == cure and not self.abandoned.is_set()

        wait_s = self._patience.first_wait_s
        tries = stamina.retry_context(
            may_help, attempts=attempts, timeout=timeout, wait_initial=wait_s, wait_max=16 * wait_s, wait_jitter=wait_s
        )
        for attempt in tries:
            with attempt:
                if self.abandoned.is_set():
                    raise AbandonedError
                try:
                    return action()
                except Fault as fault:
                    if fault.cure == cure:
                        fault.tries = attempt.num
                    raise
        raise AssertionError("the last attempt returns or raises")


def quoted(name: str) -> str:
    """A name as a part of a path, which python-arango does not see to."""
    return quote(name, safe="")


def _encode(content: Any) -> str:
    return orjson.dumps(content).decode()
