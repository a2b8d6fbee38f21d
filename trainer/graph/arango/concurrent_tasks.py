"""A few tasks at once, in daemon threads, so that a stuck one never keeps the process from ending."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from trainer.graph.arango import patience

T = TypeVar("T")

_MAX_THREADS = 4


def run_concurrently(tasks: Sequence[Callable[[], T]], abandoned: threading.Event, tick: Callable[[], None]) -> list[T]:
    """Run tasks, at most four at once; their results in the order of the tasks.

    Args:
        tasks: what to run; each should check `abandoned` now and then.
        abandoned: set when one of them or `tick` raises; the others then have a second to clean up.
        tick: called ten times a second by the calling thread.

    Raises:
        BaseException: the first that a task or `tick` raised.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index in range(len(tasks)):
        waiting.put(index)
    results: dict[int, T] = {}
    errors: list[BaseException] = []

    def work() -> None:
        with suppress(queue.Empty):
            while not abandoned.is_set():
                index = waiting.get_nowait()
                try:
                    results[index] = tasks[index]()
                except BaseException as error:
                    errors.append(error)
                    return

    num_threads = min(_MAX_THREADS, len(tasks))
    threads = [threading.Thread(target=work, name=f"arango-{n}", daemon=True) for n in range(num_threads)]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive() and not errors:
                thread.join(patience.TICK_S)
                tick()
        if errors:
            raise errors[0]
        tick()
    except BaseException:
        abandoned.set()
        deadline = time.monotonic() + patience.GRACE_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        raise
    return [results[index] for index in range(len(tasks))]
