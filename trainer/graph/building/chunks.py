"""Consecutive values of one attribute as a part of a stored column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.graph.building.text_values import decode_texts
from trainer.graph.stored_column import (
    BIG,
    BOOLEAN,
    EMPTY_ARRAY,
    INTEGER,
    NESTED_ARRAY,
    NULL,
    OBJECT,
    OTHER_ARRAY,
    REAL,
    VECTOR,
    Numerals,
    StoredColumn,
    concatenate,
    nulls,
)

_NONE = type(None)
_EXACT = 2.0**53


def decode(values: Sequence[Any], vocabulary: dict[str, int]) -> StoredColumn:
    """JSON values, with codes of words as in `vocabulary`, to which new ones are added."""
    types = set(map(type, values))
    if types == {float}:
        return _reals(np.fromiter(values, np.float64, len(values)))
    if types <= {int, float, _NONE} and float in types:
        numbers = np.array(values, dtype=np.float64)
        if int not in types or not (np.abs(numbers) >= _EXACT).any():
            return _reals(numbers)
    if len(types) == 1:
        return _of_one_type(values, types.pop(), vocabulary)
    rows: dict[type, list[int]] = defaultdict(list)
    for row, value in enumerate(values):
        rows[type(value)].append(row)
    parts = [_of_one_type([values[row] for row in of_type], each, vocabulary) for each, of_type in rows.items()]
    return _in_order(parts, list(rows.values()))


def _of_one_type(values: Sequence[Any], each: type, vocabulary: dict[str, int]) -> StoredColumn:
    if each is _NONE:
        return nulls(len(values))
    if each is bool:
        return StoredColumn(np.full(len(values), BOOLEAN, dtype=np.int8), np.array(values, dtype=np.int64))
    if each is int:
        return _integers(values)
    if each is float:
        return _reals(np.fromiter(values, np.float64, len(values)))
    if each is str:
        return decode_texts(values, vocabulary)
    if each is list:
        return _arrays(values, vocabulary)
    return StoredColumn(np.full(len(values), OBJECT, dtype=np.int8))


def _in_order(parts: Sequence[StoredColumn], rows: Sequence[Sequence[int]]) -> StoredColumn:
    """Parts whose rows belong to these places."""
    order = np.fromiter(chain.from_iterable(rows), np.int64)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return concatenate(parts).take(place)


def _reals(numbers: NDArray[np.float64]) -> StoredColumn:
    """Doubles, of which those that are not finite are missing."""
    form = np.full(len(numbers), REAL, dtype=np.int8)
    finite = np.isfinite(numbers)
    if not finite.all():
        form[~finite] = NULL
        numbers[~finite] = 0
    return StoredColumn(form, real=numbers)


def _integers(values: Sequence[int]) -> StoredColumn:
    try:
        whole = np.array(values, dtype=np.int64)
    except OverflowError:
        return _large_integers(values)
    return StoredColumn(np.full(len(values), INTEGER, dtype=np.int8), whole)


def _large_integers(values: Sequence[int]) -> StoredColumn:
    """Integers of which some are beyond int64; ArangoDB writes integral doubles as these."""
    parts, rows = [], []
    for form in (INTEGER, REAL, BIG):
        of_form = [row for row, value in enumerate(values) if _form(value) == form]
        rows.append(of_form)
        forms = np.full(len(of_form), form, dtype=np.int8)
        numbers = [values[row] for row in of_form]
        if form == INTEGER:
            parts.append(StoredColumn(forms, np.array(numbers, dtype=np.int64)))
            continue
        real = np.array(numbers, dtype=np.float64)
        if form == REAL:
            parts.append(StoredColumn(forms, real=real))
        else:
            codes = np.arange(-2, -2 - len(numbers), -1, dtype=np.int32)
            parts.append(StoredColumn(forms, None, real, codes, (), Numerals.of(list(map(str, numbers)))))
    return _in_order(parts, rows)


def _form(value: int) -> int:
    if -(2**63) <= value < 2**63:
        return INTEGER
    shortest = repr(float(value))  # ArangoDB writes a double with these digits and no exponent
    return REAL if int(float(value)) == value or int(Decimal(shortest)) == value else BIG


def _arrays(values: Sequence[list[Any]], vocabulary: dict[str, int]) -> StoredColumn:
    widths = set(map(len, values))
    if len(widths) == 1 and 0 not in widths:
        vectors = _vectors(values)
        if vectors is not None:
            return _vector_column(vectors, _elements(values, vocabulary))
    by_form: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, value in enumerate(values):
        by_form[_form_of_array(value), len(value)].append(row)
    parts = []
    for (form, width), rows in by_form.items():
        of_form = [values[row] for row in rows]
        elements = _elements(of_form, vocabulary) if form in (VECTOR, OTHER_ARRAY) else None
        vectors = _vectors(of_form) if form == VECTOR else None
        if vectors is not None:
            parts.append(_vector_column(vectors, elements))
            continue
        whole = np.ones(len(rows), dtype=np.int64) if form == OTHER_ARRAY and width == 1 else None
        parts.append(StoredColumn(np.full(len(rows), form, dtype=np.int8), whole, elements=elements))
    return _in_order(parts, list(by_form.values()))


def _elements(values: Sequence[list[Any]], vocabulary: dict[str, int]) -> StoredColumn | None:
    """The only elements of arrays of one; None for longer ones."""
    return decode([value[0] for value in values], vocabulary) if len(values[0]) == 1 else None


def _vector_column(vectors: NDArray[np.float32], elements: StoredColumn | None) -> StoredColumn:
    num, width = vectors.shape
    whole = np.full(num, width, dtype=np.int64)
    return StoredColumn(np.full(num, VECTOR, dtype=np.int8), whole, vectors=vectors, elements=elements)


def _vectors(values: Sequence[list[Any]]) -> NDArray[np.float32] | None:
    try:
        vectors = np.array(values, dtype=np.float64)
    except (OverflowError, TypeError, ValueError):
        return None
    if vectors.ndim != 2:
        return None
    vectors[~np.isfinite(vectors)] = np.nan
    with np.errstate(over="ignore"):
        return vectors.astype(np.float32)


def _form_of_array(value: list[Any]) -> int:
    if not value:
        return EMPTY_ARRAY
    if _vectors([value]) is not None:
        return VECTOR
    return NESTED_ARRAY if all(isinstance(one, list) for one in value) else OTHER_ARRAY
