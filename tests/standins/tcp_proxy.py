"""A network that a test can break: a TCP forwarder whose connections are cut, refused or stalled on demand.

A Kafka client moves on to the address that the broker advertises, so a broker behind the proxy must advertise
the proxy: make the proxy first, then start the broker with the proxy's address as its advertised one.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from types import TracebackType
from typing import NamedTuple, Self

from .background_loop import BackgroundLoop
from .ports import free_port

_CHUNK_BYTES = 65_536
_ACCEPT_S = 0.01


class Stream(NamedTuple):
    """Both directions of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class CuttableProxy:
    """Forwards every connection to one upstream address while the test lets it."""

    def __init__(self, upstream_host: str, upstream_port: int, *, tls: ssl.SSLContext | None = None) -> None:
        """Start to listen on a free loopback port; with `tls`, encryption ends here."""
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._upstream = (upstream_host, upstream_port)
        self._tls = tls
        self._connections: set[asyncio.Task[None]] = set()
        self._flow = asyncio.Event()
        self._flow.set()
        self._server: asyncio.Server | None = None
        self._loop = BackgroundLoop(f"proxy-{self.port}")
        self.restore()

    def __enter__(self) -> Self:
        """Return the proxy, which listens already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cut everything and end the proxy's thread."""
        self.close()

    @property
    def num_connections(self) -> int:
        """How many clients are connected through the proxy now."""
        return len(self._connections)

    def cut(self) -> None:
        """Break all connections and refuse new ones, as a host that went away."""
        self._loop.run(self._cut())

    def restore(self) -> None:
        """Listen again on the same port."""
        self._loop.run(self._listen())

    def stall(self) -> None:
        """Keep and accept connections but forward nothing, as a network that swallows packets."""
        self._loop.run(self._set_flow(False))

    def resume(self) -> None:
        """Forward again, first of all what was held back."""
        self._loop.run(self._set_flow(True))

    def close(self) -> None:
        """Cut everything and end the proxy's thread."""
        self.cut()
        self._loop.close()

    async def _admit(self, client: Stream, upstream: Stream) -> bool:
        """Decide whether a new client's bytes may be forwarded; a gateway asks for a login here."""
        return True

    async def _listen(self) -> None:
        if self._server is None:
            host, port = self.address.split(":")
            self._server = await asyncio.start_server(self._serve, host, int(port), ssl=self._tls)

    async def _cut(self) -> None:
        if self._server is not None:
            # A server that closes leaves open what it has accepted but not handed over.
            await asyncio.sleep(_ACCEPT_S)
            self._server.close()
            self._server = None
            # What was handed over last has to begin, for only then does it close its client when it is cancelled.
            await asyncio.sleep(_ACCEPT_S)
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections)

    async def _set_flow(self, flowing: bool) -> None:
        if flowing:
            self._flow.set()
        else:
            self._flow.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:
            writer.transport.abort()
            return
        connection = asyncio.ensure_future(self._connect(Stream(reader, writer)))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)
        await connection

    async def _connect(self, client: Stream) -> None:
        # A peer that goes away and a cut are what these connections are for, not errors.
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            async with (
                _closing(client),
                _closing(Stream(*await asyncio.open_connection(*self._upstream))) as upstream,
            ):
                if await self._admit(client, upstream):
                    await self._forward(client, upstream)

    async def _forward(self, client: Stream, upstream: Stream) -> None:
        ways = [asyncio.ensure_future(way) for way in (self._ask(client, upstream), self._answer(upstream, client))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _ask(self, client: Stream, upstream: Stream) -> None:
        """Forward what the client says, to its end."""
        await self._pump(client, upstream)

    async def _answer(self, upstream: Stream, client: Stream) -> None:
        """Forward what the service says, to its end."""
        await self._pump(upstream, client)

    async def _pump(self, source: Stream, sink: Stream) -> None:
        while chunk := await source.reader.read(_CHUNK_BYTES):
            await self._flow.wait()
            sink.writer.write(chunk)
            await sink.writer.drain()


@contextlib.asynccontextmanager
async def _closing(stream: Stream) -> AsyncIterator[Stream]:
    try:
        yield stream
    except asyncio.CancelledError:
        # What is still unsent must not leave after a cut.
        stream.writer.transport.abort()
        raise
    finally:
        stream.writer.close()
