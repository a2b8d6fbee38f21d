"""HTTP/1.1 framing as the database does it: its limits, its header block, one write per reply."""

import gzip
import zlib
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import BinaryIO

import orjson

_MAX_TARGET_BYTES = 16 * 1024
_MAX_HEADERS_BYTES = 1024 * 1024
_MAX_BODY_BYTES = 1024**3

_HEADERS = (
    ("X-Arango-Queue-Time-Seconds", "0.000000"),
    ("Strict-Transport-Security", "max-age=31536000 ; includeSubDomains"),
    ("Expires", "0"),
    ("Pragma", "no-cache"),
    (
        "Cache-Control",
        "no-cache, no-store, must-revalidate, pre-check=0, post-check=0, max-age=0, s-maxage=0",
    ),
    ("Content-Security-Policy", "frame-ancestors 'self'; form-action 'self';"),
    ("X-Content-Type-Options", "nosniff"),
    ("Server", "ArangoDB"),
)
_PROXY_HEADERS = (("Server", "nginx"),)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in; header names are lower-cased."""

    method: str
    target: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = b""
    keep_alive: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply; `from_proxy` leaves out the database's own headers."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json; charset=utf-8"
    from_proxy: bool = False

    def encode(self, *, keep_alive: bool = True) -> bytes:
        """Return head and body in one piece, so that the reply leaves in one write."""
        standard = _PROXY_HEADERS if self.from_proxy else _HEADERS
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            *(f"{name}: {value}" for name, value in (*standard, *self.headers)),
            f"Connection: {'Keep-Alive' if keep_alive else 'Close'}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
        ]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


class UnreadableError(Exception):
    """A request that breaks the protocol; the connection is closed after the reply."""

    def __init__(self, status: int, message: str) -> None:
        """Make the error with the HTTP status that answers it."""
        super().__init__(message)
        fields = {"error": True, "errorNum": status, "errorMessage": message, "code": status}
        self.reply = Reply(status, orjson.dumps(fields))


def read_request(stream: BinaryIO) -> Request | None:
    """Read the next request of a connection.

    Args:
        stream: The connection's buffered reader.

    Returns:
        The request, or None when the client has closed the connection.

    Raises:
        UnreadableError: The request breaks a limit or the protocol.
    """
    line = stream.readline(_MAX_HEADERS_BYTES)
    if not line.strip():
        return None
    parts = line.decode("latin-1").split()
    if len(parts) != 3:
        raise UnreadableError(400, "malformed request line")
    method, target, version = parts
    if version not in ("HTTP/1.0", "HTTP/1.1"):
        raise UnreadableError(505, "HTTP version not supported")
    if len(target) > _MAX_TARGET_BYTES:
        raise UnreadableError(414, "URI too long")
    headers = _read_headers(stream)
    connection = headers.get("connection", "").lower()
    keep_alive = connection == "keep-alive" if version == "HTTP/1.0" else connection != "close"
    return Request(method, target, headers, _read_body(stream, method, headers), keep_alive)


def _read_headers(stream: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    size = 0
    while (line := stream.readline(_MAX_HEADERS_BYTES + 1)) not in (b"\r\n", b"\n"):
        size += len(line)
        if size > _MAX_HEADERS_BYTES:
            raise UnreadableError(431, "request header fields too large")
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise UnreadableError(400, "malformed header")
        headers[name.strip().lower()] = value.strip()
    return headers


def _read_body(stream: BinaryIO, method: str, headers: dict[str, str]) -> bytes:
    length = headers.get("content-length", "" if method in ("POST", "PUT", "PATCH") else "0")
    if "transfer-encoding" in headers or not length.isdecimal():
        raise UnreadableError(411, "Content-Length required")
    if int(length) > _MAX_BODY_BYTES:
        raise UnreadableError(413, "payload too large")
    body = stream.read(int(length))
    if len(body) < int(length):
        raise UnreadableError(400, "body is shorter than Content-Length")
    encoding = headers.get("content-encoding", "identity")
    try:
        if encoding == "gzip":
            return gzip.decompress(body)
        if encoding == "deflate":
            return zlib.decompress(body)
    except (OSError, EOFError, zlib.error) as exc:
        raise UnreadableError(400, f"body is not {encoding}") from exc
    return body
