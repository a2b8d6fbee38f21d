"""One database, and requests to it that are sent again while another attempt may help."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar
from urllib.parse import quote

import orjson
import stamina
from arango.client import ArangoClient
from arango.exceptions import ArangoError

from trainer.graph.arango import patience
from trainer.graph.arango.answers import Remedy
from trainer.graph.arango.decoding import decode_around_rows
from trainer.graph.arango.http_client import SingleAttemptClient, UnansweredError
from trainer.graph.arango.queries import Query
from trainer.graph.arango.request_errors import RequestError, Server, to_request_error
from trainer.process.bounded_answers import AnswerBoundError
from trainer.process.retries import show_retries_in_log
from trainer.process.trust import trusted_cas
from trainer.settings.groups.arango import ArangoSettings

T = TypeVar("T")

_OTHER_SHAPE = (KeyError, TypeError, AttributeError, ValueError)
"""What python-arango raises over a body that is no JSON, or not the expected JSON."""


class AbandonedError(Exception):
    """The load failed or was stopped elsewhere; nobody waits for the result."""


class Connection:
    """A database of an ArangoDB, signed in as the user of the settings.

    Attributes:
        server: the server, for sentences.
        abandoned: set when nobody waits for the results any more.
        database: the database; its cursors leave their rows as text, see `decode_around_rows`.
    """

    def __init__(self, arango: ArangoSettings) -> None:
        """Use this database; nothing is sent yet."""
        assert arango.arango_url is not None
        show_retries_in_log()
        url = arango.arango_url.rstrip("/")
        self.server = Server(url, arango.arango_db, arango.arango_user)
        self.abandoned = threading.Event()
        self._client = ArangoClient(
            url,
            resolver_max_tries=1,
            http_client=SingleAttemptClient(patience.CONNECT_TIMEOUT_S, patience.READ_TIMEOUT_S),
            serializer=lambda content: orjson.dumps(content).decode(),
            deserializer=decode_around_rows,  # type: ignore[arg-type]  # bodies are bytes here, see http_client
            verify_override=trusted_cas(arango.arango_ca_path),
        )
        password = arango.arango_password.get_secret_value()
        self.database = self._client.db(quoted(arango.arango_db), arango.arango_user, password)

    def request(self, task: str, call: Callable[[], T]) -> T:
        """Send one request, again while the error is a transient one.

        Args:
            task: what it is for, such as `read candles`.
            call: a call of python-arango that may safely be made twice.

        Raises:
            RequestError: no attempt succeeded.
            AbandonedError: the load was abandoned meanwhile.
        """

        def send() -> T:
            try:
                return call()
            except (ArangoError, UnansweredError, AnswerBoundError, ConnectionAbortedError, *_OTHER_SHAPE) as error:
                raise to_request_error(error, task, self.server) from error

        return self._try("resend", send, patience.ATTEMPTS, patience.TOTAL_S)

    def run_query(self, query: Query, read: Callable[[Query], T]) -> T:
        """Run a whole query, again from its beginning when it broke off, or when its batches are too large.

        Raises:
            RequestError: no run came to its end.
            AbandonedError: the load was abandoned meanwhile.
        """
        while True:
            try:
                return self._try("rerun", partial(read, query), patience.QUERY_RUNS, timeout=None)
            except RequestError as error:
                if error.remedy != "smaller" or query.batch_size == 1:
                    raise
            query = query.in_smaller_batches()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _try(self, remedy: Remedy, action: Callable[[], T], attempts: int, timeout: float | None) -> T:
        def may_help(error: Exception) -> bool:
            return isinstance(error, RequestError) and error.remedy == remedy and not self.abandoned.is_set()

        retries = stamina.retry_context(
            may_help,
            attempts=attempts,
            timeout=timeout,
            wait_initial=patience.FIRST_WAIT_S,
            wait_max=patience.LONGEST_WAIT_S,
            wait_jitter=patience.FIRST_WAIT_S,
        )
        for attempt in retries:
            with attempt:
                if self.abandoned.is_set():
                    raise AbandonedError
                try:
                    return action()
                except RequestError as error:
                    if error.remedy == remedy:
                        error.attempts = attempt.num
                    raise
        raise AssertionError("the last attempt returns or raises")


def quoted(name: str) -> str:
    """A name as a part of a path; python-arango does not quote it."""
    return quote(name, safe="")
