"""Any value as bytes for another rank: a small description, and its arrays as they lie in memory."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

PIECE_BYTES = 1 << 26
"""What travels in one go, so that a time-out is about a piece of this size however large an array is."""

Bytes = NDArray[np.uint8]


def pack(value: Any) -> tuple[Bytes, list[Bytes]]:
    """The description, and the memory of each array of the value, not copied."""
    buffers: list[pickle.PickleBuffer] = []
    description = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    return np.frombuffer(description, np.uint8), [np.frombuffer(buffer.raw(), np.uint8) for buffer in buffers]


def unpack(description: Bytes, buffers: list[Bytes]) -> Any:
    """The value again, on the memory of `buffers`. It comes from a rank of this run, which runs the same program."""
    return pickle.loads(description.tobytes(), buffers=buffers)  # noqa: S301


def pieces(array: Bytes) -> Iterator[Bytes]:
    """The array in views of at most `PIECE_BYTES`."""
    for begin in range(0, len(array), PIECE_BYTES):
        yield array[begin : begin + PIECE_BYTES]
