"""Answers of HTTP servers that end: bounds on their bytes and on their time, kept below urllib3 where they arrive.

A timeout of a socket is one for each wait, so that a byte a second keeps a request for ever; and status lines, headers,
chunk sizes and trailers are read before anybody who uses urllib3 sees a byte.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainer.bounds.bound import shown

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_FRAMING = 2
"""Bytes on the wire for each byte of an answer, at most: servers that send it in chunks frame them."""


class AnswerBoundError(Exception):
    """A server sent more than any honest one does, or takes longer; the text says what, as `more than 96 MiB`.

    Attributes:
        is_slow: whether it was the time; another attempt may be faster.
    """

    def __init__(self, what: str, *, is_slow: bool = False) -> None:
        """Say what was exceeded."""
        super().__init__(what)
        self.is_slow = is_slow


@dataclass(frozen=True)
class AnswerBounds:
    """What one answer may take, from its first byte on.

    Attributes:
        most_bytes: of its content, unpacked.
        most_header_bytes: before its content.
        answer_s: until its last byte.
        slow_s: how often the rate is looked at.
        least_bytes: what must arrive in so many seconds; 0 for a server that lets wait while it works.
    """

    most_bytes: int
    most_header_bytes: int
    answer_s: float
    slow_s: float
    least_bytes: int

    def too_long(self) -> AnswerBoundError:
        """What to raise for a longer content."""
        return AnswerBoundError(f"more than {shown(self.most_bytes)}")


_current: ContextVar[AnswerBounds] = ContextVar("answer_bounds")


@contextmanager
def bounded(bounds: AnswerBounds) -> Iterator[None]:
    """Hold the answers to requests that are sent inside to these bounds."""
    token = _current.set(bounds)
    try:
        yield
    finally:
        _current.reset(token)


def bounds_of_thread() -> AnswerBounds | None:
    """The bounds of the innermost `bounded`, None outside."""
    return _current.get(None)


class BoundedConnection:
    """Goes before a connection class of urllib3: answers are read under the bounds of the thread's context."""

    sock: Any

    def connect(self) -> None:
        """See `http.client.HTTPConnection.connect`."""
        super().connect()  # type: ignore[misc]
        self.sock = _BoundedSocket(self.sock)

    def getresponse(self) -> Any:
        """See `http.client.HTTPConnection.getresponse`."""
        sock = self.sock
        response = super().getresponse()  # type: ignore[misc]
        sock.end_header()
        return response


class _BoundedSocket:
    """A socket whose files are bounded."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._wire: _Wire | None = None

    def makefile(self, mode: str, buffering: int = io.DEFAULT_BUFFER_SIZE) -> io.RawIOBase | io.BufferedReader:
        assert mode == "rb"
        self._wire = _Wire(self._sock.makefile("rb", buffering=0), _current.get())
        return io.BufferedReader(self._wire, buffering) if buffering else self._wire

    def end_header(self) -> None:
        """What arrives from now on is content."""
        if self._wire is not None:
            self._wire.end_header()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class _Wire(io.RawIOBase):
    """The bytes of one answer as they arrive."""

    def __init__(self, raw: io.RawIOBase, bounds: AnswerBounds) -> None:
        self._raw, self._bounds = raw, bounds
        self._num_bytes, self._most_bytes = 0, bounds.most_header_bytes
        self._is_header = True
        self._begun_at = self._looked_at = 0.0
        self._num_bytes_then = 0

    def readable(self) -> bool:
        return True

    def end_header(self) -> None:
        self._is_header = False
        self._most_bytes += _FRAMING * self._bounds.most_bytes

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        num_read: int | None = self._raw.readinto(buffer)
        now = time.monotonic()
        if not self._begun_at:
            self._begun_at = self._looked_at = now
        self._num_bytes += num_read or 0
        if self._num_bytes > self._most_bytes:
            raise self._too_long()
        if num_read:
            self._look_at_time(now)
        return num_read

    def close(self) -> None:
        self._raw.close()
        super().close()

    def _too_long(self) -> AnswerBoundError:
        if self._is_header:
            return AnswerBoundError(f"more than {shown(self._most_bytes)} of headers")
        return self._bounds.too_long()

    def _look_at_time(self, now: float) -> None:
        bounds = self._bounds
        if now - self._begun_at > bounds.answer_s:
            raise AnswerBoundError(f"an answer for more than {bounds.answer_s:,.0f} s", is_slow=True)
        if now - self._looked_at < bounds.slow_s:
            return
        num_new = self._num_bytes - self._num_bytes_then
        if num_new < bounds.least_bytes:
            least, seconds = shown(bounds.least_bytes), f"{now - self._looked_at:,.0f} s"
            raise AnswerBoundError(f"less than {least} in {seconds}", is_slow=True)
        self._looked_at, self._num_bytes_then = now, self._num_bytes
