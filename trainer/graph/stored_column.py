"""Attribute values of documents as they are stored, nothing lost and nothing judged yet.

JSON says little about types: an integral double arrives as an int, exchange streams send numbers as texts, and a document
may lack what others have. So a source keeps of each value what it is, and what a column holds is judged over all collections
of a vertex type (`dataset.grouping.judgement`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

NULL, BOOLEAN, INTEGER, REAL, BIG, WORD, VECTOR, OBJECT, EMPTY_ARRAY, OTHER_ARRAY, NESTED_ARRAY = range(11)
"""What one value is. A text that spells a boolean or a number has its form, and a code. BIG is an integer beyond int64 that no
double holds; WORD any other text, such as `up`, `nan` or `007`; OTHER_ARRAY has elements that are no numbers."""
NOT_TEXT = -1
_EXACT = 2**53
"""Up to here a double is any integer."""


@dataclass(frozen=True)
class Numerals:
    """Texts that spell numbers or booleans, ASCII, one after the other in `buffer`; `ends` is int64 of shape [texts]."""

    buffer: bytes = b""
    ends: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @staticmethod
    def of(texts: Sequence[str]) -> Numerals:
        """Numerals out of Python texts."""
        return Numerals(
            "".join(texts).encode("ascii"), np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)))
        )

    @staticmethod
    def joined(parts: Sequence[Numerals]) -> Numerals:
        """Several one after the other."""
        starts = np.cumsum([0, *(len(part.buffer) for part in parts)])
        ends = [part.ends + start for part, start in zip(parts, starts, strict=False)]
        return Numerals(b"".join(part.buffer for part in parts), np.concatenate(ends))

    def texts(self, indices: NDArray[np.int64]) -> list[str]:
        """Some of the texts."""
        text = self.buffer.decode("ascii")
        ends = self.ends[indices].tolist()
        starts = np.where(indices > 0, self.ends[indices - 1], 0).tolist() if len(indices) else []
        return [text[start:end] for start, end in zip(starts, ends, strict=True)]


@dataclass(frozen=True)
class StoredColumn:
    """The values of an attribute, row by row.

    Attributes:
        form: int8 of shape [rows], from NULL (also of a blank text) to NESTED_ARRAY.
        whole: int64 of shape [rows]: the value of an INTEGER, 0 or 1 of a BOOLEAN, the width of a VECTOR, 1 of another array of
            one element; None if no row needs it.
        real: float64 of shape [rows]: the value of a REAL, the nearest double of a BIG; None if no row needs it.
        codes: int32 of shape [rows], None if there are no texts: -1 where the value is no text, else an index into `words`,
            or from -2 downwards into `numerals`. A BIG has one, be it a text or not.
        words: texts that spell neither numbers nor booleans, each once, in order.
        numerals: texts that do; they may repeat.
        vectors: float32 of shape [rows, width], NaN where an element is null; None without arrays and with several widths.
        elements: the only element of each array of one, as exact as other values, null in all other rows; None without such
            arrays.
    """

    form: NDArray[np.int8]
    whole: NDArray[np.int64] | None = None
    real: NDArray[np.float64] | None = None
    codes: NDArray[np.int32] | None = None
    words: Sequence[str] = ()
    numerals: Numerals = field(default_factory=Numerals)
    vectors: NDArray[np.float32] | None = None
    elements: StoredColumn | None = None

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.form)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows hold null or a blank text, shape [rows]."""
        return np.asarray(self.form == NULL)

    @property
    def is_text(self) -> NDArray[np.bool_]:
        """Which rows hold a text that is not blank, or a BIG; shape [rows]."""
        return np.zeros(len(self), dtype=bool) if self.codes is None else np.asarray(self.codes != NOT_TEXT)

    def take(self, rows: NDArray[np.int64]) -> StoredColumn:
        """The column with these rows, in this order."""
        arrays: dict[str, Any] = {
            name: value[rows] for name, value in vars(self).items() if isinstance(value, np.ndarray)
        }
        elements = None if self.elements is None else self.elements.take(rows)
        return replace(self, elements=elements, **arrays)

    def without(self, rows: NDArray[np.bool_]) -> StoredColumn:
        """The column with null in these rows."""
        form = np.where(rows, NULL, self.form).astype(np.int8)
        codes = None if self.codes is None else np.where(rows, np.int32(NOT_TEXT), self.codes)
        vectors = None if self.vectors is None else np.where(rows[:, np.newaxis], np.float32(np.nan), self.vectors)
        elements = None if self.elements is None else self.elements.without(rows)
        return replace(self, form=form, codes=codes, vectors=vectors, elements=elements)

    def opened(self) -> StoredColumn:
        """The column with its only element in place of each array of one."""
        if self.elements is None:
            return self
        assert self.whole is not None
        is_one = np.isin(self.form, (VECTOR, OTHER_ARRAY)) & (self.whole == 1)
        joined = join_columns([self.without(is_one)._without_elements(), self.elements], [len(self), len(self)])
        return joined.take(np.arange(len(self)) + len(self) * is_one)

    def _without_elements(self) -> StoredColumn:
        return replace(self, elements=None, vectors=self.vectors if (self.form == VECTOR).any() else None)

    def recoded(self, new: NDArray[np.int32], words: Sequence[str]) -> StoredColumn:
        """The column with other codes of its words.

        Args:
            new: int32 of shape [old words + 1], the code in `words` of each old one, NOT_TEXT at the end.
            words: texts, in order.
        """
        codes = (
            None if self.codes is None else np.where(self.codes < 0, self.codes, new[np.maximum(self.codes, NOT_TEXT)])
        )
        elements = None if self.elements is None else self.elements.recoded(new, words)
        return replace(self, codes=codes, words=words, elements=elements)

    def texts(self, rows: NDArray[np.int64]) -> list[str]:
        """The texts of rows that hold one."""
        if self.codes is None:
            return []
        codes = self.codes[rows].astype(np.int64)
        is_numeral = codes < NOT_TEXT
        numerals = iter(self.numerals.texts(-2 - codes[is_numeral]))
        return [next(numerals) if code < 0 else self.words[code] for code in codes.tolist()]


