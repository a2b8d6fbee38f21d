"""The values of one attribute, chunk by chunk, into a stored column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trainer.graph.building.chunks import decode
from trainer.graph.stored_column import NOT_TEXT, NULL, StoredColumn, concatenate, nulls


class ColumnBuilder:
    """Collects the values of one attribute; where a chunk ends shows nowhere."""

    def __init__(self, rows_before: int = 0) -> None:
        """Start a column whose first `rows_before` rows have no value."""
        self._chunks: list[StoredColumn] = []
        self._vocabulary: dict[str, int] = {}
        self._num_skipped = rows_before

    @property
    def num_values(self) -> int:
        """In how many rows there is a value so far."""
        return sum(int(np.count_nonzero(chunk.form != NULL)) for chunk in self._chunks)

    def skip(self, rows: int) -> None:
        """Append rows without a value."""
        self._num_skipped += rows

    def append(self, values: Sequence[Any]) -> None:
        """Append JSON values: numbers, texts, booleans, lists, objects, None."""
        if len(values):
            self._end_skipped()
            self._chunks.append(decode(values, self._vocabulary))

    def finish(self) -> StoredColumn:
        """The column over all rows; its words are in order of text, since the order of arrival is the source's own."""
        self._end_skipped()
        column = concatenate(self._chunks)
        self._chunks.clear()
        if not self._vocabulary:
            return column
        words = sorted(self._vocabulary)
        rank = np.empty(len(words) + 1, dtype=np.int32)
        rank[[self._vocabulary[word] for word in words]] = np.arange(len(words))
        rank[-1] = NOT_TEXT
        return column.recoded(rank, words)

    def _end_skipped(self) -> None:
        if self._num_skipped:
            self._chunks.append(nulls(self._num_skipped))
            self._num_skipped = 0
