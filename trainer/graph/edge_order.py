"""The canonical order of edges: by target, source and weight, in whatever order a source delivered them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def sort_edges(
    codes: NDArray[np.int64], weight: NDArray[np.float32] | None
) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
    """Edges by code (`target << bits | source`), equal ones by weight; the arguments may be overwritten."""
    if weight is None:
        codes.sort()
        return codes, None
    order = np.argsort(codes, kind="stable")
    codes, weight = codes[order], weight[order]
    same = codes[1:] == codes[:-1]
    repeated = np.flatnonzero(np.append(same, False) | np.append(False, same))  # few edges are
    weight[repeated] = weight[repeated][np.lexsort((weight[repeated], codes[repeated]))]
    return codes, weight
