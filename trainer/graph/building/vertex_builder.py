"""The table of a vertex collection, out of documents that come batch by batch and in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.bounds import graph as bounds
from trainer.errors import DataError
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.building.column_builder import ColumnBuilder
from trainer.graph.building.nested import SAMPLE_SIZE, columns_of_paths, paths_in
from trainer.graph.building.texts import WORD, Texts
from trainer.graph.graph import VertexTable

MOST_CELLS_AT_ONCE = 4_000_000
"""Of documents that differ in their attributes; a longer batch is taken in parts, which see fewer attributes each."""
SYSTEM_ATTRIBUTES = frozenset({"_key", "_id", "_rev", "_from", "_to"})


class VertexTableBuilder:
    """Collects the documents of one vertex collection."""

    def __init__(self, name: str, attribute_filter: Callable[[str], bool]) -> None:
        """Start an empty table; attributes become columns if the filter accepts their names, as do paths that it names."""
        self.name = name
        self._attribute_filter = attribute_filter
        paths = attribute_filter if isinstance(attribute_filter, AttributeFilter) else None
        self._has_path_below = paths.has_path_below if paths is not None else lambda name: False
        self._names_path = paths.names_path if paths is not None else lambda path: False
        self._keys: list[NDArray[np.bytes_]] = []
        self._num_rows = 0
        self._columns: dict[str, ColumnBuilder | None] = {}
        self._path_columns: dict[str, ColumnBuilder] = {}
        self._paths_seen: set[str] = set()
        self._cells_to_count_at = bounds.MOST_UNSEEN_CELLS

    def __len__(self) -> int:
        """Number of rows so far."""
        return self._num_rows

    def add_attributes(self, names: Iterable[str]) -> None:
        """Make attributes known.

        Raises:
            DataError: they are too many.
        """
        for name in names:
            if name not in self._columns:
                is_column = name not in SYSTEM_ATTRIBUTES and self._attribute_filter(name)
                self._columns[name] = ColumnBuilder(self._num_rows) if is_column else None
        if len(self._columns) > bounds.MOST_ATTRIBUTES:
            raise too_many_attributes(self.name)

    def add_paths(self, paths: Iterable[str], seen: Iterable[str] = ()) -> None:
        """Make paths known that become columns, and others that were seen."""
        for path in paths:
            if path not in self._path_columns:
                self._path_columns[path] = ColumnBuilder(self._num_rows)
        self._paths_seen.update(seen)

    def append(self, keys: Sequence[str], documents: Sequence[dict[str, Any]]) -> None:
        """Append documents; of those with the same key the last counts.

        Raises:
            DataError: a key is longer than ArangoDB allows, or the attributes are too many.
        """
        values = _uniform_columns(documents)
        attributes = set(values) if values else set().union(*documents)
        self.add_attributes(attributes)
        if not values and len(attributes) * len(documents) > MOST_CELLS_AT_ONCE and len(documents) > 1:
            half = len(documents) // 2
            self.append(keys[:half], documents[:half])
            self.append(keys[half:], documents[half:])
            return
        names = [name for name in attributes if self._columns[name] is not None]
        if not values:
            values = {name: [document.get(name) for document in documents] for name in names}
        if self._num_rows < SAMPLE_SIZE:
            self.add_paths((), paths_in(documents[: SAMPLE_SIZE - self._num_rows]))
        columns = {name: values[name] for name in names}
        for head in filter(self._has_path_below, attributes):
            objects = values[head] if head in values else [document.get(head) for document in documents]
            columns |= columns_of_paths(head, objects, self._names_path)
        self.add_paths(columns.keys() - attributes)
        self.append_columns(keys, columns)

    def append_columns(self, keys: Sequence[str], values: Mapping[str, Sequence[Any]]) -> None:
        """Append documents as `append` does, given as the values of known attributes and paths.

        Raises:
            DataError: a key is longer than ArangoDB allows, or hardly any attribute has a value.
        """
        self._num_rows += len(keys)
        texts = Texts.of(keys)
        require_keys(self.name, texts)
        self._keys.append(_as_bytes(texts))
        for name, column in (*self._columns.items(), *self._path_columns.items()):
            if column is None:
                continue
            if name in values:
                column.append(values[name])
            else:
                column.skip(len(keys))
        self._require_values()

    def _require_values(self) -> None:
        """Refuse a table that would take memory for values that are not there; one that grows is looked at as it doubles."""
        columns = [*filter(None, self._columns.values()), *self._path_columns.values()]
        num_cells = self._num_rows * len(columns)
        if num_cells > self._cells_to_count_at:
            self._cells_to_count_at = 2 * num_cells
            num_values = sum(column.num_values for column in columns)
            if num_cells > bounds.MOST_CELLS_A_VALUE * num_values:
                raise DataError(
                    f"The {self._num_rows:,} documents of {self.name} read so far have {len(columns):,} attributes, but fewer than "
                    f"one in {bounds.MOST_CELLS_A_VALUE} of them has a value; name those to learn from in FEATURES."
                )

    def finish(self) -> tuple[VertexTable, list[str]]:
        """The table, sorted by key, and warnings."""
        keys = np.concatenate([np.empty(0, dtype=np.bytes_), *self._keys])
        self._keys.clear()
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        last = np.append(keys[1:] != keys[:-1], np.ones(min(1, len(keys)), dtype=bool))
        num_repeated = len(keys) - int(last.sum())
        rows = order[last]
        attributes = sorted(self._columns.keys() - SYSTEM_ATTRIBUTES)
        paths = {path: builder.finish() for path, builder in self._path_columns.items()}
        # A database answers null also for a path that no document has.
        paths = {path: column for path, column in paths.items() if path in self._paths_seen or not column.missing.all()}
        own = {name: builder.finish() for name, builder in self._columns.items() if builder is not None}
        # An attribute whose own name has a dot wins.
        columns = {name: column.take(rows) for name, column in sorted((paths | own).items())}
        nested = sorted(self._paths_seen | paths.keys())
        table = VertexTable(self.name, keys[last], columns, attributes, nested=nested)
        return table, repeated_key_warnings(self.name, num_repeated)


def repeated_key_warnings(collection: str, num_repeated: int) -> list[str]:
    """A sentence if documents were left out because a later one has their key."""
    warning = f"{num_repeated} documents of {collection} repeat a _key; the last of each is used."
    return [warning] if num_repeated else []


def _uniform_columns(documents: Sequence[dict[str, Any]]) -> dict[str, Sequence[Any]]:
    """The values by attribute if all documents have the same attributes, else nothing."""
    names = list(documents[0]) if documents else []
    if len(names) < 2 or any(len(document) != len(names) for document in documents):
        return {}
    try:
        rows = list(map(itemgetter(*names), documents))
    except KeyError:
        return {}
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def require_keys(collection: str, keys: Texts) -> None:
    """Refuse a key that no ArangoDB holds: in a table all keys have the width of the longest.

    Raises:
        DataError: there is one.
    """
    longest = int(keys.lengths.max(initial=0))
    if longest > bounds.LONGEST_KEY:
        raise DataError(
            f"A _key of {collection} has {longest:,} bytes, and ArangoDB allows {bounds.LONGEST_KEY}; see where it comes from."
        )


def too_many_attributes(collection: str) -> DataError:
    """What to say of documents whose attribute names are data."""
    return DataError(
        f"The documents of {collection} have more than {bounds.MOST_ATTRIBUTES:,} different attributes; values belong into "
        "array attributes, not into names."
    )


def _as_bytes(texts: Texts) -> NDArray[np.bytes_]:
    """Texts as UTF-8, zeros at the end cut off."""
    longest = max(1, int(texts.lengths.max(initial=0)))
    words = texts.words(-(-longest // WORD))
    return words.view(f"S{words.itemsize * words.shape[1]}").reshape(len(texts)).astype(f"S{longest}")
