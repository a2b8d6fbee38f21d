"""From document handles to rows, for millions of edge ends at once.

A hash table with open addressing and linear probing, built and searched in whole arrays: each round probes one
more slot for the handles that have met neither their vertex nor an empty slot. Handles are compared byte by
byte, so that hash collisions cost time and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.graph.building.texts import WORD, Texts
from trainer.graph.graph import VertexTable

_MIX = np.uint64(0x9E37_79B9_7F4A_7C15)
_HALF = np.uint64(32)
_EMPTY = -1
_MIN_SLOTS = 8


def hash_words(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A hash of each row of words, good in its upper bits."""
    mixed = np.zeros(len(words), dtype=np.uint64)
    for column in range(words.shape[1]):
        mixed ^= words[:, column]
        mixed *= _MIX
        mixed ^= mixed >> _HALF
    mixed *= _MIX
    return mixed


def hash_texts(texts: Texts) -> NDArray[np.uint64]:
    """A hash of each text, the same in whatever company; different texts of up to 8 bytes never share one."""
    width = -(-int(texts.lengths.max(initial=1)) // WORD)
    words = texts.words(width)
    mixed = hash_words(words[:, :1])
    for column in range(1, width):
        longer = np.flatnonzero(texts.lengths > WORD * column)
        mixed[longer] = hash_words((mixed[longer] ^ words[longer, column])[:, np.newaxis])
    return mixed


class VertexIndex:
    """Finds the vertex that a document handle (`collection/key`) names."""

    def __init__(self, tables: Sequence[VertexTable]) -> None:
        """Index these tables."""
        self.tables = list(tables)
        self._starts = np.cumsum([0, *map(len, tables)])
        prefixes = [f"{table.name}/".encode() for table in tables]
        widths = [len(prefix) + table.keys.dtype.itemsize for prefix, table in zip(prefixes, tables, strict=True)]
        self._max_length = max(widths, default=0)
        self._width = -(-self._max_length // WORD) or 1
        self._words = np.empty((int(self._starts[-1]), self._width), dtype=np.uint64)
        for start, prefix, table in zip(self._starts, prefixes, tables, strict=False):
            self._words[start : start + len(table)] = _handles(prefix, table.keys, self._width)
        self._rows = self._words.view(f"V{WORD * self._width}").ravel()
        bits = max(_MIN_SLOTS, 2 * len(self._words)).bit_length()
        self._shift = np.uint64(64 - bits)
        self._slots = np.full(1 << bits, _EMPTY, dtype=np.int32)
        self._fill()

    def __len__(self) -> int:
        """Number of vertices."""
        return len(self._words)

    def numbers(self, handles: Texts) -> NDArray[np.int64]:
        """Running numbers over all tables, -1 where there is no such vertex."""
        pending: NDArray[np.int64] | None = None
        if not len(self):
            return np.full(len(handles), -1, dtype=np.int64)
        words = handles.words(self._width)
        slots = self._first_slots(words)
        numbers, unsettled = self._probe(slots, words)
        while len(unsettled):
            words, slots = words[unsettled], self._next(slots[unsettled])
            pending = unsettled if pending is None else pending[unsettled]
            numbers[pending], unsettled = self._probe(slots, words)
        # Of these only the beginning was compared.
        numbers[handles.lengths > self._max_length] = -1
        return numbers

    def _probe(
        self, slots: NDArray[np.int64], words: NDArray[np.uint64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The vertices in these slots where they have these words, else -1; and which handles need another slot."""
        vertices = self._slots[slots]
        stored = self._rows[vertices].view(np.uint64).reshape(words.shape)
        same = vertices != _EMPTY
        for column in range(self._width):
            same &= stored[:, column] == words[:, column]
        numbers = np.where(same, vertices, np.int64(-1))
        return numbers, np.flatnonzero((numbers < 0) & (vertices != _EMPTY))

    def locate(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The index of each vertex's table, and its row in it."""
        table = np.searchsorted(self._starts, numbers, side="right") - 1
        return table, numbers - self._starts[table]

    def _fill(self) -> None:
        """Give every vertex the first free slot from its own on; of several that claim one at once, one gets it."""
        pending = np.arange(len(self._words), dtype=np.int32)
        slots = self._first_slots(self._words)
        while len(pending):
            free = self._slots[slots] == _EMPTY
            self._slots[slots[free]] = pending[free]
            unsettled = np.flatnonzero(self._slots[slots] != pending)
            pending, slots = pending[unsettled], self._next(slots[unsettled])

    def _first_slots(self, words: NDArray[np.uint64]) -> NDArray[np.int64]:
        return (hash_words(words) >> self._shift).astype(np.int64)

    def _next(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        return (slots + 1) & (len(self._slots) - 1)


def _handles(prefix: bytes, keys: NDArray[np.bytes_], width: int) -> NDArray[np.uint64]:
    """The words of `prefix` + key."""
    handles = np.zeros((len(keys), WORD * width), dtype=np.uint8)
    handles[:, : len(prefix)] = np.frombuffer(prefix, dtype=np.uint8)
    key_bytes = np.ascontiguousarray(keys).view(np.uint8).reshape(len(keys), keys.dtype.itemsize)
    handles[:, len(prefix) : len(prefix) + keys.dtype.itemsize] = key_bytes
    return handles.view(np.uint64)
