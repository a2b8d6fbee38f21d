"""Which training a checkpoint belongs to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from trainer.dataset.dataset import Dataset

MAY_CHANGE = frozenset({"epochs", "graph_path"})
"""Settings that may change between two runs: more epochs, and another folder with the same graph."""


def fingerprint(dataset: Dataset, learning: Mapping[str, Any]) -> str:
    """Equal for runs that learn the same from the same data, different otherwise; EPOCHS may be raised.

    Args:
        dataset: what is learned from.
        learning: the settings that decide what is learned, as plain values.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(orjson.dumps({name: value for name, value in learning.items() if name not in MAY_CHANGE}))
    digest.update(orjson.dumps(dataset.schema.describe()))
    for array in _arrays(dataset):
        digest.update(str((array.shape, array.dtype)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _arrays(dataset: Dataset) -> Iterator[NDArray[Any]]:
    inputs = dataset.inputs
    yield dataset.y
    yield dataset.split.part
    if inputs.graph_of_row is not None:
        yield inputs.graph_of_row
    for vertices in inputs.vertices.values():
        yield vertices.x
        if not vertices.x.shape[1]:  # an embedding is learned for each by name
            yield vertices.keys
            yield vertices.collection
    for edges in inputs.edges.values():
        yield edges.index
        if edges.weight is not None:
            yield edges.weight
