"""A network that breaks at a counted moment of the conversation: when certain bytes are about to be sent to the service.

What the service answers may hold its own address, as a Kafka broker's does; it is replaced by the proxy's, which is as long.
"""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from enum import StrEnum

from .tcp_proxy import CuttableProxy, Stream

SLOW_S = 0.02
"""How long a slow service keeps each piece back."""
DEAD_S = 0.3
"""How long a service that was killed needs to come back."""
_WRONG_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 29\r\nConnection: close\r\n\r\n"
    b"<html>Welcome to a web page!\n"
)
_CHUNK_BYTES = 65_536


class Fault(StrEnum):
    """What the service does from a moment on."""

    REFUSED = "refused"
    """It is gone: connections break, new ones are refused."""
    SILENT = "silent"
    """It accepts everything and answers nothing."""
    RESET = "reset"
    """All connections are reset, once."""
    SLOW = "slow"
    """Each piece takes its time."""
    WRONG = "wrong answer"
    """Something else answers at its address."""
    KILLED = "killed"
    """It dies and comes back."""


class FaultyProxy(CuttableProxy):
    """Forwards to a service, watches what is sent to it, and breaks when told."""

    def __init__(self, upstream_host: str, upstream_port: int) -> None:
        """Start to listen on a free loopback port."""
        self._broken: Fault | None = None
        self.has_fired = False
        self._trigger = b""
        self._on_trigger: Callable[[], Awaitable[None]] | None = None
        self._own = upstream_host.encode() + struct.pack(">i", upstream_port)
        super().__init__(upstream_host, upstream_port)
        self._shown = upstream_host.encode() + struct.pack(">i", self.port)

    def arm(self, trigger: bytes, fault: Fault, target: "FaultyProxy") -> None:
        """Break `target` with `fault` before the first bytes that hold `trigger` are forwarded."""
        self.has_fired = False
        self._trigger = trigger
        self._on_trigger = lambda: target.break_now(fault)

    def disarm(self) -> None:
        """Be a network again that does no harm."""
        self._trigger, self._on_trigger, self._broken = b"", None, None
        self.cut()
        self.restore()
        self.resume()

    async def break_now(self, fault: Fault) -> None:
        """Begin a fault; may be awaited in the loop of any proxy."""
        await self._loop.run_from_another(self._break(fault))

    async def _break(self, fault: Fault) -> None:
        self._broken = fault
        if fault is Fault.SILENT:
            self._flow.clear()
        elif fault in (Fault.REFUSED, Fault.RESET, Fault.KILLED, Fault.WRONG):
            if fault in (Fault.REFUSED, Fault.KILLED) and self._server is not None:
                self._server.close()
                self._server = None
            for connection in list(self._connections):
                connection.cancel()
        if fault is Fault.KILLED:
            asyncio.get_running_loop().call_later(DEAD_S, lambda: asyncio.ensure_future(self._come_back()))

    async def _come_back(self) -> None:
        if self._broken is Fault.KILLED:
            self._broken = None
            await self._listen()

    async def _admit(self, client: Stream, upstream: Stream) -> bool:
        if self._broken is not Fault.WRONG:
            return True
        await client.reader.read(_CHUNK_BYTES)
        client.writer.write(_WRONG_ANSWER)
        await client.writer.drain()
        return False

    async def _ask(self, client: Stream, upstream: Stream) -> None:
        seen = b""
        while chunk := await client.reader.read(_CHUNK_BYTES):
            if self._on_trigger is not None:
                seen = seen[-len(self._trigger) :] + chunk
                if self._trigger in seen:
                    on_trigger, self._on_trigger = self._on_trigger, None
                    self.has_fired = True
                    await on_trigger()
            await self._pass(chunk, upstream)

    async def _answer(self, upstream: Stream, client: Stream) -> None:
        while chunk := await upstream.reader.read(_CHUNK_BYTES):
            await self._pass(chunk.replace(self._own, self._shown), client)

    async def _pass(self, chunk: bytes, sink: Stream) -> None:
        if self._broken is Fault.SLOW:
            await asyncio.sleep(SLOW_S)
        await self._flow.wait()
        sink.writer.write(chunk)
        await sink.writer.drain()
