"""The next item is made while the current one is worked on: network and disk need not wait for the processor."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Generator[T], depth: int = 1) -> Generator[T]:
    """The same items, made in a thread that is at most `depth` of them ahead.

    What `items` raises is raised here, in its place. When this generator is closed early, the thread closes
    `items` as soon as the item that it is at is made; nobody waits for that.
    """
    room = threading.Semaphore(depth)
    made: SimpleQueue[tuple[list[T], BaseException | None]] = SimpleQueue()
    given_up = threading.Event()

    def work() -> None:
        try:
            with closing(items):
                room.acquire()
                for item in items:
                    made.put(([item], None))
                    room.acquire()
                    if given_up.is_set():
                        return
        except BaseException as error:
            made.put(([], error))
        else:
            made.put(([], None))

    threading.Thread(target=work, name="read-ahead", daemon=True).start()
    try:
        while True:
            item, error = made.get()
            if error is not None:
                raise error
            if not item:
                return
            room.release()
            yield item.pop()
    finally:
        given_up.set()
        room.release()
