"""The values of one attribute, chunk by chunk, into a column whose type fits all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.graph.building.chunks import Chunk, ValueType, decode, is_number, missing_rows
from trainer.graph.columns import MAX_SPELLINGS, Column, NumberColumn, TextColumn, UnusableColumn, VectorColumn


class ColumnBuilder:
    """Collects the values of one attribute, chunk by chunk, and decides its type at the end."""

    def __init__(self, rows_before: int = 0) -> None:
        """Start a column whose first `rows_before` rows have no value."""
        self._chunks: list[Chunk] = []
        self._vocabulary: dict[str, int] = {}
        self._spellings: set[str] = set()
        self.skip(rows_before)

    def skip(self, rows: int) -> None:
        """Append rows without a value."""
        self._push(missing_rows(rows))

    def append(self, values: Sequence[Any]) -> None:
        """Append JSON values: numbers, texts, booleans, lists, objects, None."""
        chunk = decode(values)
        if chunk.type == "text":
            codes = self._encode(chunk.texts or [])
            chunk = Chunk("text", chunk.rows, codes)
        elif chunk.type == "numeric text" and len(self._spellings) <= MAX_SPELLINGS:
            self._spellings.update(text for text in chunk.texts or [] if text is not None)
        self._push(chunk)

    def finish(self) -> Column:
        """The column over all rows."""
        types = {chunk.type for chunk in self._chunks} - {"missing"}
        words_only = types == {"number word"}
        if types <= {"number", "boolean", "numeric text", "number word"} and not words_only:
            return NumberColumn(self._numbers(), types == {"boolean"}, self._finite_spellings(types))
        if types <= {"text", "numeric text", "number word"}:
            return self._texts()
        widths = self._widths()
        if types == {"vector"} and len(widths) == 1:
            return self._vectors(widths[0])
        return UnusableColumn(self._reason(types, widths), self._missing())

    def _push(self, chunk: Chunk) -> None:
        if chunk.rows:
            self._chunks.append(chunk)

    def _encode(self, texts: list[str | None]) -> NDArray[np.int32]:
        vocabulary = self._vocabulary
        codes = (-1 if text is None else vocabulary.setdefault(text, len(vocabulary)) for text in texts)
        return np.fromiter(codes, dtype=np.int32, count=len(texts))

    def _numbers(self) -> NDArray[Any]:
        parts = [np.full(chunk.rows, np.nan) if chunk.type == "missing" else chunk.values for chunk in self._chunks]
        return np.concatenate(parts) if parts else np.empty(0)

    def _finite_spellings(self, types: set[ValueType]) -> tuple[str, ...]:
        if types & {"number", "boolean"} or len(self._spellings) > MAX_SPELLINGS:
            return ()
        return tuple(sorted(text for text in self._spellings if math.isfinite(float(text))))

    def _codes(self) -> NDArray[np.int32]:
        parts = []
        for chunk in self._chunks:
            if chunk.type == "missing":
                parts.append(np.full(chunk.rows, -1, dtype=np.int32))
            else:
                parts.append(chunk.values if chunk.texts is None else self._encode(chunk.texts))
        return np.concatenate(parts)

    def _texts(self) -> TextColumn:
        """Categories in order of text, since the order of arrival is the source's own."""
        codes = self._codes()
        categories = sorted(self._vocabulary)
        code_of = {text: code for code, text in enumerate(categories)}
        new_codes = np.array([*(code_of[text] for text in self._vocabulary), -1], dtype=np.int32)
        return TextColumn(new_codes[codes], categories)

    def _vectors(self, width: int) -> VectorColumn:
        blank = np.full((1, width), np.nan, dtype=np.float32)
        parts = (blank.repeat(chunk.rows, 0) if chunk.type == "missing" else chunk.values for chunk in self._chunks)
        vectors = np.concatenate(list(parts))
        return VectorColumn(vectors, np.isnan(vectors).all(axis=1))

    def _missing(self) -> NDArray[np.bool_]:
        return np.concatenate([chunk.missing() for chunk in self._chunks])

    def _widths(self) -> list[int]:
        return sorted({chunk.values.shape[1] for chunk in self._chunks if chunk.type == "vector"})

    def _reason(self, types: set[ValueType], widths: list[int]) -> str:
        """Why the values are no column; the same sentence in whatever order they came."""
        reasons = sorted(chunk.reason for chunk in self._chunks if chunk.reason)
        if reasons:
            return reasons[0]
        if types == {"vector"}:
            return f"holds arrays of several lengths ({', '.join(map(str, widths))})"
        if "vector" in types:
            return "holds arrays in some documents and single values in others"
        mixed = (text for chunk in self._chunks if chunk.type == "unusable" for text in chunk.texts or [])
        texts = [text for text in (*self._vocabulary, *mixed) if text is not None and not is_number(text)]
        return f"holds texts such as {min(texts)!r} among numbers"
