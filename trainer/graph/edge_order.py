"""The canonical order of edges: by target, source and weight, in whatever order a source delivered them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sort_edges(
    pairs: NDArray[np.int64], weight: NDArray[np.float32] | None, num_sources: int
) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
    """Edges [2, n] ordered by target, then source, then weight: neighbours of a vertex stand side by side."""
    width = np.int64(max(num_sources, 1))
    codes = pairs[1] * width + pairs[0]
    if weight is not None:
        order = np.argsort(codes, kind="stable")
        codes = codes[order]
        weight = weight[_by_weight_among_equals(order, codes, weight)]
    else:
        codes.sort()
    targets, sources = np.divmod(codes, width)
    return np.stack([sources, targets]), weight


def _by_weight_among_equals(
    order: NDArray[np.int64], codes: NDArray[np.int64], weight: NDArray[np.float32]
) -> NDArray[np.int64]:
    """`order`, with the edges of equal ends sorted by weight; few edges are such, so only those are sorted again."""
    same = codes[1:] == codes[:-1]
    equals = np.flatnonzero(np.append(same, False) | np.append(False, same))
    order[equals] = order[equals][np.lexsort((weight[order[equals]], codes[equals]))]
    return order
