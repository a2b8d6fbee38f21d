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
        items: whatever they use, such as a random generator, belongs to the thread until the last item is out.
        joined: whether closing waits for the thread. Otherwise nobody waits, for the item may be an answer that
            never comes.
    """
    free_slots = threading.Semaphore(1)
    results: SimpleQueue[tuple[list[T], BaseException | None]] = SimpleQueue()
    closed = threading.Event()

    def work() -> None:
        try:
            with closing(items):
                free_slots.acquire()
                for item in items:
                    results.put(([item], None))
                    free_slots.acquire()
                    if closed.is_set():
                        return
        except BaseException as error:
            results.put(([], error))
        else:
            results.put(([], None))

    thread = threading.Thread(target=work, name="prefetch", daemon=True)
    thread.start()
    try:
        while True:
            item, error = results.get()
            if error is not None:
                raise error
            if not item:
                return
            free_slots.release()
            yield item.pop()
    finally:
        closed.set()
        free_slots.release()
        if joined:
            thread.join()
