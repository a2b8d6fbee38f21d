"""Consecutive values of one attribute, decoded by themselves."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_NONE = type(None)

ValueType = Literal["missing", "boolean", "number", "numeric text", "number word", "text", "vector", "unusable"]


@dataclass(frozen=True)
class Chunk:
    """Consecutive rows, decoded as far as they can be without having seen the others.

    Attributes:
        type: of all values but null and blank texts; a number word is `nan` or `inf`.
        values: numbers or codes of texts, shape [rows], or vectors [rows, width].
        texts: those that have no codes yet, or the first one among numbers.
        reason: why the values are unusable.
        blank: which rows hold null or a blank text, where `values` do not show it.
    """

    type: ValueType
    rows: int
    values: Any = None
    texts: list[str | None] | None = None
    reason: str = ""
    blank: NDArray[np.bool_] | None = None

    def missing(self) -> NDArray[np.bool_]:
        """Which rows hold null or a blank text."""
        if self.blank is not None:
            return self.blank
        if self.type == "text":
            return np.asarray(self.values < 0)
        return np.isnan(self.values) if self.values.dtype.kind == "f" else np.zeros(self.rows, dtype=bool)


def missing_rows(rows: int) -> Chunk:
    """Rows without a value."""
    return Chunk("missing", rows, blank=np.ones(rows, dtype=bool))


def _blank(values: Sequence[Any]) -> NDArray[np.bool_]:
    """Which values are null or a blank text."""
    return np.array([value is None or (isinstance(value, str) and not value.strip()) for value in values], dtype=bool)


def _unusable(values: Sequence[Any], reason: str) -> Chunk:
    return Chunk("unusable", len(values), reason=reason, blank=_blank(values))


def decode(values: Sequence[Any]) -> Chunk:
    """JSON values as a chunk of the narrowest type that holds all of them."""
    types = set(map(type, values))
    present = types - {_NONE}
    if not present:
        return missing_rows(len(values))
    if present == {bool}:
        return Chunk("boolean", len(values), _as_numbers(values))
    if types == {float}:
        return Chunk("number", len(values), _without_infinity(np.fromiter(values, np.float64, len(values))))
    if present <= {int, float, bool}:
        return Chunk("number", len(values), _as_numbers(values))
    if present == {str}:
        return _decode_texts(values)
    if str in present and any(isinstance(value, str) and not value.strip() for value in values):
        # A blank text is no value, so that the type does not depend on what else is in the chunk.
        return decode([None if isinstance(value, str) and not value.strip() else value for value in values])
    if present <= {int, float, bool, str}:
        return _decode_mixed(values)
    if present == {list}:
        return _decode_lists(values)
    if dict in present:
        return _unusable(values, "holds JSON objects")
    return _unusable(values, "holds arrays in some documents and single values in others")


def _as_numbers(values: Sequence[Any]) -> NDArray[Any]:
    """int64 when every value is an integer that fits, else float64 with NaN for None and for infinities."""
    try:
        array = np.array(values)
        if array.dtype.kind in "ib":
            return array.astype(np.int64)
        numbers = np.array(values, dtype=np.float64)
    except (OverflowError, TypeError, ValueError):
        numbers = np.array([math.nan if value is None else float(value) for value in values], dtype=np.float64)
    return _without_infinity(numbers)


def _without_infinity(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


_LEADING_ZERO = re.compile(r"[+-]?0\d")


def _text_to_number(text: str) -> float:
    if "_" in text or _LEADING_ZERO.match(text):  # Python's own notation, as in 2018_01, a month; a code, as in 007
        raise ValueError(text)
    return float(text) if text else math.nan


def _decode_texts(values: Sequence[str | None]) -> Chunk:
    texts = [value.strip() or None if value is not None else None for value in values]
    if not any(text is not None for text in texts):
        return missing_rows(len(values))
    try:
        numbers = _as_numbers([_text_to_number(text or "") for text in texts])
    except ValueError:
        return Chunk("text", len(values), texts=texts)
    if np.isnan(numbers).all():  # "nan" and "inf" alone are words, not numbers
        return Chunk("number word", len(values), numbers, texts, blank=_blank(texts))
    return Chunk("numeric text", len(values), numbers, texts, blank=_blank(texts))


def _decode_mixed(values: Sequence[Any]) -> Chunk:
    try:
        numbers = [_text_to_number(value.strip()) if isinstance(value, str) else value for value in values]
    except ValueError:
        texts = [value for value in values if isinstance(value, str) and not is_number(value)]
        return Chunk("unusable", len(values), texts=[min(texts)], blank=_blank(values))
    return Chunk("number", len(values), _as_numbers(numbers), blank=_blank(values))


def is_number(text: str) -> bool:
    """Whether a text spells a number."""
    try:
        _text_to_number(text.strip())
    except ValueError:
        return False
    return True


def _decode_lists(values: Sequence[list[Any] | None]) -> Chunk:
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
    return Chunk("vector", len(values), vectors.astype(np.float32), blank=_blank(values))
