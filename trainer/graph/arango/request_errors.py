"""What can go wrong with a request to ArangoDB: in words for the user, and whether another attempt may help."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from arango.exceptions import ArangoServerError

from trainer.bounds.bound import shown
from trainer.bounds.parsed import MOST_PARSED_BYTES
from trainer.errors import DataError, ServiceError, TrainerError
from trainer.graph.arango.answers import FULL_NUMBERS, Remedy, verdict
from trainer.graph.arango.http_client import UnansweredError
from trainer.process.bounded_answers import AnswerBoundError
from trainer.process.proxies import proxy_for
from trainer.process.redirects import shown_address
from trainer.process.secrets import hidden
from trainer.process.trust import speaks_tls

FORBIDDEN, READ_ONLY = 11, 1004
UNKNOWN_COLLECTION, UNKNOWN_DATABASE, UNKNOWN_GRAPH, DUPLICATE_NAME = 1203, 1228, 1924, 1207
TOO_RICH = f"values that take more than {shown(MOST_PARSED_BYTES)} of memory"
_OUT_OF_MEMORY, _KILLED, _UNKNOWN_CURSOR = 32, 1500, 1600
_LONGEST_REASON = 200
_NO_RIGHT = (
    "The user {server.user!r} has no right to {task} in the database {server.database!r} of {server} ({reason})",
    "grant it, or set ARANGO_USER to a user that has it",
)
_SENTENCES = {  # number: what happened, and what to do
    FORBIDDEN: _NO_RIGHT,
    READ_ONLY: _NO_RIGHT,
    UNKNOWN_DATABASE: (
        "There is no database {server.database!r} in {server}",
        "set ARANGO_DB to the database that holds the graph",
    ),
    UNKNOWN_COLLECTION: (
        "{server} cannot {task}: the database {server.database!r} has no such collection",
        "restore it or correct the definition of the graph",
    ),
    _OUT_OF_MEMORY: (
        "{server} had to {task} and reached its limit of memory ({reason})",
        "raise --query.memory-limit or --query.global-memory-limit there",
    ),
    _KILLED: ("A query to {task} was killed in {server}", "see who or which limit (--query.max-runtime) ended it"),
    _UNKNOWN_CURSOR: ("{server} lost the cursor of a query to {task}", "see in its log whether it was restarted"),
}


@dataclass(frozen=True)
class Server:
    """The server as sentences name it: its address, the database and the user."""

    url: str
    database: str
    user: str

    def __str__(self) -> str:
        """The server and its address."""
        return f"ArangoDB at {self.url}"


@dataclass(eq=False)
class RequestError(Exception):
    """A request that failed.

    Attributes:
        what: what happened; with `advice` it makes one sentence.
        advice: what to do.
        remedy: what may help.
        number: ArangoDB's `errorNum`, 0 where it gave none.
        error_type: of the error that ends the run.
        attempts: how often it was sent.
    """

    what: str
    advice: str
    remedy: Remedy = "none"
    number: int = 0
    error_type: type[TrainerError] = ServiceError
    attempts: int = 1

    def __str__(self) -> str:
        """What happened."""
        return self.what

    def as_trainer_error(self) -> TrainerError:
        """The error that ends the run."""
        attempts = f", {self.attempts} times in a row" if self.attempts > 1 else ""
        return self.error_type(f"{self.what}{attempts}; {self.advice}.")


def to_request_error(error: Exception, task: str, server: Server) -> RequestError:
    """What an error of python-arango means.

    Args:
        error: what a call raised.
        task: what the call was for, such as `read candles`.
        server: where it was sent to.
    """
    cause = error.__cause__ if isinstance(error, UnansweredError) else error
    if isinstance(cause, AnswerBoundError):
        return beyond_bounds(cause, server)
    if isinstance(error, UnansweredError):
        return _unanswered(error.__cause__ or error, task, server)
    if isinstance(error, ConnectionAbortedError):  # all that python-arango leaves of 503 with errorNum 503
        return _unavailable("service unavailable", server)
    if isinstance(error, ArangoServerError):
        return _refused(error, task, server)
    # A body that is no JSON, or not the expected JSON, makes python-arango raise KeyError or TypeError.
    return unreadable(server, "resend")


def unreadable(server: Server, remedy: Remedy) -> RequestError:
    """A response that is no JSON, or not the expected JSON."""
    return RequestError(
        f"{server} sent an answer that cannot be read", "check that ARANGO_URL leads to ArangoDB", remedy
    )


def beyond_bounds(cause: AnswerBoundError, server: Server) -> RequestError:
    """An answer that is longer, or takes longer, than any honest one."""
    if cause.is_slow:
        return RequestError(f"{server} sent {cause}", "see what slows the network or the server", "resend")
    what, advice = (
        f"{server} sent {cause} in one answer",
        "see which document is so large, or what answers in its place",
    )
    return RequestError(what, advice, "smaller")


def _unanswered(cause: BaseException, task: str, server: Server) -> RequestError:
    text = str(cause)
    if "[X509" in text or "PEM lib" in text or not isinstance(cause, requests.RequestException):
        what = "The file of CAs in ARANGO_CA_PATH cannot be used"
        return RequestError(what, "name a PEM file with the CA that signed the certificate of ArangoDB")
    if isinstance(cause, requests.exceptions.ProxyError):
        proxy = proxy_for(server.url)
        what = f"{server} cannot be reached through the proxy of {proxy.variable if proxy else 'the environment'}"
        return RequestError(what, "correct it, or name the host in NO_PROXY", "resend")
    if isinstance(cause, requests.exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in text:
            advice = "set ARANGO_CA_PATH to the CA that signed it, and use the host name that it was made for"
            if "has expired" in text:
                advice = "renew it, or set ARANGO_CA_PATH to the new CA"
            return RequestError(f"The certificate of {server} is not trusted ({_ssl_reason(text)})", advice)
        if "WRONG_VERSION_NUMBER" in text or "RECORD_LAYER_FAILURE" in text:
            return RequestError(f"{server} does not speak TLS", "write http:// in ARANGO_URL, or switch TLS on there")
    if isinstance(cause, requests.exceptions.ReadTimeout):
        return RequestError(f"{server} did not answer in time to {task}", "see whether it is overloaded", "resend")
    if isinstance(cause, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
        what = f"The answer of {server} broke off while we tried to {task}"
        return RequestError(what, "see whether a proxy or the network cuts connections", "resend")
    if "got more than" in text:  # http.client's own bound
        return beyond_bounds(AnswerBoundError("more than 100 headers"), server)
    if "NameResolutionError" in text or "getaddrinfo" in text:
        return RequestError(f"The host of {server} has no address", "check ARANGO_URL", "resend")
    if "Connection aborted" in text and _is_https(server):
        return _addressed_by_http(server)
    what = f"{server} cannot be reached ({'connection refused' if 'refused' in text else 'no connection'})"
    return RequestError(what, "check ARANGO_URL and that ArangoDB is running", "resend")


def _ssl_reason(text: str) -> str:
    """`self-signed certificate` out of a long text of the TLS library."""
    return text.partition("verify failed: ")[2].partition(" (_ssl")[0] or "verification failed"


def _unavailable(reason: str, server: Server, number: int = 0) -> RequestError:
    advice = "see its log, or start the run again when it is ready"
    return RequestError(f"{server} is not available ({reason})", advice, "resend", number)


def _refused(error: ArangoServerError, task: str, server: Server) -> RequestError:
    response = error.response
    status, number = response.status_code, response.error_code or 0
    words = hidden(str(response.error_message or response.status_text or "no reason given"))  # before it is cut
    reason = " ".join(words.split())[:_LONGEST_REASON]
    if status == 401:
        what = f"{server} does not let the user {server.user!r} into the database {server.database!r}"
        advice = "check ARANGO_USER, ARANGO_PASSWORD and ARANGO_DB, and that the user has access to the database"
        return RequestError(what, advice, number=FORBIDDEN)
    if 300 <= status < 400:
        return _redirected(status, response.headers.get("location", ""), server)
    remedy = verdict(status, number).remedy
    if number in _SENTENCES:
        what, advice = _SENTENCES[number]
        error_type = DataError if number in (UNKNOWN_DATABASE, UNKNOWN_COLLECTION) else ServiceError
        return RequestError(what.format(server=server, task=task, reason=reason), advice, remedy, number, error_type)
    if remedy == "resend":
        return _unavailable(f"HTTP {status}: {reason}", server, number)
    if number in FULL_NUMBERS or status == 507:
        return RequestError(f"{server} has no room left ({reason})", "make room there and run again", number=number)
    if not number:
        if status == 407:
            proxy = proxy_for(server.url)
            variable = "its address" if proxy is None else proxy.variable
            what = f"The proxy before {server} asks for a user and a password"
            return RequestError(what, f"put them into {variable}, or name the host in NO_PROXY")
        if status == 400 and _is_https(server):
            return _addressed_by_http(server)
        what = f"{server} answered HTTP {status} ({reason}), which ArangoDB does not do"
        return RequestError(what, "check that ARANGO_URL leads to ArangoDB, and its port to ArangoDB's own")
    what = f"{server} refused to {task} (HTTP {status}, error {number}: {reason})"
    return RequestError(what, "look the error up in its documentation", number=number)


def _redirected(status: int, location: str, server: Server) -> RequestError:
    address = shown_address(location)
    if address is None:
        what = f"{server} redirects (HTTP {status}) within itself, as a login page does, which ArangoDB does not do"
        return RequestError(what, "check that ARANGO_URL leads to ArangoDB, and its port to ArangoDB's own")
    what = f"{server} redirects (HTTP {status}) to {address}, which is not followed"
    return RequestError(what, "set ARANGO_URL to that address if it is ArangoDB's")


def _addressed_by_http(server: Server) -> RequestError:
    return RequestError(f"{server} speaks https and is addressed by http", "write https:// in ARANGO_URL")


def _is_https(server: Server) -> bool:
    """Whether http is spoken to a port of https; a proxy between does not let us see."""
    parts = urlsplit(server.url)
    direct = parts.scheme == "http" and proxy_for(server.url) is None
    return direct and speaks_tls(parts.hostname or "", parts.port or 80)
