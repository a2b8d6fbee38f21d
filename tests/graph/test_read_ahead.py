"""Items that are made while others are worked on."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing

import pytest

from trainer.graph.read_ahead import ahead


def test_items_come_in_order() -> None:
    """Nothing is lost, doubled or moved."""
    assert list(ahead(number for number in range(1000))) == list(range(1000))


def test_next_item_is_made_meanwhile() -> None:
    """While the caller holds the first item the second is made, and no third one."""
    making = threading.Semaphore(0)

    def items() -> Generator[int]:
        for number in range(4):
            making.release()
            yield number

    with closing(ahead(items())) as found:
        assert next(found) == 0
        assert making.acquire(timeout=10)
        assert making.acquire(timeout=10)
        assert not making.acquire(timeout=0.1)


def test_error_comes_in_its_place() -> None:
    """What goes wrong while an item is made is raised after the items before it."""

    def items() -> Generator[int]:
        yield 1
        raise OSError("broken")

    found = ahead(items())
    assert next(found) == 1
    with pytest.raises(OSError, match="broken"):
        next(found)


def test_early_end_closes_the_items() -> None:
    """A caller that goes away early leaves nothing open behind."""
    closed = threading.Event()

    def items() -> Generator[int]:
        try:
            yield from range(100)
        finally:
            closed.set()

    with closing(ahead(items())) as found:
        next(found)
    assert closed.wait(10)
