"""Which edges of a collection a later one with the same `_key` replaces; a dump taken or copied carelessly has such.

Keys are not kept: a hash of each tells whether any may be repeated, and only then the files are read a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from trainer.graph.building.edge_builder import Edges
from trainer.graph.building.texts import Texts
from trainer.graph.building.vertex_builder import require_keys
from trainer.graph.building.vertex_index import hash_texts


class RepeatedKeys:
    """Finds the repeated keys of one collection."""

    def __init__(self, collection: str) -> None:
        """Start without edges."""
        self._collection = collection
        self._hashes: list[NDArray[np.uint64]] = []

    def append(self, keys: Texts | None) -> None:
        """Take the keys of further edges; an empty one is none.

        Raises:
            DataError: a key is longer than ArangoDB allows.
        """
        if keys is not None:
            require_keys(self._collection, keys)
            self._hashes.append(hash_texts(keys)[keys.lengths > 0])

    def replaced(self, read_again: Callable[[], Iterable[Edges]]) -> NDArray[np.int64]:
        """The edges that count no more, by their running numbers, int64 in ascending order.

        Args:
            read_again: the edges once more, in the same order; called only where two hashes are equal.
        """
        hashes = np.concatenate([np.empty(0, dtype=np.uint64), *self._hashes])
        self._hashes.clear()
        hashes.sort()
        suspicious = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
        del hashes
        replaced: list[int] = []
        if len(suspicious):
            last: dict[bytes, int] = {}
            first = 0
            for edges in read_again():
                for row, key in _keys_among(edges.keys, suspicious):
                    if key in last:
                        replaced.append(last[key])
                    last[key] = first + row
                first += len(edges)
        return np.array(sorted(replaced), dtype=np.int64)


def _keys_among(keys: Texts | None, hashes: NDArray[np.uint64]) -> Iterator[tuple[int, bytes]]:
    """The keys that have one of these hashes, with their positions."""
    if keys is not None:
        for row in np.flatnonzero(np.isin(hash_texts(keys), hashes) & (keys.lengths > 0)).tolist():
            yield row, keys[row]
