"""Documents, batch by batch and in any order, into the tables of a `Graph`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from trainer.errors import DataError
from trainer.graph.column_builder import ColumnBuilder
from trainer.graph.edge_order import sort_edges
from trainer.graph.graph import EdgeTable, VertexTable

SYSTEM_ATTRIBUTES = frozenset({"_key", "_id", "_rev", "_from", "_to"})


class VertexTableBuilder:
    """Collects the documents of one vertex collection."""

    def __init__(self, name: str, wanted: Callable[[str], bool]) -> None:
        """Start an empty table with room for the wanted attributes."""
        self.name = name
        self.repeated_keys = 0
        self._wanted = wanted
        self._row_of_key: dict[str, int] = {}
        self._num_rows = 0
        self._columns: dict[str, ColumnBuilder | None] = {}

    def __len__(self) -> int:
        """Number of rows so far."""
        return self._num_rows

    def add_attributes(self, names: Iterable[str]) -> None:
        """Make attributes known; those that are wanted become columns."""
        for name in names:
            if name not in self._columns:
                chosen = name not in SYSTEM_ATTRIBUTES and self._wanted(name)
                self._columns[name] = ColumnBuilder(self._num_rows) if chosen else None

    def append(self, keys: Sequence[str], documents: Sequence[dict[str, Any]]) -> None:
        """Append documents; one whose key came before replaces the earlier one."""
        attributes: dict[str, Any] = {}
        for document in documents:
            attributes.update(document)
        self.add_attributes(attributes)
        chosen = [name for name in attributes if self._columns[name] is not None]
        self.append_columns(keys, {name: [document.get(name) for document in documents] for name in chosen})

    def append_columns(self, keys: Sequence[str], values: Mapping[str, list[Any]]) -> None:
        """Append documents given by the values of known attributes; as `append`, without documents in between."""
        before = self._num_rows
        self._num_rows += len(keys)
        self._row_of_key.update(zip(keys, range(before, self._num_rows), strict=True))
        for name, column in self._columns.items():
            if column is None:
                continue
            if name in values:
                column.append(values[name])
            else:
                column.skip(len(keys))

    def finish(self) -> VertexTable:
        """The table, sorted by key."""
        keys = np.array([key.encode() for key in self._row_of_key], dtype=np.bytes_)
        rows = np.fromiter(self._row_of_key.values(), dtype=np.int64, count=len(keys))
        self.repeated_keys = self._num_rows - len(keys)
        order = np.argsort(keys, kind="stable")
        builders = sorted((name, builder) for name, builder in self._columns.items() if builder is not None)
        columns = {name: builder.finish().take(rows[order]) for name, builder in builders}
        return VertexTable(self.name, keys[order], columns, sorted(self._columns.keys() - SYSTEM_ATTRIBUTES))


class VertexIndex:
    """Finds the vertex that a document handle (`collection/key`) names."""

    def __init__(self, tables: Sequence[VertexTable]) -> None:
        """Index these tables."""
        self.tables = list(tables)
        self._starts = np.cumsum([0, *map(len, tables)])
        self._number: dict[str, int] = {}
        for table, start in zip(tables, self._starts, strict=False):
            handles = [f"{table.name}/{key.decode()}" for key in table.keys.tolist()]
            self._number.update(zip(handles, range(start, start + len(handles)), strict=True))

    def numbers(self, handles: Sequence[str]) -> NDArray[np.int64]:
        """Running numbers over all tables, -1 where there is no such vertex."""
        return np.fromiter(map(self._number.get, handles, repeat(-1)), dtype=np.int64, count=len(handles))

    def locate(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The place of each vertex's table, and its row there."""
        table = np.searchsorted(self._starts, numbers, side="right") - 1
        return table, numbers - self._starts[table]


class EdgeTableBuilder:
    """Collects the documents of one edge collection."""

    def __init__(self, name: str, vertices: VertexIndex, weight: str | None = None) -> None:
        """Start an empty collection of edges between `vertices`, whose attribute `weight` is to be kept."""
        self.name = name
        self.dangling = 0
        self.weight = weight
        self._vertices = vertices
        self._parts: list[NDArray[np.int64]] = []
        self._weights: list[NDArray[np.float32]] = []
        self._num_read = 0
        self._has_weights = False

    def __len__(self) -> int:
        """Number of edges read so far."""
        return self._num_read

    def append(self, sources: Sequence[str], targets: Sequence[str], weights: Sequence[Any] = ()) -> None:
        """Append edges given by the handles in `_from` and `_to`; count and drop the dangling ones.

        Raises:
            DataError: one of the weights, which are JSON values, is no number.
        """
        pairs = np.stack([self._vertices.numbers(sources), self._vertices.numbers(targets)])
        whole = np.flatnonzero(pairs.min(axis=0) >= 0)
        self.dangling += pairs.shape[1] - len(whole)
        self._num_read += pairs.shape[1]
        self._parts.append(pairs[:, whole])
        if self.weight is not None:
            self._weights.append(self._as_numbers(weights)[whole])

    def finish(self) -> list[EdgeTable]:
        """One table per pair of vertex collections that edges were seen between."""
        pairs = np.concatenate(self._parts, axis=1) if self._parts else np.empty((2, 0), dtype=np.int64)
        weight = np.concatenate(self._weights) if self._has_weights else None
        self._parts.clear()
        self._weights.clear()
        tables = self._vertices.tables
        if len(tables) == 1:
            index, weight = sort_edges(pairs, weight, len(tables[0]))
            return [EdgeTable(self.name, tables[0].name, tables[0].name, index, weight)]
        kinds, rows = zip(*(self._vertices.locate(side) for side in pairs), strict=True)
        pair_kind = kinds[0] * len(tables) + kinds[1]
        found = []
        for kind in np.unique(pair_kind).tolist():
            source, target = divmod(kind, len(tables))
            chosen = pair_kind == kind
            index, ordered = sort_edges(
                np.stack([rows[0][chosen], rows[1][chosen]]),
                None if weight is None else weight[chosen],
                len(tables[source]),
            )
            found.append(EdgeTable(self.name, tables[source].name, tables[target].name, index, ordered))
        return found

    def _as_numbers(self, weights: Sequence[Any]) -> NDArray[np.float32]:
        numbers = edge_weights(weights)
        if numbers is None:
            wrong = next(weight for weight in weights if edge_weights([weight]) is None)
            raise DataError(
                f"The attribute {self.weight!r} of an edge in {self.name} is no number that fits float32 but "
                f"{orjson.dumps(wrong)[:40].decode(errors='replace')}; EDGE_WEIGHT should name a numeric attribute."
            )
        self._has_weights = self._has_weights or not np.isnan(numbers).all()
        return numbers


def edge_weights(values: Sequence[Any]) -> NDArray[np.float32] | None:
    """JSON values as weights, NaN for null; None where one of them is no number, or too large a one."""
    if not set(map(type, values)) <= {int, float, bool, type(None)}:
        return None
    with np.errstate(over="ignore"):
        numbers = np.array(values, dtype=np.float64).astype(np.float32)
    # Minus zero would make an order of its own.
    return None if np.isinf(numbers).any() else numbers + np.float32(0)
