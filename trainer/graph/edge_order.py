"""The canonical order of edges: by target, source and weight, in whatever order a source delivered them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class EdgeOrder:
    """Collects edges between numbered vertices and sorts them.

    An edge is one integer, its target in the upper bits: half the memory, and one sort.
    """

    def __init__(self, num_vertices: int) -> None:
        """Start without edges."""
        self._bits = max(1, num_vertices - 1).bit_length()
        self._codes: list[NDArray[np.int64]] = []
        self._weights: list[NDArray[np.float32]] = []

    def append(
        self, sources: NDArray[np.int64], targets: NDArray[np.int64], weights: NDArray[np.float32] | None = None
    ) -> None:
        """Append edges, all with weights or all without."""
        self._codes.append(targets << self._bits | sources)
        if weights is not None:
            self._weights.append(weights)

    def finish(self, *, with_weight: bool) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
        """The edges [2, n] by target, source and weight, and the weights [n]; frees what was collected."""
        codes = np.concatenate([np.empty(0, dtype=np.int64), *self._codes])
        self._codes.clear()
        codes, weight = sort_edges(codes, np.concatenate(self._weights) if with_weight else None)
        self._weights.clear()
        return np.stack([codes & ((1 << self._bits) - 1), codes >> self._bits]), weight


def sort_edges(
    codes: NDArray[np.int64], weight: NDArray[np.float32] | None
) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
    """Edges in order of their codes, equal ones in order of weight; the arguments may be overwritten."""
    if weight is None:
        codes.sort()
        return codes, None
    order = np.argsort(codes, kind="stable")
    codes, weight = codes[order], weight[order]
    same = codes[1:] == codes[:-1]
    repeated = np.flatnonzero(np.append(same, False) | np.append(False, same))  # few edges are
    weight[repeated] = weight[repeated][np.lexsort((weight[repeated], codes[repeated]))]
    return codes, weight
