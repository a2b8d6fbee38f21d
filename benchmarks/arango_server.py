"""The stand-in of ArangoDB in a process of its own, which answers a request that it has seen before from memory.

So the first load fills it, and the ones that are timed meet a server that costs next to nothing.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from tests.standins.arango import ArangoStandIn, User, load_dump
from tests.standins.arango.dispatch import Delivery, Dispatcher
from tests.standins.arango.wire import Request

DATABASE, USER, PASSWORD = "market", "root", "benchmark"


class _Replaying(Dispatcher):
    """Answers from memory what was asked before; cursors may only be read with `allowRetry`, by number of batch."""

    _seen: dict[tuple[str, str, bytes], Delivery] = {}  # noqa: RUF012 - one server in this process

    def answer(self, request: Request) -> Delivery:
        key = (request.method, request.target, request.body)
        if key not in self._seen:
            self._seen[key] = super().answer(request)
        return self._seen[key]


class _ReplayingStandIn(ArangoStandIn):
    dispatcher_type = _Replaying


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """The URL of a server with the content of a dump folder."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(folder, theirs), daemon=True)
    process.start()
    yield ours.recv()
    ours.send(None)
    process.join()


def _run(folder: Path, pipe: Connection) -> None:
    with _ReplayingStandIn({DATABASE: load_dump(folder)}, {USER: User(PASSWORD)}) as server:
        pipe.send(server.url)
        pipe.recv()
