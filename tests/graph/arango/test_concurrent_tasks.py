"""Tasks that run concurrently, in daemon threads."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import pytest

from tests.waits import FOREVER_S, LONG_S
from trainer.graph.arango.concurrent_tasks import run_concurrently


def _nothing() -> None:
    pass


def test_four_tasks_run_at_once_and_no_more() -> None:
    """Four tasks meet each other, a fifth waits; results keep the order of the tasks."""
    meeting = threading.Barrier(4, timeout=LONG_S)
    running: list[int] = []
    most: list[int] = []

    def task(number: int) -> Callable[[], int]:
        def run() -> int:
            running.append(number)
            most.append(len(running))
            meeting.wait()
            running.remove(number)
            return number

        return run

    assert run_concurrently([task(number) for number in range(8)], threading.Event(), _nothing) == list(range(8))
    assert max(most) == 4


def test_error_of_a_task_abandons_the_others() -> None:
    """The first error comes out, and the other tasks see the event."""
    abandoned = threading.Event()
    seen: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        run_concurrently([lambda: seen.put(abandoned.wait(LONG_S)), fail], abandoned, _nothing)
    assert seen.get(timeout=LONG_S)


def test_stuck_task_is_left_behind() -> None:
    """A task that is stuck holds nobody up for more than a moment."""
    release = threading.Event()

    def tick() -> None:
        raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            run_concurrently([lambda: release.wait(FOREVER_S)], threading.Event(), tick)
    finally:
        release.set()
