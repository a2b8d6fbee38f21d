"""The vertices of one type as arrays: what a model sees of them, and their document handles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.features.feature import Feature
from trainer.dataset.time.axis import TimeAxis


@dataclass(frozen=True)
class VertexSet:
    """The vertices of one type: those of one collection, or of several that hold the same entity.

    Attributes:
        name: the type.
        collections: the vertex collections, sorted by name.
        keys: UTF-8 bytes of shape [vertices], sorted; equal keys in order of their collections.
        collection: int32 of shape [vertices], an index into `collections`.
        x: float32 of shape [vertices, channels]; no channels where the type has no features.
        features: how the columns of `x` come about, in order.
        time: the time of each vertex, where there is one.
    """

    name: str
    collections: tuple[str, ...]
    keys: NDArray[np.bytes_]
    collection: NDArray[np.int32]
    x: NDArray[np.float32]
    features: list[Feature]
    time: TimeAxis | None

    def __len__(self) -> int:
        """Number of vertices."""
        return len(self.keys)

    def ids(self) -> list[str]:
        """The document handle of each row, as in `_id`: `collection/key`."""
        names = self.collections
        pairs = zip(self.collection.tolist(), self.keys.tolist(), strict=True)
        return [f"{names[index]}/{key.decode()}" for index, key in pairs]
