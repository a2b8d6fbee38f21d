"""What texts spell: numbers, booleans, or words."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.graph.stored_column import BIG, BOOLEAN, INTEGER, NULL, REAL, WORD, Numerals, StoredColumn

_NUMERAL = re.compile(r"[+-]?(?:[0-9]+(?P<fraction>\.[0-9]*)?|(?P<point>\.[0-9]+))(?P<exponent>[eE][+-]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"(?m)^[+-]?0[0-9]")
_OF_NUMERALS = b"0123456789+-.eE"
_FIRST_OF_NUMERALS = frozenset("0123456789+-.")
_TRUTH = {"false": 0, "true": 1}
_EXACT = 2.0**53
_MOST_DIGITS = 310


def is_code(text: str) -> bool:
    """Whether a text is a number but for a leading zero, which then means something: `007`, `01.10`, but not `0` and `0.5`."""
    return _LEADING_ZERO.match(text) is not None and _NUMERAL.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Whether a text spells a finite number, in ASCII and without Python's own notation (2018_01 is a month)."""
    return _read(text.strip())[0] in (INTEGER, REAL, BIG)


def decode_texts(values: Sequence[str], vocabulary: dict[str, int]) -> StoredColumn:
    """Texts without the blanks around them; blank ones are NULL, words get their codes in `vocabulary`."""
    texts = list(map(str.strip, values))
    numbers = _all_numerals(texts)
    if numbers is not None:
        return numbers
    place = {text: index for index, text in enumerate(dict.fromkeys(texts))}
    form = np.empty(len(place), dtype=np.int8)
    whole, real = np.zeros(len(place), dtype=np.int64), np.zeros(len(place), dtype=np.float64)
    codes = np.full(len(place), -1, dtype=np.int32)
    numerals: list[str] = []
    for index, text in enumerate(place):
        if not text:
            form[index] = NULL
            continue
        if text in vocabulary:
            form[index], codes[index] = WORD, vocabulary[text]
            continue
        form[index], whole[index], real[index] = _read(text)
        if form[index] == WORD:
            codes[index] = vocabulary.setdefault(text, len(vocabulary))
        else:
            codes[index] = -2 - len(numerals)
            numerals.append(text)
    rows = np.fromiter(map(place.__getitem__, texts), np.int64, len(texts))
    has_whole, has_real = np.isin(form, (BOOLEAN, INTEGER)).any(), np.isin(form, (REAL, BIG)).any()
    return StoredColumn(
        form[rows],
        whole[rows] if has_whole else None,
        real[rows] if has_real else None,
        codes[rows],
        (),
        Numerals.of(numerals),
    )


def _all_numerals(texts: list[str]) -> StoredColumn | None:
    """Texts that are numbers, all of them, as is usual; None where one is something else or needs a closer look."""
    joined = "\n".join(texts)
    if not joined.isascii() or joined.encode().translate(None, _OF_NUMERALS + b"\n") or _LEADING_ZERO.search(joined):
        return None
    is_whole = not any(sign in joined for sign in ".eE")
    try:
        numbers: NDArray[np.int64] | NDArray[np.float64]
        if is_whole:
            numbers = np.array(list(map(int, texts)), dtype=np.int64)
        else:
            numbers = np.array(list(map(float, texts)), dtype=np.float64)
    except (OverflowError, ValueError):
        return None
    if not is_whole and not (np.abs(numbers) < _EXACT).all():
        return None
    codes = np.arange(-2, -2 - len(texts), -1, dtype=np.int32)
    form = np.full(len(texts), INTEGER if is_whole else REAL, dtype=np.int8)
    numerals = Numerals.of(texts)
    if is_whole:
        return StoredColumn(form, numbers.astype(np.int64), None, codes, (), numerals)
    return StoredColumn(form, None, numbers.astype(np.float64), codes, (), numerals)


def _read(text: str) -> tuple[int, int, float]:
    """The form of a text, and its value as `whole` and `real`."""
    if text[:1] in _FIRST_OF_NUMERALS:
        match = _NUMERAL.fullmatch(text)
        if match is None or _LEADING_ZERO.match(text):
            return WORD, 0, 0.0
        if not (match["fraction"] or match["point"] or match["exponent"]):
            if len(text) > _MOST_DIGITS:  # Python refuses to read thousands of digits, and no double holds 310
                return WORD, 0, 0.0
            number = int(text)
            is_exact = -(2**63) <= number < 2**63
            return (INTEGER, number, 0.0) if is_exact else _beyond(number)
        value = float(text)
        return (REAL, 0, value) if math.isfinite(value) else (WORD, 0, 0.0)
    truth = _TRUTH.get(text.lower()) if len(text) < 6 else None
    return (WORD, 0, 0.0) if truth is None else (BOOLEAN, truth, 0.0)


def _beyond(number: int) -> tuple[int, int, float]:
    """An integer beyond int64."""
    try:
        return BIG, 0, float(number)
    except OverflowError:
        return WORD, 0, 0.0
