"""Edges on their way from a source into a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from trainer.errors import DataError
from trainer.graph.chunks import decode
from trainer.graph.edge_order import EdgeOrder
from trainer.graph.graph import EdgeTable
from trainer.graph.texts import Texts
from trainer.graph.vertex_index import VertexIndex


@dataclass(frozen=True)
class Edges:
    """Some edges of one collection.

    Attributes:
        sources: the handles in `_from`.
        targets: the handles in `_to`.
        weights: the JSON values of the weight, none where it is not wanted.
    """

    sources: Texts
    targets: Texts
    weights: list[Any]


class EdgeTableBuilder:
    """Collects the documents of one edge collection."""

    def __init__(self, name: str, vertices: VertexIndex, weight: str | None = None) -> None:
        """Start an empty collection of edges between `vertices`, whose attribute `weight` is to be kept."""
        self.name = name
        self.dangling = 0
        self.weight = weight
        self._vertices = vertices
        self._order = EdgeOrder(len(vertices))
        self._num_read = 0
        self._has_weights = False

    def __len__(self) -> int:
        """Number of edges read so far."""
        return self._num_read

    def append(self, edges: Edges) -> None:
        """Append edges; count and drop the dangling ones.

        Raises:
            DataError: a weight is no number.
        """
        numbers = self._as_numbers(edges.weights) if self.weight is not None else None
        ends = self._vertices.numbers(edges.sources), self._vertices.numbers(edges.targets)
        whole = (ends[0] >= 0) & (ends[1] >= 0)
        self._num_read += len(whole)
        self.dangling += len(whole) - int(np.count_nonzero(whole))
        if not whole.all():
            ends = ends[0][whole], ends[1][whole]
            numbers = numbers if numbers is None else numbers[whole]
        self._order.append(*ends, numbers)

    def finish(self) -> list[EdgeTable]:
        """One table per pair of vertex collections that edges were seen between."""
        index, weight = self._order.finish(with_weight=self._has_weights)
        tables = self._vertices.tables
        if len(tables) == 1:
            return [EdgeTable(self.name, tables[0].name, tables[0].name, index, weight)]
        kinds, rows = zip(*(self._vertices.locate(side) for side in index), strict=True)
        pair_kind = kinds[0] * len(tables) + kinds[1]
        found = []
        for kind in np.unique(pair_kind).tolist():
            source, target = divmod(kind, len(tables))
            chosen = np.flatnonzero(pair_kind == kind)
            pairs = np.stack([rows[0][chosen], rows[1][chosen]])
            ordered = None if weight is None else weight[chosen]
            found.append(EdgeTable(self.name, tables[source].name, tables[target].name, pairs, ordered))
        return found

    def _as_numbers(self, weights: Sequence[Any]) -> NDArray[np.float32]:
        numbers = edge_weights(weights)
        if numbers is None:
            wrong = next(weight for weight in weights if edge_weights([weight]) is None)
            raise DataError(
                f"EDGE_WEIGHT={self.weight!r} of an edge in {self.name} is no number that fits float32 but "
                f"{orjson.dumps(wrong)[:40].decode(errors='replace')}; it should name a numeric attribute."
            )
        self._has_weights = self._has_weights or not np.isnan(numbers).all()
        return numbers


def edge_weights(values: Sequence[Any]) -> NDArray[np.float32] | None:
    """JSON values as weights, NaN for null and blank texts; None where one is no number, or too large a one."""
    chunk = decode(list(values))
    if chunk.kind == "missing":
        return np.full(len(values), np.nan, dtype=np.float32)
    if chunk.kind not in ("number", "boolean", "numeric text"):
        return None
    with np.errstate(over="ignore"):
        numbers = np.asarray(chunk.values, dtype=np.float64).astype(np.float32)
    # Minus zero would make an order of its own.
    return None if np.isinf(numbers).any() else numbers + np.float32(0)
