"""Which vertices are whose: contiguous ranges over time, then key, with about the same work for each rank.

Edges mostly lead to what is near in time, so that few of them lead from one range to another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bounds = NDArray[np.int64]
"""Where the range of each rank begins, and where the last one ends: shape [ranks + 1]."""


@dataclass(frozen=True)
class Ranges:
    """The vertices of one type in the order in which they are shared out, and where the ranges begin.

    Attributes:
        row_at: the row of the dataset at each place of the order, int64 [vertices]; None where places are rows.
        bounds: in places.
    """

    row_at: NDArray[np.int64] | None
    bounds: Bounds

    def rows(self, rank: int) -> NDArray[np.int64]:
        """The rows of a rank, in the order of its range."""
        begin, end = self.bounds[rank : rank + 2].tolist()
        return np.arange(begin, end) if self.row_at is None else self.row_at[begin:end]

    def places(self) -> NDArray[np.int64] | None:
        """The place of each row; None where places are rows."""
        if self.row_at is None:
            return None
        places = np.empty_like(self.row_at)
        places[self.row_at] = np.arange(len(places))
        return places


def order(time: NDArray[np.generic] | None, group: NDArray[np.integer] | None) -> NDArray[np.int64] | None:
    """Rows by group, then time, then row; None where they are in this order as they are.

    Args:
        time: of each row, shape [vertices]; None without one.
        group: what no edge connects, such as the graph of each row; None where there is one.
    """
    keys = [key for key in (time, group) if key is not None]
    if not keys:
        return None
    rows = np.lexsort(keys).astype(np.int64)
    return None if (rows[1:] > rows[:-1]).all() else rows


def cut(work: NDArray[np.int64], size: int) -> Bounds:
    """Ranges of about the same work.

    Args:
        work: of each place, above 0.
        size: how many ranges; some are empty where there are fewer places.
    """
    until = np.cumsum(work)
    total = int(until[-1]) if len(until) else 0
    # a place belongs to the range in which the middle of its work lies
    twice_middle = 2 * until - work
    inner = np.searchsorted(twice_middle, [2 * total * rank / size for rank in range(1, size)])
    return np.concatenate([[0], inner, [len(work)]]).astype(np.int64)
