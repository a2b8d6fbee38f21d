"""The values of one attribute, chunk by chunk, into a column whose type fits all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.graph.chunks import Chunk, decode, is_number, missing_rows
from trainer.graph.columns import MAX_SPELLINGS, Column, NumberColumn, TextColumn, UnusableColumn, VectorColumn


class ColumnBuilder:
    """Collects the values of one attribute, chunk by chunk, and decides its type at the end."""

    def __init__(self, rows_before: int = 0) -> None:
        """Start a column whose first `rows_before` rows have no value."""
        self._chunks: list[Chunk] = []
        self._vocabulary: dict[str, int] = {}
        self._spellings: set[str] = set()
        self.rows = 0
        self.skip(rows_before)

    def skip(self, rows: int) -> None:
        """Append rows without a value."""
        self._push(missing_rows(rows))

    def append(self, values: Sequence[Any]) -> None:
        """Append JSON values: numbers, texts, booleans, lists, objects, None."""
        chunk = decode(values)
        if chunk.kind == "text":
            codes = self._encode(chunk.texts or [])
            chunk = Chunk("text", chunk.rows, codes)
        elif chunk.kind == "numeric text" and len(self._spellings) <= MAX_SPELLINGS:
            self._spellings.update(text for text in chunk.texts or [] if text is not None)
        self._push(chunk)

    def finish(self) -> Column:
        """The column over all rows."""
        kinds = {chunk.kind for chunk in self._chunks} - {"missing"}
        words_only = kinds == {"number word"}
        if kinds <= {"number", "boolean", "numeric text", "number word"} and not words_only:
            return NumberColumn(self._numbers(), kinds == {"boolean"}, self._finite_spellings(kinds))
        if kinds <= {"text", "numeric text", "number word"}:
            return self._texts()
        widths = {chunk.values.shape[1] for chunk in self._chunks if chunk.kind == "vector"}
        if kinds == {"vector"} and len(widths) == 1:
            return self._vectors(widths.pop())
        return UnusableColumn(self._reason(kinds), self._missing())

    def _push(self, chunk: Chunk) -> None:
        if chunk.rows:
            self._chunks.append(chunk)
            self.rows += chunk.rows

    def _encode(self, texts: list[str | None]) -> NDArray[np.int32]:
        vocabulary = self._vocabulary
        codes = (-1 if text is None else vocabulary.setdefault(text, len(vocabulary)) for text in texts)
        return np.fromiter(codes, dtype=np.int32, count=len(texts))

    def _numbers(self) -> NDArray[Any]:
        parts = [np.full(chunk.rows, np.nan) if chunk.kind == "missing" else chunk.values for chunk in self._chunks]
        return np.concatenate(parts) if parts else np.empty(0)

    def _finite_spellings(self, kinds: set[str]) -> tuple[str, ...]:
        if kinds & {"number", "boolean"} or len(self._spellings) > MAX_SPELLINGS:
            return ()
        return tuple(sorted(text for text in self._spellings if math.isfinite(float(text))))

    def _codes(self) -> NDArray[np.int32]:
        parts = []
        for chunk in self._chunks:
            if chunk.kind == "missing":
                parts.append(np.full(chunk.rows, -1, dtype=np.int32))
            else:
                parts.append(chunk.values if chunk.texts is None else self._encode(chunk.texts))
        return np.concatenate(parts)

    def _texts(self) -> TextColumn:
        """Categories in order of text, since the order of arrival is the source's own."""
        codes = self._codes()
        categories = sorted(self._vocabulary)
        place = {text: number for number, text in enumerate(categories)}
        new_codes = np.array([*(place[text] for text in self._vocabulary), -1], dtype=np.int32)
        return TextColumn(new_codes[codes], categories)

    def _vectors(self, width: int) -> VectorColumn:
        blank = np.full((1, width), np.nan, dtype=np.float32)
        parts = [
            np.repeat(blank, chunk.rows, axis=0) if chunk.kind == "missing" else chunk.values for chunk in self._chunks
        ]
        vectors = np.concatenate(parts)
        return VectorColumn(vectors, np.isnan(vectors).all(axis=1))

    def _missing(self) -> NDArray[np.bool_]:
        return np.concatenate([chunk.missing() for chunk in self._chunks])

    def _reason(self, kinds: set[str]) -> str:
        """Why the values are no column; the same sentence in whatever order they came."""
        reasons = sorted(chunk.reason for chunk in self._chunks if chunk.reason)
        if reasons:
            return reasons[0]
        if kinds == {"vector"}:
            widths = sorted({chunk.values.shape[1] for chunk in self._chunks if chunk.kind == "vector"})
            return f"holds arrays of several lengths ({', '.join(map(str, widths))})"
        if "vector" in kinds:
            return "holds arrays in some documents and single values in others"
        mixed = (text for chunk in self._chunks if chunk.kind == "unusable" for text in chunk.texts or [])
        texts = [text for text in (*self._vocabulary, *mixed) if text is not None and not is_number(text)]
        return f"holds texts such as {min(texts)!r} among numbers"
