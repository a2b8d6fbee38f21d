"""The next batch is drawn while the current one trains: NumPy and torch both let go of the interpreter's lock."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")
_END: Final = object()


def prefetch(items: Iterable[T]) -> Generator[T, None, None]:
    """The same items in the same order, one of them prepared ahead in a thread of its own.

    Whatever draws on `items` changes, such as a random generator, belongs to that thread until the last item is out.
    An error of `items` is raised where the loop would have met it. Who stops early closes the generator (leaving the
    only reference behind does), which waits for the item in preparation, so that the thread is gone thereafter.
    """
    iterator = iter(items)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="prefetch") as thread:
        upcoming = thread.submit(next, iterator, _END)
        while (item := upcoming.result()) is not _END:
            upcoming = thread.submit(next, iterator, _END)
            yield item  # type: ignore[misc]  # the sentinel has been told apart
