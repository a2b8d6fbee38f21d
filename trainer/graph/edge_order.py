"""The canonical order of edges: by target, source and weight, in whatever order a source delivered them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class EdgeOrder:
    """Collects edges between numbered vertices and puts them into order.

    An edge is one integer, its target in the upper bits: half the memory, and sorted at once.
    """

    def __init__(self, num_vertices: int) -> None:
        """Start without edges."""
        self._bits = max(1, num_vertices - 1).bit_length()
        self._codes: list[NDArray[np.int64]] = []
        self._weights: list[NDArray[np.float32]] = []

    def append(
        self, sources: NDArray[np.int64], targets: NDArray[np.int64], weights: NDArray[np.float32] | None = None
    ) -> None:
        """Append edges, all of them with weights or none."""
        self._codes.append(targets << self._bits | sources)
        if weights is not None:
            self._weights.append(weights)

    def finish(self, *, with_weight: bool) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
        """The edges [2, n] ordered by target, source and weight, and the weights; what was collected is forgotten."""
        codes = np.concatenate([np.empty(0, dtype=np.int64), *self._codes])
        self._codes.clear()
        weight = None
        if with_weight:
            weight = np.concatenate(self._weights)
            order = np.argsort(codes, kind="stable")
            codes = codes[order]
            _sort_equals(order, codes, weight)
            weight = weight[order]
        else:
            codes.sort()
        self._weights.clear()
        return np.stack([codes & ((1 << self._bits) - 1), codes >> self._bits]), weight


def _sort_equals(order: NDArray[np.int64], codes: NDArray[np.int64], weight: NDArray[np.float32]) -> None:
    """Put edges of equal ends into order of weight; few edges are such, so only those are sorted again."""
    same = codes[1:] == codes[:-1]
    equals = np.flatnonzero(np.append(same, False) | np.append(False, same))
    order[equals] = order[equals][np.lexsort((weight[order[equals]], codes[equals]))]
