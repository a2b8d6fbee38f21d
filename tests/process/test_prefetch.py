"""Items made one ahead: nothing else than the time may differ from the plain loop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.waits import LONG_S
from trainer.process.prefetch import prefetch

both_ways = pytest.mark.parametrize("joined", [False, True], ids=["left alone", "joined"])


@pytest.fixture
def new_threads() -> Callable[[], int]:
    """How many threads there are that were not there when the test began."""
    before = set(threading.enumerate())
    return lambda: len(set(threading.enumerate()) - before)


@given(st.lists(st.one_of(st.none(), st.integers())), st.booleans())
def test_items_and_order_are_those_of_the_plain_loop(items: list[int | None], joined: bool) -> None:
    """Nothing is lost, doubled or moved; None and falsy items are items as well."""
    assert list(prefetch((item for item in items), joined=joined)) == items


def test_random_numbers_are_those_of_the_plain_loop() -> None:
    """A generator that only the items use is asked in the same order."""
    early, plain = np.random.default_rng(3), np.random.default_rng(3)
    assert list(prefetch(early.random() for _ in range(9))) == [plain.random() for _ in range(9)]


@both_ways
def test_next_item_is_made_meanwhile(joined: bool) -> None:
    """While the caller holds the first item the second is made, and no third one."""
    made = [threading.Event() for _ in range(3)]

    def items() -> Generator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    items_ahead = prefetch(items(), joined=joined)
    assert next(items_ahead) == 0
    assert made[1].wait(timeout=LONG_S)
    assert not made[2].wait(timeout=0.1)
    assert list(items_ahead) == [1, 2]


@both_ways
def test_error_comes_in_its_place(joined: bool) -> None:
    """What goes wrong while an item is made is raised after the items before it, with its own type and words."""

    def items() -> Generator[int]:
        yield 1
        yield 2
        raise OSError("broken")

    items_ahead = prefetch(items(), joined=joined)
    assert [next(items_ahead), next(items_ahead)] == [1, 2]
    with pytest.raises(OSError, match="broken"):
        next(items_ahead)


def test_early_end_closes_the_items() -> None:
    """A caller that goes away early leaves nothing open behind, though it does not wait."""
    closed = threading.Event()

    def items() -> Generator[int]:
        try:
            yield from range(100)
        finally:
            closed.set()

    with closing(prefetch(items())) as items_ahead:
        next(items_ahead)
    assert closed.wait(LONG_S)


def test_joined_thread_ends_with_the_items(new_threads: Callable[[], int]) -> None:
    """Nothing stays behind an epoch."""
    items_ahead = prefetch((number for number in range(3)), joined=True)
    next(items_ahead)
    assert new_threads() == 1
    list(items_ahead)
    assert new_threads() == 0


def test_joined_thread_ends_when_the_loop_is_left(new_threads: Callable[[], int]) -> None:
    """Who breaks out of the loop leaves no thread at work, and `finally` in the items is reached."""
    ended = []

    def items() -> Generator[int]:
        try:
            yield from range(1000)
        finally:
            ended.append(True)

    with closing(prefetch(items(), joined=True)) as items_ahead:
        for item in items_ahead:
            if item == 2:
                break
    assert ended == [True]
    assert new_threads() == 0


def test_joined_thread_ends_with_an_error_of_the_loop(new_threads: Callable[[], int]) -> None:
    """A stop request raised amid a batch is one."""

    def use() -> None:
        with closing(prefetch((number for number in range(1000)), joined=True)) as items_ahead:
            for item in items_ahead:
                raise RuntimeError(f"stopped at {item}")

    with pytest.raises(RuntimeError, match="stopped at 0"):
        use()
    assert new_threads() == 0
