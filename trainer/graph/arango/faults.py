"""What can go wrong with a request to ArangoDB: in words for the user, and whether another try may help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import requests
from arango.exceptions import ArangoServerError

from trainer.errors import DataError, ServiceError, TrainerError
from trainer.graph.arango.http import UnansweredError

Cure = Literal["repeat", "restart", "none"]
"""Send the same request again, run the whole query again, or give up."""

FORBIDDEN, READ_ONLY = 11, 1004
UNKNOWN_COLLECTION, UNKNOWN_DATABASE, UNKNOWN_GRAPH, DUPLICATE_NAME = 1203, 1228, 1924, 1207
_OUT_OF_MEMORY, _KILLED, _UNKNOWN_CURSOR = 32, 1500, 1600
_CONFLICT, _CURSOR_BUSY, _LOCK_TIMEOUT, _CLUSTER_TIMEOUT = 1200, 1601, 18, 1457
_PASSING_NUMBERS = frozenset({_CONFLICT, _CURSOR_BUSY, _LOCK_TIMEOUT, _CLUSTER_TIMEOUT})
_PASSING_STATES = frozenset({421, 429, 502, 503, 504})


@dataclass(frozen=True)
class Place:
    """Whom we talk to, as sentences name it."""

    url: str
    database: str
    user: str

    def __str__(self) -> str:
        """The server."""
        return f"ArangoDB at {self.url}"


class Fault(Exception):
    """A request that failed.

    Attributes:
        cure: what may help.
        number: ArangoDB's `errorNum`, 0 where it gave none.
        tries: how often it was tried.
    """

    def __init__(
        self, what: str, advice: str, *, cure: Cure = "none", number: int = 0, kind: type[TrainerError] = ServiceError
    ) -> None:
        """Say what happened and what to do; together they make one sentence."""
        super().__init__(what)
        self.what = what
        self.advice = advice
        self.cure = cure
        self.number = number
        self.tries = 1
        self._kind = kind

    def as_error(self) -> TrainerError:
        """The failure as the run reports it."""
        tried = f", {self.tries} times in a row" if self.tries > 1 else ""
        return self._kind(f"{self.what}{tried}; {self.advice}.")


def fault_of(error: Exception, task: str, place: Place) -> Fault:
    """What an error of python-arango means.

    Args:
        error: what a call raised.
        task: what the call was for, such as `read candles`.
        place: whom it went to.
    """
    if isinstance(error, UnansweredError):
        return _unanswered(error.__cause__ or error, task, place)
    if isinstance(error, ConnectionAbortedError):  # all that python-arango leaves of 503 with errorNum 503
        return _unavailable("service unavailable", place)
    if isinstance(error, ArangoServerError):
        return _refused(error, task, place)
    # A body that is no JSON, or not the expected JSON, makes python-arango stumble over its form.
    return unreadable(place, cure="repeat")


def unreadable(place: Place, cure: Cure) -> Fault:
    """An answer that is no JSON, or not the expected JSON."""
    return Fault(f"{place} sent an answer that cannot be read", "check that ARANGO_URL leads to ArangoDB", cure=cure)


def _unanswered(cause: BaseException, task: str, place: Place) -> Fault:
    text = str(cause)
    if "[X509" in text or "PEM lib" in text or not isinstance(cause, requests.RequestException):
        what = "The file of CAs in ARANGO_CA_PATH cannot be used"
        return Fault(what, "name a PEM file with the CA that signed the certificate of ArangoDB")
    if isinstance(cause, requests.exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in text:
            advice = "set ARANGO_CA_PATH to the CA that signed it, and use the host name that it was made for"
            return Fault(f"The certificate of {place} is not trusted ({_ssl_reason(text)})", advice)
        if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER_FAILURE" in text:
            return Fault(f"{place} does not speak TLS", "write http:// in ARANGO_URL, or switch TLS on there")
    if isinstance(cause, requests.exceptions.ReadTimeout):
        return Fault(f"{place} did not answer in time to {task}", "see whether it is overloaded", cure="repeat")
    if isinstance(cause, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        what = f"The answer of {place} broke off while we tried to {task}"
        return Fault(what, "see whether a proxy or the network cuts connections", cure="repeat")
    if "NameResolutionError" in text or "getaddrinfo" in text:
        return Fault(f"The host of {place} has no address", "check ARANGO_URL", cure="repeat")
    reason = "connection refused" if "refused" in text else "no connection"
    return Fault(
        f"{place} cannot be reached ({reason})", "check ARANGO_URL and that ArangoDB is running", cure="repeat"
    )


def _ssl_reason(text: str) -> str:
    """`self-signed certificate` out of a long text of the TLS library."""
    return text.partition("verify failed: ")[2].partition(" (_ssl")[0] or "verification failed"


def _unavailable(reason: str, place: Place, number: int = 0) -> Fault:
    advice = "see its log, or start the run again when it is ready"
    return Fault(f"{place} is not available ({reason})", advice, cure="repeat", number=number)


def _refused(error: ArangoServerError, task: str, place: Place) -> Fault:
    response = error.response
    status, number = response.status_code, response.error_code or 0
    reason = " ".join(str(response.error_message or response.status_text or "no reason given").split())[:200]
    fault = _by_number(number, status, task, reason, place)
    if fault is not None:
        return fault
    if status in _PASSING_STATES or number in _PASSING_NUMBERS or (status >= 500 and not number):
        return _unavailable(f"HTTP {status}: {reason}", place, number)
    if not number:
        what = f"{place} answered HTTP {status} ({reason}), which ArangoDB does not do"
        return Fault(what, "check that ARANGO_URL leads to ArangoDB")
    what = f"{place} refused to {task} (HTTP {status}, error {number}: {reason})"
    return Fault(what, "look the error up in its documentation", number=number)


def _by_number(number: int, status: int, task: str, reason: str, place: Place) -> Fault | None:
    """The faults that have a sentence of their own."""
    if status == 401:
        what = f"{place} does not let the user {place.user!r} into the database {place.database!r}"
        advice = "check ARANGO_USER, ARANGO_PASSWORD and ARANGO_DB, and that the user has access to the database"
        return Fault(what, advice, number=FORBIDDEN)
    if number in (FORBIDDEN, READ_ONLY):
        what = (
            f"The user {place.user!r} has no right to {task} in the database {place.database!r} of {place} ({reason})"
        )
        return Fault(what, "grant it, or set ARANGO_USER to a user that has it", number=number)
    if number == UNKNOWN_DATABASE:
        what = f"There is no database {place.database!r} in {place}"
        return Fault(what, "set ARANGO_DB to the database that holds the graph", number=number, kind=DataError)
    if number == UNKNOWN_COLLECTION:
        what = f"{place} cannot {task}: the database {place.database!r} has no such collection"
        return Fault(what, "restore it or mend the definition of the graph", number=number, kind=DataError)
    if number == _OUT_OF_MEMORY:
        what = f"{place} had to {task} and reached its limit of memory ({reason})"
        return Fault(what, "raise --query.memory-limit or --query.global-memory-limit there", number=number)
    if number == _KILLED:
        what = f"A query to {task} was killed in {place}"
        advice = "see who or which limit (--query.max-runtime) ended it"
        return Fault(what, advice, cure="restart", number=number)
    if number == _UNKNOWN_CURSOR:
        what = f"{place} lost the cursor of a query to {task}"
        return Fault(what, "see in its log whether it was restarted", cure="restart", number=number)
    return None
