"""Attribute values of documents, in any order and form, as typed columns.

JSON says little about types: an integral double arrives as an int, exchange streams send numbers as
texts, and a document may lack what others have. So the type of a column is decided over all its rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NONE = type(None)


@dataclass(frozen=True)
class NumberColumn:
    """Numbers or booleans: `values` is int64 or float64 of shape [rows], NaN where missing."""

    values: NDArray[Any]
    boolean: bool = False

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows hold no number, shape [rows]."""
        return np.isnan(self.values) if self.values.dtype.kind == "f" else np.zeros(len(self.values), dtype=bool)

    def take(self, rows: NDArray[np.int64]) -> NumberColumn:
        """The column with these rows, in this order."""
        return NumberColumn(self.values[rows], self.boolean)


@dataclass(frozen=True)
class VectorColumn:
    """Arrays of numbers of one length: `values` is float32 of shape [rows, width], NaN in missing rows."""

    values: NDArray[np.float32]
    missing: NDArray[np.bool_]

    def take(self, rows: NDArray[np.int64]) -> VectorColumn:
        """The column with these rows, in this order."""
        return VectorColumn(self.values[rows], self.missing[rows])


@dataclass(frozen=True)
class TextColumn:
    """Texts as categories: `codes` is int32 of shape [rows], -1 where missing, else a place in `categories`."""

    codes: NDArray[np.int32]
    categories: list[str]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows hold no text, shape [rows]."""
        return self.codes < 0

    def take(self, rows: NDArray[np.int64]) -> TextColumn:
        """The column with these rows, in this order."""
        return TextColumn(self.codes[rows], self.categories)


@dataclass(frozen=True)
class UnusableColumn:
    """Values that are no column: objects, arrays of several lengths, texts among numbers. `reason` says which."""

    reason: str
    missing: NDArray[np.bool_]

    def take(self, rows: NDArray[np.int64]) -> UnusableColumn:
        """The column with these rows, in this order."""
        return UnusableColumn(self.reason, self.missing[rows])


Column = NumberColumn | VectorColumn | TextColumn | UnusableColumn


@dataclass(frozen=True)
class _Chunk:
    """Consecutive rows, decoded as far as they can be without having seen the others."""

    kind: str  # missing, boolean, number, numeric text, number word, text, vector, unusable
    rows: int
    values: Any = None
    texts: list[str | None] | None = None
    reason: str = ""
    blank: NDArray[np.bool_] | None = None

    def missing(self) -> NDArray[np.bool_]:
        """Which rows hold null or a blank text."""
        if self.blank is not None:
            return self.blank
        if self.kind == "text":
            return np.asarray(self.values < 0)
        return np.isnan(self.values) if self.values.dtype.kind == "f" else np.zeros(self.rows, dtype=bool)


class ColumnBuilder:
    """Collects the values of one attribute, chunk by chunk, and decides its type at the end."""

    def __init__(self, rows_before: int = 0) -> None:
        """Start a column whose first `rows_before` rows have no value."""
        self._chunks: list[_Chunk] = []
        self._vocabulary: dict[str, int] = {}
        self.rows = 0
        self.skip(rows_before)

    def skip(self, rows: int) -> None:
        """Append rows without a value."""
        self._push(_missing(rows))

    def append(self, values: list[Any]) -> None:
        """Append JSON values: numbers, texts, booleans, lists, objects, None."""
        chunk = _decode(values)
        if chunk.kind == "text":
            codes = self._encode(chunk.texts or [])
            chunk = _Chunk("text", chunk.rows, codes)
        self._push(chunk)

    def finish(self) -> Column:
        """The column over all rows."""
        kinds = {chunk.kind for chunk in self._chunks} - {"missing"}
        words_only = kinds == {"number word"}
        if kinds <= {"number", "boolean", "numeric text", "number word"} and not words_only:
            return NumberColumn(self._numbers(), boolean=kinds == {"boolean"})
        if kinds <= {"text", "numeric text", "number word"}:
            return TextColumn(self._codes(), list(self._vocabulary))
        widths = {chunk.values.shape[1] for chunk in self._chunks if chunk.kind == "vector"}
        if kinds == {"vector"} and len(widths) == 1:
            return self._vectors(widths.pop())
        return UnusableColumn(self._reason(kinds), self._missing())

    def _push(self, chunk: _Chunk) -> None:
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

    def _codes(self) -> NDArray[np.int32]:
        parts = []
        for chunk in self._chunks:
            if chunk.kind == "missing":
                parts.append(np.full(chunk.rows, -1, dtype=np.int32))
            else:
                parts.append(chunk.values if chunk.texts is None else self._encode(chunk.texts))
        return np.concatenate(parts)

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
        texts = [text for text in (*self._vocabulary, *mixed) if text is not None and not _is_number(text)]
        return f"holds texts such as {min(texts)!r} among numbers"


def _missing(rows: int) -> _Chunk:
    return _Chunk("missing", rows, blank=np.ones(rows, dtype=bool))


def _blank(values: list[Any]) -> NDArray[np.bool_]:
    """Which values are null or a blank text."""
    return np.array([value is None or (isinstance(value, str) and not value.strip()) for value in values], dtype=bool)


def _unusable(values: list[Any], reason: str) -> _Chunk:
    return _Chunk("unusable", len(values), reason=reason, blank=_blank(values))


def _decode(values: list[Any]) -> _Chunk:
    kinds = set(map(type, values))
    present = kinds - {_NONE}
    if not present:
        return _missing(len(values))
    if present == {bool}:
        return _Chunk("boolean", len(values), _as_numbers(values))
    if present <= {int, float, bool}:
        return _Chunk("number", len(values), _as_numbers(values))
    if present == {str}:
        return _decode_texts(values)
    if present <= {int, float, bool, str}:
        return _decode_mixed(values)
    if present == {list}:
        return _decode_lists(values)
    if dict in present:
        return _unusable(values, "holds JSON objects")
    return _unusable(values, "holds arrays in some documents and single values in others")


def _as_numbers(values: list[Any]) -> NDArray[Any]:
    """int64 when every value is an integer that fits, else float64 with NaN for None and for infinities."""
    try:
        array = np.array(values)
        if array.dtype.kind in "ib":
            return array.astype(np.int64)
        numbers = np.array(values, dtype=np.float64)
    except (OverflowError, TypeError, ValueError):
        numbers = np.array([math.nan if value is None else float(value) for value in values], dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _text_to_number(text: str) -> float:
    if "_" in text:  # Python's own notation: 2018_01 is a month
        raise ValueError(text)
    return float(text) if text else math.nan


def _decode_texts(values: list[str | None]) -> _Chunk:
    texts = [value.strip() or None if value is not None else None for value in values]
    if not any(text is not None for text in texts):
        return _missing(len(values))
    try:
        numbers = _as_numbers([_text_to_number(text or "") for text in texts])
    except ValueError:
        return _Chunk("text", len(values), texts=texts)
    if np.isnan(numbers).all():  # "nan" and "inf" alone are words, not numbers
        return _Chunk("number word", len(values), numbers, texts, blank=_blank(texts))
    return _Chunk("numeric text", len(values), numbers, texts, blank=_blank(texts))


def _decode_mixed(values: list[Any]) -> _Chunk:
    try:
        numbers = [_text_to_number(value.strip()) if isinstance(value, str) else value for value in values]
    except ValueError:
        texts = [value for value in values if isinstance(value, str) and not _is_number(value)]
        return _Chunk("unusable", len(values), texts=[min(texts)], blank=_blank(values))
    return _Chunk("number", len(values), _as_numbers(numbers), blank=_blank(values))


def _is_number(text: str) -> bool:
    try:
        _text_to_number(text.strip())
    except ValueError:
        return False
    return True


def _decode_lists(values: list[list[Any] | None]) -> _Chunk:
    lengths = {len(value) for value in values if value is not None}
    if len(lengths) > 1:
        shown = ", ".join(map(str, sorted(lengths)[:4]))
        return _unusable(values, f"holds arrays of several lengths ({shown})")
    width = lengths.pop()
    if width == 0:
        return _unusable(values, "holds empty arrays")
    blank = [math.nan] * width
    try:
        vectors = np.array([blank if value is None else value for value in values], dtype=np.float64)
    except (OverflowError, TypeError, ValueError):
        return _unusable(values, "holds arrays of something else than numbers")
    if vectors.ndim != 2:
        return _unusable(values, "holds nested arrays")
    vectors[~np.isfinite(vectors)] = np.nan
    return _Chunk("vector", len(values), vectors.astype(np.float32), blank=_blank(values))
