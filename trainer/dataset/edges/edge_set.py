"""The edges of one relation between two vertex types as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.graph.edge_type import EdgeType


@dataclass(frozen=True)
class EdgeSet:
    """The edges of one relation.

    Attributes:
        collections: the edge collections, sorted by name.
        index: int64 of shape [2, edges], rows of the source type and of the target type, ordered by target, then source.
        weight: float32 of shape [edges]; None without EDGE_WEIGHT or where no edge of the relation has it.
        reverse_of: the stored relation whose reverse this is, None for a stored one.
        from_future: number of stored edges whose source is later than its target.
        dropped: number of stored edges that MESSAGES=causal left out.
    """

    collections: tuple[str, ...]
    index: NDArray[np.int64]
    weight: NDArray[np.float32] | None = None
    reverse_of: EdgeType | None = None
    from_future: int = 0
    dropped: int = 0

    def __len__(self) -> int:
        """Number of edges that carry messages."""
        return int(self.index.shape[1])


def show_relation(edge_type: EdgeType) -> str:
    """A relation in a sentence."""
    source, name, target = edge_type
    return f"{name} ({source} to {target})"
