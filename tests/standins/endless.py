"""Answers without end, and answers that unpack to more than anybody has memory for, piece by piece as they are sent."""

import gzip
import itertools
import time
import zlib
from collections.abc import Iterable, Iterator

PIECE = 1 << 16


def head(*headers: str, status: str = "200 OK") -> bytes:
    """A status line and headers, and the empty line after them."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode()


def chunked(pieces: Iterable[bytes], *headers: str, status: str = "200 OK") -> Iterator[bytes]:
    """An answer in chunks."""
    yield head("Transfer-Encoding: chunked", *headers, status=status)
    for piece in pieces:
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def body_without_end(start: bytes = b"", *headers: str, status: str = "200 OK") -> Iterator[bytes]:
    """A text that goes on with blanks."""
    return chunked(itertools.chain([start or b" "], itertools.repeat(b" " * PIECE)), *headers, status=status)


def headers_without_end() -> Iterator[bytes]:
    """A status line, and a header that does not end."""
    return itertools.chain([b"HTTP/1.1 200 OK\r\nX: "], itertools.repeat(b"x" * 1000))


def goes_on_without_end() -> Iterator[bytes]:
    """`100 Continue` again and again."""
    return itertools.repeat(head(status="100 Continue") * 100)


def chunk_size_without_end() -> Iterator[bytes]:
    """A chunk whose size is written with ever more zeros."""
    return itertools.chain([head("Transfer-Encoding: chunked")], itertools.repeat(b"0" * PIECE))


def trailers_without_end(body: bytes) -> Iterator[bytes]:
    """A whole body, and trailers after it."""
    return itertools.chain(
        [head("Transfer-Encoding: chunked"), b"%x\r\n%b\r\n0\r\n" % (len(body), body)],
        itertools.repeat(b"X: x\r\n" * 1000),
    )


def packed(start: bytes, num_bytes: int, end: bytes, coding: str = "gzip") -> Iterator[bytes]:
    """A body that is small on its way: `start`, so many letters, `end`."""
    pieces = itertools.chain([start], itertools.repeat(b"a" * (1 << 20), num_bytes >> 20), [end])
    packer = zlib.compressobj(wbits=31 if coding == "gzip" else 15)
    content = b"".join([*map(packer.compress, pieces), packer.flush()])
    return iter([head(f"Content-Length: {len(content)}", f"Content-Encoding: {coding}"), content])


def packed_twice(num_bytes: int) -> Iterator[bytes]:
    """A body packed twice, so that little is left of it."""
    content = gzip.compress(gzip.compress(b"a" * num_bytes))
    return iter([head(f"Content-Length: {len(content)}", "Content-Encoding: gzip, gzip"), content])


def drop_by_drop(start: bytes, pause_s: float) -> Iterator[bytes]:
    """A head, and then one byte after the other."""
    yield start
    while True:
        yield b" "
        time.sleep(pause_s)
