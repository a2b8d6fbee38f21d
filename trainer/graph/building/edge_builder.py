"""The tables of an edge collection, out of handles that come batch by batch and in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from trainer.errors import DataError
from trainer.graph.building.chunks import decode
from trainer.graph.building.texts import Texts
from trainer.graph.building.vertex_index import VertexIndex
from trainer.graph.edge_order import sort_edges
from trainer.graph.graph import EdgeTable
from trainer.graph.stored_column import BIG, BOOLEAN, INTEGER, NULL, REAL, WORD

_NO_WEIGHT = {"nan", "NaN", "NAN"}


@dataclass(frozen=True)
class Edges:
    """Some edges of one collection.

    Attributes:
        sources: the handles in `_from`.
        targets: the handles in `_to`.
        weights: the JSON values of the weight; empty if it is not read.
        keys: the texts in `_key`, empty where there is none; None if no edge has one or the source makes sure that none repeats.
    """

    sources: Texts
    targets: Texts
    weights: list[Any]
    keys: Texts | None = None

    def __len__(self) -> int:
        """Number of edges."""
        return len(self.sources)


class EdgeTableBuilder:
    """Collects the edges of one collection.

    An edge is one integer, its target in the upper bits: half the memory, and one sort.
    """

    def __init__(self, name: str, vertices: VertexIndex, weight: str | None = None) -> None:
        """Start without edges between `vertices`; `weight` is the attribute to keep, if any."""
        self.name = name
        self.dangling = 0
        self.weight = weight
        self._vertices = vertices
        self._bits = max(1, len(vertices) - 1).bit_length()
        self._codes: list[NDArray[np.int64]] = []
        self._weights: list[NDArray[np.float32]] = []
        self._num_read = 0
        self._has_weights = False

    def __len__(self) -> int:
        """Number of edges read so far."""
        return self._num_read

    def append(self, edges: Edges) -> None:
        """Append edges.

        Raises:
            DataError: a weight is no number.
        """
        if self.weight is not None:
            self._weights.append(self._as_numbers(edges.weights))
        sources, targets = self._vertices.numbers(edges.sources), self._vertices.numbers(edges.targets)
        self._codes.append(targets << self._bits | sources)  # negative where an end does not exist, and is -1
        self._num_read += len(edges)

    def finish(self, replaced: NDArray[np.int64] | None = None) -> list[EdgeTable]:
        """One table per pair of vertex collections that edges were seen between; counts and drops the dangling ones.

        Args:
            replaced: running numbers of edges that do not count, because a later one has their key.
        """
        codes = np.concatenate([np.empty(0, dtype=np.int64), *self._codes])
        self._codes.clear()
        weight = np.concatenate(self._weights) if self._has_weights else None
        self._weights.clear()
        if replaced is not None and len(replaced):
            codes = np.delete(codes, replaced)
            weight = None if weight is None else np.delete(weight, replaced)
        is_whole = codes >= 0
        self.dangling = len(codes) - int(np.count_nonzero(is_whole))
        if self.dangling:
            codes = codes[is_whole]
            weight = None if weight is None else weight[is_whole]
        del is_whole
        codes, weight = sort_edges(codes, weight)
        index = np.stack([codes & ((1 << self._bits) - 1), codes >> self._bits])
        del codes  # before the tables are made: 8 bytes an edge
        tables = self._vertices.tables
        if len(tables) == 1:
            return [EdgeTable(self.name, tables[0].name, tables[0].name, index, weight)]
        (source_table, source_row), (target_table, target_row) = (self._vertices.locate(side) for side in index)
        table_pair = source_table * len(tables) + target_table
        edge_tables = []
        for pair in np.unique(table_pair).tolist():
            source, target = divmod(pair, len(tables))
            edges = np.flatnonzero(table_pair == pair)
            rows = np.stack([source_row[edges], target_row[edges]])
            weights = None if weight is None else weight[edges]
            edge_tables.append(EdgeTable(self.name, tables[source].name, tables[target].name, rows, weights))
        return edge_tables

    def _as_numbers(self, weights: Sequence[Any]) -> NDArray[np.float32]:
        numbers = edge_weights(weights)
        if numbers is None:
            wrong = next(weight for weight in weights if edge_weights([weight]) is None)
            raise DataError(
                f"EDGE_WEIGHT={self.weight!r} of an edge in {self.name} is {orjson.dumps(wrong)[:40].decode(errors='replace')}, "
                "which is not a number that fits float32; it should name a numeric attribute."
            )
        self._has_weights = self._has_weights or not np.isnan(numbers).all()
        return numbers


def edge_weights(values: Sequence[Any]) -> NDArray[np.float32] | None:
    """JSON values as weights, NaN for null, blank texts and `nan`; None if one is no number, or too large for float32."""
    vocabulary: dict[str, int] = {}
    stored = decode(values, vocabulary)
    if not np.isin(stored.form, (NULL, BOOLEAN, INTEGER, REAL, BIG, WORD)).all() or {*vocabulary} - _NO_WEIGHT:
        return None
    numbers = np.zeros(len(values)) if stored.real is None else stored.real
    if stored.whole is not None:
        numbers = np.where(np.isin(stored.form, (BOOLEAN, INTEGER)), stored.whole, numbers)
    numbers = np.where(np.isin(stored.form, (NULL, WORD)), np.nan, numbers)
    with np.errstate(over="ignore"):
        weights = numbers.astype(np.float32)
    # -0.0 and 0.0 sort as equals, so that their order would be that of arrival.
    return None if np.isinf(weights).any() else weights + np.float32(0)
