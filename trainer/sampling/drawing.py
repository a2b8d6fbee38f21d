"""Distinct random indices into many rows at once, so that sampling costs no loop over vertices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def draw_distinct(lengths: NDArray[np.int64], size: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """`size` different indices below each length, every set of indices equally likely; shape [lengths, size].

    Floyd's algorithm (Bentley, Floyd: A sample of brilliance, 1987), for all rows side by side: draw number j of a row
    comes from the first `length - size + j + 1` indices, and one that the row already has stands for the last of these,
    which no earlier draw could reach. It needs one random number per index and never draws again; its comparisons grow
    with the square of `size`, which is small.

    Args:
        lengths: shape [rows], each at least `size`.
        size: how many indices of each row.
        rng: where the random numbers come from.
    """
    short = lengths.astype(np.int32)  # twice as fast, and no row of 2^31 edges fits in memory
    drawn = np.empty((size, len(short)), dtype=np.int32)
    random = rng.random((size, len(short)))
    for step in range(size):
        last = short - (size - step)
        index = (random[step] * (last + 1)).astype(np.int32)
        taken = (drawn[:step] == index).any(axis=0)
        drawn[step] = np.where(taken, last, index)
    return drawn.T
