"""Documents, batch by batch and in any order, into the tables of a `Graph`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from trainer.errors import DataError
from trainer.graph.column_builder import ColumnBuilder
from trainer.graph.edge_order import EdgeOrder
from trainer.graph.edges import Edges
from trainer.graph.graph import EdgeTable, VertexTable
from trainer.graph.texts import WORD, Texts
from trainer.graph.vertex_index import VertexIndex

SYSTEM_ATTRIBUTES = frozenset({"_key", "_id", "_rev", "_from", "_to"})


class VertexTableBuilder:
    """Collects the documents of one vertex collection."""

    def __init__(self, name: str, wanted: Callable[[str], bool]) -> None:
        """Start an empty table with room for the wanted attributes."""
        self.name = name
        self.repeated_keys = 0
        self._wanted = wanted
        self._keys: list[NDArray[np.bytes_]] = []
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
        values = _uniform_columns(documents)
        attributes = set(values) if values else set().union(*documents)
        self.add_attributes(attributes)
        chosen = [name for name in attributes if self._columns[name] is not None]
        if not values:
            values = {name: [document.get(name) for document in documents] for name in chosen}
        self.append_columns(keys, {name: values[name] for name in chosen})

    def append_columns(self, keys: Sequence[str], values: Mapping[str, Sequence[Any]]) -> None:
        """Append documents given by the values of known attributes; as `append`, without documents in between."""
        self._num_rows += len(keys)
        self._keys.append(_as_bytes(keys))
        for name, column in self._columns.items():
            if column is None:
                continue
            if name in values:
                column.append(values[name])
            else:
                column.skip(len(keys))

    def finish(self) -> VertexTable:
        """The table, sorted by key."""
        keys = np.concatenate([np.empty(0, dtype=np.bytes_), *self._keys])
        self._keys.clear()
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        last = np.append(keys[1:] != keys[:-1], np.ones(min(1, len(keys)), dtype=bool))
        self.repeated_keys = len(keys) - int(last.sum())
        rows = order[last]
        builders = sorted((name, builder) for name, builder in self._columns.items() if builder is not None)
        columns = {name: builder.finish().take(rows) for name, builder in builders}
        return VertexTable(self.name, keys[last], columns, sorted(self._columns.keys() - SYSTEM_ATTRIBUTES))


def _uniform_columns(documents: Sequence[dict[str, Any]]) -> dict[str, Sequence[Any]]:
    """The values by attribute where all documents have the same attributes, else nothing."""
    names = list(documents[0]) if documents else []
    if len(names) < 2 or any(len(document) != len(names) for document in documents):
        return {}
    try:
        rows = list(map(itemgetter(*names), documents))
    except KeyError:
        return {}
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def _as_bytes(texts: Sequence[str]) -> NDArray[np.bytes_]:
    """Texts as UTF-8, zeros at the end cut off."""
    slices = Texts.of(texts)
    longest = max(1, int(slices.lengths.max(initial=0)))
    words = slices.words(-(-longest // WORD))
    return words.view(f"S{words.itemsize * words.shape[1]}").reshape(len(texts)).astype(f"S{longest}")


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
    """JSON values as weights, NaN for null; None where one of them is no number, or too large a one."""
    if not set(map(type, values)) <= {int, float, bool, type(None)}:
        return None
    with np.errstate(over="ignore"):
        numbers = np.array(values, dtype=np.float64).astype(np.float32)
    # Minus zero would make an order of its own.
    return None if np.isinf(numbers).any() else numbers + np.float32(0)
