"""A broker that refuses: a proxy that answers chosen requests itself, with an error code of the protocol, and forwards the rest.

What a broker can say is more than the broker of the tests can be made to say. Layouts follow Kafka's protocol guide; versions
beyond them are not offered to clients: Produce 7, Fetch 11.
"""

import struct
from collections.abc import Callable, Collection

from . import kafka_frames as frames
from .kafka_frames import Request
from .tcp_proxy import CuttableProxy, Stream

PRODUCE, FETCH, SASL_HANDSHAKE, INIT_PRODUCER_ID = 0, 1, frames.SASL_HANDSHAKE, 22
CONTROLLER = (1, 17, 18, 19, 20, 29, 30, 31, 32, 33, 36, 37, 43, 52, 53, 55, 60)
"""What the port of a controller answers, of the requests that clients know."""
_LAST_VERSIONS = {PRODUCE: 7, FETCH: 11}
_FIRST_FLEXIBLE_INIT_PRODUCER_ID = 2
_MAX_FRAME_BYTES = 1 << 28


class RefusingProxy(CuttableProxy):
    """Forwards every request but those that it was told to refuse."""

    def __init__(self, upstream_host: str, upstream_port: int) -> None:
        """Start to listen; nothing is refused yet."""
        self._refused: dict[int, int] = {}
        self._offered: Collection[int] | None = None
        self.num_refused = 0
        super().__init__(upstream_host, upstream_port)

    def refuse(self, api_key: int, code: int) -> None:
        """Answer requests of this kind with this error code from now on."""
        self._refused[api_key] = code

    def offer_only(self, api_keys: Collection[int]) -> None:
        """Tell clients that connect from now on that there are only these requests."""
        self._offered = api_keys

    def relent(self) -> None:
        """Forward everything again."""
        self._refused.clear()

    async def _admit(self, client: Stream, upstream: Stream) -> bool:
        upstream.writer.write(frames.api_versions_request())
        await upstream.writer.drain()
        versions = frames.parse_api_versions(await frames.read_frame(upstream.reader))
        capped = {key: (first, min(last, _LAST_VERSIONS.get(key, last))) for key, (first, last) in versions.items()}
        if SASL_HANDSHAKE in self._refused:  # the broker of the tests knows none
            capped[SASL_HANDSHAKE] = (0, 1)
        if self._offered is not None:
            capped = {key: capped[key] for key in self._offered if key in capped}
        while True:
            request = Request.parse(await frames.read_frame(client.reader))
            if request.api_key != frames.API_VERSIONS:
                return False
            client.writer.write(request.answer(frames.api_versions_body(request, capped)))
            await client.writer.drain()
            if request.api_version <= frames.LAST_API_VERSIONS:
                return True

    async def _ask(self, client: Stream, upstream: Stream) -> None:
        while True:
            length = await client.reader.readexactly(4)
            (num_bytes,) = struct.unpack(">i", length)
            if not 0 < num_bytes <= _MAX_FRAME_BYTES:
                raise ConnectionAbortedError(f"A frame of {num_bytes} bytes is none of a client's.")
            frame = await client.reader.readexactly(num_bytes)
            await self._flow.wait()
            request = Request.parse(frame)
            code = self._refused.get(request.api_key)
            if code is None:
                upstream.writer.write(length + frame)
                await upstream.writer.drain()
            else:
                self.num_refused += 1
                client.writer.write(request.answer(_REFUSALS[request.api_key](request, code)))
                await client.writer.drain()


class _Reader:
    """Reads a request's body from its beginning."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def number(self, layout: str) -> int:
        (value,) = struct.unpack_from(f">{layout}", self._body, self._at)
        self._at += struct.calcsize(f">{layout}")
        return int(value)

    def text(self) -> bytes:
        num_bytes = max(self.number("h"), 0)
        return self._skip(num_bytes)

    def data(self) -> bytes:
        return self._skip(max(self.number("i"), 0))

    def _skip(self, num_bytes: int) -> bytes:
        self._at += num_bytes
        return self._body[self._at - num_bytes : self._at]


def _refused_produce(asked: Request, code: int) -> bytes:
    request = _Reader(asked.body)
    request.text()  # the transaction
    request.number("h"), request.number("i")  # acks, timeout
    topics = b""
    num_topics = request.number("i")
    for _ in range(num_topics):
        name = request.text()
        indices = []
        for _ in range(request.number("i")):
            indices.append(request.number("i"))
            request.data()
        parts = b"".join(struct.pack(">ihqqq", index, code, -1, -1, -1) for index in indices)
        topics += struct.pack(">h", len(name)) + name + struct.pack(">i", len(indices)) + parts
    return struct.pack(">i", num_topics) + topics + struct.pack(">i", 0)


def _refused_fetch(asked: Request, code: int) -> bytes:
    request = _Reader(asked.body)
    for layout in "iiiibii":  # replica, wait, sizes, isolation, session
        request.number(layout)
    topics = b""
    num_topics = request.number("i")
    for _ in range(num_topics):
        name = request.text()
        indices = []
        for _ in range(request.number("i")):
            indices.append(request.number("i"))
            for layout in "iqqi":  # epoch, offsets, size
                request.number(layout)
        parts = b"".join(struct.pack(">ihqqqiii", index, code, -1, -1, -1, -1, -1, 0) for index in indices)
        topics += struct.pack(">h", len(name)) + name + struct.pack(">i", len(indices)) + parts
    return struct.pack(">ihii", 0, 0, 0, num_topics) + topics


def _refused_producer_id(asked: Request, code: int) -> bytes:
    tags = b"\0" if asked.api_version >= _FIRST_FLEXIBLE_INIT_PRODUCER_ID else b""  # of the header and of the body
    return tags + struct.pack(">ihqh", 0, code, -1, -1) + tags


def _refused_handshake(asked: Request, code: int) -> bytes:
    return struct.pack(">hi", code, 0)  # and no mechanism


_REFUSALS: dict[int, Callable[[Request, int], bytes]] = {
    PRODUCE: _refused_produce,
    FETCH: _refused_fetch,
    SASL_HANDSHAKE: _refused_handshake,
    INIT_PRODUCER_ID: _refused_producer_id,
}
