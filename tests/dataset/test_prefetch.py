"""Items prepared one ahead: nothing else than the time may differ from the plain loop."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.dataset.prefetch import prefetch


@given(st.lists(st.one_of(st.none(), st.integers())))
def test_items_and_order_are_those_of_the_plain_loop(items: list[int | None]) -> None:
    """None and falsy items are items as well."""
    assert list(prefetch(items)) == items


def test_random_numbers_are_those_of_the_plain_loop() -> None:
    """A generator that only the items use is asked in the same order."""
    ahead, plain = np.random.default_rng(3), np.random.default_rng(3)
    assert list(prefetch(ahead.random() for _ in range(9))) == [plain.random() for _ in range(9)]


def test_the_next_item_is_prepared_while_the_current_one_is_used() -> None:
    """The second item is there although nobody has asked for it, the third is not begun."""
    prepared = [threading.Event() for _ in range(3)]

    def items() -> Iterator[int]:
        for place, event in enumerate(prepared):
            event.set()
            yield place

    loop = prefetch(items())
    assert next(loop) == 0
    assert prepared[1].wait(timeout=10)
    assert not prepared[2].wait(timeout=0.1)
    assert list(loop) == [1, 2]


def test_an_error_comes_where_the_plain_loop_has_it() -> None:
    """After the items before it, with its own type and words."""

    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("no third item")

    seen = []

    def use() -> None:
        for item in prefetch(items()):
            seen.append(item)  # noqa: PERF402  # the error comes amid the loop

    with pytest.raises(ValueError, match="no third item"):
        use()
    assert seen == [1, 2]


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("prefetch")]


def test_its_thread_ends_with_the_items() -> None:
    """Nothing stays behind an epoch."""
    loop = prefetch(range(3))
    next(loop)
    assert len(_threads()) == 1
    list(loop)
    assert _threads() == []


def test_stopping_early_ends_the_thread_and_the_items() -> None:
    """Who breaks out of the loop leaves no thread at work, and `finally` in the items is reached."""
    ended = []

    def items() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            ended.append(True)

    for item in prefetch(items()):
        if item == 2:
            break
    assert ended == [True]
    assert _threads() == []


def test_an_error_of_the_user_ends_the_thread() -> None:
    """A stop request raised amid a batch is one."""
    loop = prefetch(range(1000))

    def use() -> None:
        for item in loop:
            raise RuntimeError(f"stopped at {item}")

    with pytest.raises(RuntimeError, match="stopped at 0"):
        use()
    loop.close()
    assert _threads() == []


def test_no_items_need_no_thread() -> None:
    """An empty epoch is an empty loop."""
    assert list(prefetch(())) == []
    assert _threads() == []
