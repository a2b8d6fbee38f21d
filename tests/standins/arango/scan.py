"""The order in which a collection's documents come: never that of insertion, and another one at each scan."""

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import overload

from .values import Document


class Turned(Sequence[Document]):
    """A list read from somewhere in its middle, around the end: an order of its own without a copy."""

    def __init__(self, documents: list[Document], start: int) -> None:
        """Read `documents` from `start`."""
        self._documents = documents
        self._start = start

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self._documents)

    def __iter__(self) -> Iterator[Document]:
        """Yield every document once."""
        return chain(islice(self._documents, self._start, None), islice(self._documents, self._start))

    @overload
    def __getitem__(self, at: int) -> Document: ...

    @overload
    def __getitem__(self, at: slice) -> list[Document]: ...

    def __getitem__(self, at: int | slice) -> Document | list[Document]:
        """Return one document or a slice of them."""
        if isinstance(at, int):
            return self._documents[(range(len(self))[at] + self._start) % len(self)]
        begin, end, step = at.indices(len(self))
        if step != 1:
            return [self[index] for index in range(begin, end, step)]
        begin, end = begin + self._start, max(begin, end) + self._start
        size = len(self)
        return self._documents[begin:end] + self._documents[max(0, begin - size) : max(0, end - size)]


def shuffled(documents: Iterable[Document], seed: str) -> list[Document]:
    """Return the documents in an order drawn from a seed."""
    order = list(documents)
    random.Random(seed).shuffle(order)
    return order


def turned(order: list[Document], inserted: Collection[Document], num_scans: int) -> Sequence[Document]:
    """Return the order of one scan.

    Args:
        order: The shuffled documents.
        inserted: The same documents in insertion order, which is avoided from two documents on.
        num_scans: How many scans there were before; each starts somewhere else.
    """
    step = max(1, len(order) * 3 // 8)
    for attempt in range(len(order)):
        candidate = Turned(order, (num_scans * step + attempt) % len(order))
        if any(a is not b for a, b in zip(candidate, inserted, strict=True)):
            return candidate
    return order
