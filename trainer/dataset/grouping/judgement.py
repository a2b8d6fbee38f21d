"""What an attribute holds, judged once over all values of a vertex type: numbers, booleans, texts, arrays, or nothing usable.

In this order:

1. Arrays of one length and nothing else are vectors.
2. `true` and `false`, be they texts in any letter case, are booleans where there is nothing else.
3. A code with a leading zero (`007`) makes numbers and texts one column of texts; so do whole numbers of which one is beyond
   64 bits, because nothing is ever rounded without a word.
4. More than half numbers, be they texts, are numbers; what else there is counts as missing.
5. Texts alone are texts.

Null, blank texts and `nan` have no say, nor have the usual words for "no value" (`--`, `null`, `N/A`) beside numbers or booleans.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from trainer.graph.building.text_values import is_code
from trainer.graph.columns import Column, NumberColumn, TextColumn, UnusableColumn, VectorColumn
from trainer.graph.graph import HAS_NO_VALUE, HOLDS_OBJECTS, HOLDS_TEXTS
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
    WORD,
    StoredColumn,
)

_NUMBERS = (INTEGER, REAL, BIG)
_OF_TEXTS = (BOOLEAN, *_NUMBERS, WORD)
_NOTHING = frozenset({"nan", "+nan", "-nan"})
"""Texts that say of a number that it is missing, without a word."""
_PLACEHOLDERS = frozenset(
    [
        "null",
        "none",
        "nil",
        "undefined",
        "n/a",
        "na",
        "n.a.",
        "n.a",
        "#n/a",
        "#na",
        "<na>",
        "-",
        "--",
        "---",
        ".",
        "...",
        "?",
        "??",
    ]
)
_REASONS = {
    OBJECT: HOLDS_OBJECTS,
    OTHER_ARRAY: "holds arrays of something else than numbers",
    EMPTY_ARRAY: "holds empty arrays",
    NESTED_ARRAY: "holds nested arrays",
}
_SHOWN = {
    OBJECT: "an object",
    OTHER_ARRAY: "an array",
    EMPTY_ARRAY: "an array",
    NESTED_ARRAY: "an array",
    VECTOR: "an array",
}
_MOST_EXAMPLES = 3


@dataclass(frozen=True)
class Expected:
    """How a model has learned to read an attribute: number, boolean, vector or category, and its categories."""

    kind: str
    categories: Collection[str] = ()


def judge(stored: StoredColumn, expected: Expected | None = None) -> Column:
    """What the values are.

    Args:
        stored: the values of all collections of a type.
        expected: how they are read where that is settled already; values of which none can be read so are judged anew.
    """
    facts = _Facts.of(stored)
    if expected is not None:
        if expected.kind == "category" and facts.may_be_categories(expected.categories):
            return _texts(stored)
        if expected.kind in ("number", "boolean") and facts.num_numbers + facts.count(BOOLEAN):
            return _numbers(stored, boolean=expected.kind == "boolean" and not facts.num_numbers)
    if facts.count(VECTOR):
        if facts.num_present == facts.count(VECTOR) and stored.vectors is not None:
            return VectorColumn(stored.vectors, np.asarray(np.isnan(stored.vectors).all(axis=1)))
    elif facts.count(BOOLEAN) and facts.num_telling == facts.count(BOOLEAN):
        return _numbers(stored, boolean=True)
    elif reason := facts.why_texts():
        return _texts(stored, reason)
    if not facts.num_present or (facts.num_numbers and 2 * facts.num_as_numbers > facts.num_telling):
        return _numbers(stored, boolean=False)
    if stored.is_text.sum() == facts.num_present:
        return _texts(stored)
    return UnusableColumn(_reason(stored, facts), np.asarray(stored.form == NULL))


def stronger_reason(one: str, other: str) -> str:
    """The reason of both collections together, of two why an attribute of one collection is no column."""
    order = [*_REASONS.values(), HOLDS_TEXTS, HAS_NO_VALUE]
    return min(one, other, key=order.index)


def spellings(stored: StoredColumn) -> list[str]:
    """The different texts by which documents spell numbers and booleans, in order; empty where some hold these themselves."""
    rows = np.flatnonzero(np.isin(stored.form, (BOOLEAN, *_NUMBERS)))
    if not stored.is_text[rows].all():
        return []
    return sorted(set(stored.texts(rows)))


@dataclass(frozen=True)
class _Facts:
    """Counts of values.

    Attributes:
        stored: the values.
        counts: by form.
        words: the words and how often each occurs.
        num_nothing: rows with `nan`.
        num_placeholders: rows with another usual word for "no value".
    """

    stored: StoredColumn
    counts: NDArray[np.int64]
    words: dict[str, int]
    num_nothing: int
    num_placeholders: int

    @staticmethod
    def of(stored: StoredColumn) -> _Facts:
        words: dict[str, int] = {}
        if stored.codes is not None and stored.words:
            used = np.bincount(stored.codes[stored.codes >= 0], minlength=len(stored.words))
            words = {stored.words[code]: int(used[code]) for code in np.flatnonzero(used).tolist()}
        return _Facts(
            stored,
            np.bincount(stored.form, minlength=NESTED_ARRAY + 1),
            words,
            sum(count for word, count in words.items() if word.lower() in _NOTHING),
            sum(count for word, count in words.items() if word.lower() in _PLACEHOLDERS),
        )

    def count(self, form: int) -> int:
        return int(self.counts[form])

    @property
    def num_present(self) -> int:
        return len(self.stored) - self.count(NULL)

    @property
    def num_telling(self) -> int:
        """Rows that have a say."""
        return self.num_present - self.num_nothing - self.num_placeholders

    @property
    def num_numbers(self) -> int:
        return sum(map(self.count, _NUMBERS))

    @property
    def num_as_numbers(self) -> int:
        """Numbers, and booleans, which are 0 and 1 beside numbers."""
        return self.num_numbers + self.count(BOOLEAN)

    def why_texts(self) -> str:
        """Why numbers are taken as texts, if so."""
        if sum(map(self.count, _OF_TEXTS)) < self.num_present:
            return ""
        codes = sorted(filter(is_code, self.words))
        if codes and not self._has_fractions():
            return f"holds codes with leading zeros such as {codes[0]!r}"
        if not self.num_numbers or 2 * self.num_as_numbers <= self.num_telling:
            return ""
        inexact = _beyond_doubles(self.stored)
        return f"holds whole numbers beyond 64 bits such as {inexact}" if inexact else ""

    def _has_fractions(self) -> bool:
        """Whether there are JSON numbers with fractions, beside which a code is a mistake."""
        if self.stored.real is None:
            return False
        reals = self.stored.real[(self.stored.form == REAL) & ~self.stored.is_text]
        return bool((reals != np.floor(reals)).any())

    def may_be_categories(self, known: Collection[str]) -> bool:
        """Whether there is a text, or a number that is spelled as a known category."""
        if self.stored.is_text.any():
            return True
        rows = np.flatnonzero(np.isin(self.stored.form, _OF_TEXTS))
        return bool(len(rows)) and any(text in known for text in _spelled(self.stored, rows))


def _beyond_doubles(stored: StoredColumn) -> str:
    """The smallest whole number that neither int64 nor a double holds, if there is one and all numbers are whole."""
    rows = np.flatnonzero(stored.form == BIG)
    if not len(rows) and not _has_large_reals_beside_integers(stored):
        return ""
    reals = np.empty(0) if stored.real is None else stored.real[stored.form == REAL]
    if not (reals == np.floor(reals)).all():
        return ""
    if len(rows):
        return min(stored.texts(rows), key=lambda text: (len(text), text))
    assert stored.whole is not None
    return str(int(stored.whole[stored.form == INTEGER].max()))


def _has_large_reals_beside_integers(stored: StoredColumn) -> bool:
    """Whether integers that no double holds stand beside numbers that int64 does not hold."""
    if stored.whole is None or stored.real is None:
        return False
    whole, real = stored.whole[stored.form == INTEGER], stored.real[stored.form == REAL]
    return bool((np.abs(real) >= 2.0**63).any() and (whole.astype(np.float64).astype(np.int64) != whole).any())


def _numbers(stored: StoredColumn, *, boolean: bool) -> NumberColumn:
    """Numbers where there are any, all other rows missing."""
    form, whole, real = stored.form, stored.whole, stored.real
    is_whole, is_real = np.isin(form, (BOOLEAN, INTEGER)), np.isin(form, (REAL, BIG))
    missing = ~(is_whole | is_real)
    values: NDArray[np.int64] | NDArray[np.float64]
    if real is None or not is_real.any():
        values = np.zeros(len(form), dtype=np.int64) if whole is None else np.where(missing, 0, whole)
    elif whole is None or not is_whole.any():
        values = np.where(missing, np.nan, real) if missing.any() else real
    elif _are_int64(real[is_real]):
        values = np.where(is_whole, whole, np.where(is_real, real, 0).astype(np.int64))
    else:
        values = np.where(is_whole, whole, np.where(is_real, real, np.nan))
    if not missing.any():
        return NumberColumn(values, missing, boolean)
    shown = Counter(_shown(stored, np.flatnonzero(missing & (form != NULL))))
    examples = sorted(shown, key=lambda value: (-shown[value], value))[:_MOST_EXAMPLES]
    return NumberColumn(values, missing, boolean, sum(shown.values()), tuple(examples))


def _are_int64(numbers: NDArray[np.float64]) -> bool:
    return bool(((numbers == np.floor(numbers)) & (np.abs(numbers) < 2.0**63)).all())


def _shown(stored: StoredColumn, rows: NDArray[np.int64]) -> Iterator[str]:
    """Values that are no numbers, as a sentence shows them; without those that say themselves that they are none."""
    words = rows[stored.form[rows] == WORD]
    yield from (repr(word) for word in stored.texts(words) if word.lower() not in _NOTHING)
    yield from (_SHOWN[form] for form in stored.form[rows].tolist() if form != WORD)


def _texts(stored: StoredColumn, reason: str = "") -> TextColumn:
    """Every text, number and boolean by its spelling, the order of categories that of the texts."""
    codes = np.full(len(stored), -1, dtype=np.int32)
    is_word = stored.form == WORD
    if stored.codes is not None:
        codes[is_word] = stored.codes[is_word]
    used = np.unique(codes[is_word])
    names = [stored.words[code] for code in used.tolist()]
    codes[is_word] = np.searchsorted(used, codes[is_word])
    rows = np.flatnonzero(np.isin(stored.form, (BOOLEAN, *_NUMBERS)))
    if not len(rows):
        return TextColumn(codes, names, reason)
    code_of = {name: code for code, name in enumerate(names)}
    codes[rows] = [code_of.setdefault(text, len(code_of)) for text in _spelled(stored, rows)]
    categories = sorted(code_of)
    new = np.empty(len(categories) + 1, dtype=np.int32)
    new[[code_of[name] for name in categories]] = np.arange(len(categories))
    new[-1] = -1
    return TextColumn(new[codes], categories, reason)


def _spelled(stored: StoredColumn, rows: NDArray[np.int64]) -> list[str]:
    """Numbers and booleans as their documents spell them; integral doubles as integers, as in the answers of ArangoDB."""
    is_text = stored.is_text[rows]
    texts = iter(stored.texts(rows[is_text]))
    spelled = []
    for row, has_text in zip(rows.tolist(), is_text.tolist(), strict=True):
        spelled.append(next(texts) if has_text else _json(stored, row))
    return spelled


def _json(stored: StoredColumn, row: int) -> str:
    if stored.form[row] == REAL:
        assert stored.real is not None
        value = float(stored.real[row])
        return str(int(value)) if value.is_integer() and abs(value) < 2.0**64 else orjson.dumps(value).decode()
    assert stored.whole is not None
    value = int(stored.whole[row])
    return orjson.dumps(bool(value)).decode() if stored.form[row] == BOOLEAN else str(value)


def _reason(stored: StoredColumn, facts: _Facts) -> str:
    """Why the values are no column."""
    if facts.count(VECTOR) and facts.count(VECTOR) + facts.count(EMPTY_ARRAY) == facts.num_present:
        assert stored.whole is not None
        widths = np.unique(stored.whole[np.isin(stored.form, (VECTOR, EMPTY_ARRAY))]).tolist()
        return f"holds arrays of several lengths ({', '.join(map(str, widths[:4]))})"
    for form, reason in _REASONS.items():
        if facts.count(form):
            return reason
    if facts.count(VECTOR):
        return "holds arrays in some documents and single values in others"
    word = min((word for word in facts.words if word.lower() not in _NOTHING), default=min(facts.words, default=""))
    return f"holds texts such as {word!r} among {'numbers' if facts.num_numbers else 'booleans'}"