def of_numbers(values: NDArray[Any]) -> StoredColumn:
    """Integers or finite doubles, shape [rows]."""
    if values.dtype.kind == "f":
        return StoredColumn(np.full(len(values), REAL, dtype=np.int8), real=values.astype(np.float64))
    return StoredColumn(np.full(len(values), INTEGER, dtype=np.int8), values.astype(np.int64))


def nulls(rows: int) -> StoredColumn:
    """Rows without a value."""
    return StoredColumn(np.full(rows, NULL, dtype=np.int8))


def concatenate(parts: Sequence[StoredColumn], words: Sequence[str] = ()) -> StoredColumn:
    """Parts one after the other, whose codes all mean the same `words`."""
    form = np.concatenate([np.empty(0, dtype=np.int8), *(part.form for part in parts)])
    lengths = list(map(len, parts))
    whole, real = _values([part.whole for part in parts], lengths), _values([part.real for part in parts], lengths)
    widths = {part.vectors.shape[1] if part.vectors is not None else 0 for part in parts if (part.form == VECTOR).any()}
    column = StoredColumn(
        form,
        whole,
        real,
        _codes(parts),
        words,
        Numerals.joined([Numerals(), *(part.numerals for part in parts)]),
        _vectors(parts, widths.pop()) if len(widths) == 1 and 0 not in widths else None,
        _elements(parts, words),
    )
    return _canonical(column)


def join_columns(columns: Sequence[StoredColumn | None], lengths: Sequence[int]) -> StoredColumn:
    """The columns of several collections, one after the other; None is a collection without the attribute."""
    known = [column for column in columns if column is not None]
    words = sorted({word for column in known for word in column.words})
    code_of = {word: code for code, word in enumerate(words)}
    parts = []
    for column, length in zip(columns, lengths, strict=True):
        if column is None:
            parts.append(nulls(length))
        else:
            new = np.array([code_of[word] for word in column.words] + [NOT_TEXT], dtype=np.int32)
            parts.append(column if column.words == words else column.recoded(new, words))
    return concatenate(parts, words)


def _values(arrays: Sequence[NDArray[Any] | None], lengths: Sequence[int]) -> NDArray[Any] | None:
    known = next((array for array in arrays if array is not None), None)
    if known is None:
        return None
    return np.concatenate(
        [
            np.zeros(length, dtype=known.dtype) if array is None else array
            for array, length in zip(arrays, lengths, strict=True)
        ]
    )


def _codes(parts: Sequence[StoredColumn]) -> NDArray[np.int32] | None:
    if all(part.codes is None for part in parts):
        return None
    codes, start = [], 0
    for part in parts:
        if part.codes is None:
            codes.append(np.full(len(part), NOT_TEXT, dtype=np.int32))
        else:
            codes.append(
                np.where(part.codes < NOT_TEXT, part.codes - np.int32(start), part.codes) if start else part.codes
            )
        start += len(part.numerals.ends)
    return np.concatenate(codes)


def _elements(parts: Sequence[StoredColumn], words: Sequence[str]) -> StoredColumn | None:
    if all(part.elements is None for part in parts):
        return None
    return concatenate([nulls(len(part)) if part.elements is None else part.elements for part in parts], words)


def _vectors(parts: Sequence[StoredColumn], width: int) -> NDArray[np.float32]:
    blank = np.full((1, width), np.nan, dtype=np.float32)
    return np.concatenate([blank.repeat(len(part), 0) if part.vectors is None else part.vectors for part in parts])


def _canonical(column: StoredColumn) -> StoredColumn:
    """Integers beside fractions as doubles where these hold them, so that it does not matter which came together."""
    if column.whole is None or column.real is None:
        return column
    form, whole, real = column.form, column.whole, column.real
    small = (form == INTEGER) & (whole >= -_EXACT) & (whole <= _EXACT)
    if not small.any() or not (form == REAL).any():
        return column
    form, real = np.where(small, REAL, form).astype(np.int8), np.where(small, whole, real)
    whole = np.where(small, 0, whole)
    keeps_whole = np.isin(form, (BOOLEAN, INTEGER, VECTOR, OTHER_ARRAY)).any()
    return replace(column, form=form, whole=whole if keeps_whole else None, real=real)
