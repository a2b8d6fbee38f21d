"""The next item is made while the current one is worked on: network, disk, NumPy and torch need not wait for each other."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


def prefetch(items: Generator[T], *, joined: bool = False) -> Generator[T]:
    """The same items in the same order, made in a thread that is at most one of them ahead.

    What `items` raises is raised here, in its place. When this generator is closed early, the thread closes `items`
    as soon as the item that it is at is made.

    Args:
        items: whatever they draw on, such as a random generator, belongs to the thread until the last one is out.
        joined: whether closing waits for the thread. Otherwise nobody waits, for the item may be an answer that
            never comes.
    """
    room = threading.Semaphore(1)
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

    thread = threading.Thread(target=work, name="ahead", daemon=True)
    thread.start()
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
        if joined:
            thread.join()
