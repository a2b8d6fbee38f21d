"""A few tasks at once, in threads that never keep the process from ending."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

_MAX_THREADS = 4
_TICK_S = 0.1
_FAREWELL_S = 1.0


def side_by_side(tasks: Sequence[Callable[[], T]], abandoned: threading.Event, tick: Callable[[], None]) -> list[T]:
    """Run tasks, at most four at once; their results in the order of the tasks.

    Args:
        tasks: what to run; each should look at `abandoned` now and then.
        abandoned: set when one of them or `tick` raises; the others then have a second to take their leave.
        tick: called ten times a second by the calling thread.

    Raises:
        BaseException: the first that a task or `tick` raised.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for place in range(len(tasks)):
        waiting.put(place)
    done: queue.SimpleQueue[tuple[int, T | None, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        while not abandoned.is_set():
            try:
                place = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((place, tasks[place](), None))
            except BaseException as error:
                done.put((place, None, error))

    num_threads = min(_MAX_THREADS, len(tasks))
    threads = [threading.Thread(target=work, name=f"arango-{n}", daemon=True) for n in range(num_threads)]
    for thread in threads:
        thread.start()
    try:
        return _collect(len(tasks), done, tick)
    except BaseException:
        abandoned.set()
        deadline = time.monotonic() + _FAREWELL_S
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        raise


def _collect(
    num_tasks: int, done: queue.SimpleQueue[tuple[int, T | None, BaseException | None]], tick: Callable[[], None]
) -> list[T]:
    results: dict[int, T] = {}
    while len(results) < num_tasks:
        try:
            place, result, error = done.get(timeout=_TICK_S)
        except queue.Empty:
            tick()
            continue
        if error is not None:
            raise error
        results[place] = result  # type: ignore[assignment]
    tick()
    return [results[place] for place in range(num_tasks)]
