"""An HTTP server before another, such as a real S3 store, that spoils chosen requests and passes all others on."""

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import NamedTuple

from tests.waits import LONG_S

from .http_server import LoopbackServer

_PER_HOP = {"connection", "transfer-encoding", "content-length", "expect"}
_BODY_BEFORE_CUT = 65_536


class Request(NamedTuple):
    """What a fault is chosen by."""

    method: str
    path: str
    """With its query."""
    headers: Mapping[str, str] = {}
    """By their names in lower case."""


class Fault(NamedTuple):
    """What happens to a request in place of an answer.

    `status`: this answer, body and headers. `cut`: the connection closes in the middle of the request's body;
    `lose_answer`: it closes when the store has done what was asked; `break_off`: in the middle of the answer's body.
    `stream`: these bytes are the answer, status line and all, until they end or the client hangs up.
    """

    status: int = 0
    body: bytes = b""
    cut: bool = False
    lose_answer: bool = False
    break_off: bool = False
    headers: Mapping[str, str] = {}
    stream: Callable[[], Iterable[bytes]] | None = None


Choice = Callable[[Request], Fault | None]


def refusal(status: int, code: str, **headers: str) -> Fault:
    """The answer of a store that refuses with a code."""
    body = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>as asked</Message></Error>"
    return Fault(status, body.encode(), headers=headers)


def slow_down() -> Fault:
    """The answer of a store that has too much to do."""
    return refusal(503, "SlowDown")


def first(count: int, fault: Fault, matching: str = "") -> Choice:
    """Spoil the first `count` requests whose `METHOD path` holds `matching`."""
    left, lock = [count], threading.Lock()

    def choose(request: Request) -> Fault | None:
        with lock:
            if left[0] == 0 or matching not in f"{request.method} {request.path}":
                return None
            left[0] -= 1
            return fault

    return choose


class S3Front(LoopbackServer):
    """Listens on a loopback port while the context lasts."""

    def __init__(
        self,
        upstream_host: str,
        upstream_port: int,
        choose: Choice,
        *,
        most_at_once: int = 0,
        too_many: Fault | None = None,
    ) -> None:
        """Start to listen; `choose` is asked about every request.

        With `most_at_once`, a request that comes while so many are being carried out is answered with `too_many`.
        """
        self.requests: list[Request] = []
        self.spoilt: list[Request] = []
        busy = threading.Semaphore(most_at_once)
        front, upstream = self, (upstream_host, upstream_port)

        class Handler(_Handler):
            def handle_one_request(self) -> None:
                with contextlib.suppress(OSError):
                    super().handle_one_request()

            def answer(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers)
                front.requests.append(request)
                fault = choose(request)
                admitted = most_at_once and busy.acquire(blocking=False)
                if most_at_once and not admitted:
                    fault = too_many
                if fault is not None:
                    front.spoilt.append(request)
                try:
                    self.pass_on(upstream, fault)
                finally:
                    if admitted:
                        busy.release()

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer  # noqa: N815

        super().__init__(Handler)
        self.endpoint = f"http://{self.address}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self, upstream: tuple[str, int], fault: Fault | None) -> None:
        length = int(self.headers.get("content-length", 0))
        if fault is not None and fault.cut:
            self.rfile.read(min(length, _BODY_BEFORE_CUT))
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if fault is not None and fault.stream is not None:
            self.close_connection = True
            for piece in fault.stream():
                self.wfile.write(piece)
            return
        if fault is not None and fault.status:
            self._reply(fault.status, fault.headers, fault.body, fault.break_off)
            return
        connection = http.client.HTTPConnection(*upstream, timeout=LONG_S)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _PER_HOP}
        connection.request(self.command, self.path, body if length else None, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if fault is not None and fault.lose_answer:
            self.close_connection = True
            return
        self._reply(answer.status, dict(answer.getheaders()), content, fault is not None and fault.break_off)

    def _reply(self, status: int, headers: Mapping[str, str], content: bytes, break_off: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in _PER_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if break_off:
            content, self.close_connection = content[: len(content) // 2], True
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
