"""Vertices on their way from a source into a table: documents, batch by batch and in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.graph.column_builder import ColumnBuilder
from trainer.graph.graph import VertexTable
from trainer.graph.texts import WORD, Texts

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
