"""Tasks side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from trainer.graph.arango.side_by_side import side_by_side


def _nothing() -> None:
    pass


def test_four_tasks_run_at_once_and_no_more() -> None:
    """Four tasks meet each other, a fifth waits; results keep the order of the tasks."""
    meeting = threading.Barrier(4, timeout=10)
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

    assert side_by_side([task(number) for number in range(8)], threading.Event(), _nothing) == list(range(8))
    assert max(most) == 4


def test_error_of_a_task_abandons_the_others() -> None:
    """The first error comes out, and the other tasks are told."""
    abandoned = threading.Event()
    told: list[bool] = []

    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        side_by_side([lambda: told.append(abandoned.wait(5)), fail], abandoned, _nothing)
    assert told == [True]


def test_task_that_does_not_listen_is_left_behind() -> None:
    """A task that is stuck holds nobody up for more than a moment."""
    release = threading.Event()

    def tick() -> None:
        raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        side_by_side([lambda: release.wait(30)], threading.Event(), tick)
    assert time.monotonic() - start < 15
    release.set()
