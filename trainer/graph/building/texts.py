"""Many short texts as slices of one buffer, without a Python object for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

WORD = 8
"""Bytes that are handled at once."""


@dataclass(frozen=True)
class Texts:
    """UTF-8 texts: `lengths` bytes of `buffer` from `starts` on; both are int64 of shape [texts]."""

    buffer: bytes
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of texts."""
        return len(self.starts)

    def __getitem__(self, index: int) -> bytes:
        """One text."""
        start = int(self.starts[index])
        return self.buffer[start : start + int(self.lengths[index])]

    @staticmethod
    def of(texts: Sequence[str]) -> Texts:
        """Texts out of Python objects."""
        joined = "".join(texts)
        buffer = joined.encode()
        sizes = map(len, texts) if len(buffer) == len(joined) else (len(text.encode()) for text in texts)
        ends = np.cumsum(np.fromiter(sizes, dtype=np.int64, count=len(texts)))
        lengths = np.diff(ends, prepend=0)
        return Texts(buffer, ends - lengths, lengths)

    def words(self, width: int) -> NDArray[np.uint64]:
        """The first `8 * width` bytes of each text, filled up with zeros, as words of shape [texts, width]."""
        size = WORD * width
        # Slices near the end reach beyond it; equal sizes make one item of each, which numpy copies at once.
        slices: NDArray[np.void] = np.ndarray((len(self.buffer) + 1,), f"V{size}", self.buffer + bytes(size), 0, (1,))
        words = slices[self.starts].view(np.uint64)
        words &= _masks(width)[np.minimum(self.lengths, size)].view(np.uint64)
        return words.reshape(len(self), width)


@lru_cache
def _masks(width: int) -> NDArray[np.void]:
    """For each length in bytes the words that keep so many of them, one item of `width` words per length."""
    size = WORD * width
    kept = np.arange(size) < np.arange(size + 1)[:, np.newaxis]
    return np.where(kept, np.uint8(255), np.uint8(0)).view(f"V{size}").ravel()
