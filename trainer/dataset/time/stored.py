"""Values as they are stored, before it is judged what they mean as times: each one a moment or a number by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.time.texts import INTEGER, MOMENT, PLACEHOLDER, REAL, UNREADABLE, read_texts
from trainer.dataset.time.units import FIRST, LAST, NEVER, NOT, VALID, calendar_moments
from trainer.graph import stored_column as column_forms
from trainer.graph.stored_column import NULL, StoredColumn

ABSENT = -1
"""Beside the forms of texts: a row without a value."""
_OTHERS = {
    column_forms.BOOLEAN: "booleans",
    column_forms.OBJECT: "JSON objects",
    **dict.fromkeys(
        (column_forms.VECTOR, column_forms.EMPTY_ARRAY, column_forms.OTHER_ARRAY, column_forms.NESTED_ARRAY), "arrays"
    ),
}
"""Values that are neither numbers nor texts."""
_ONE_OF = {"booleans": "a boolean", "JSON objects": "an object", "arrays": "an array"}


@dataclass(frozen=True)
class Stored:
    """The values of an attribute, of one collection or of several one after the other.

    Attributes:
        form: int8 of shape [rows]: ABSENT, UNREADABLE, PLACEHOLDER, MOMENT, INTEGER or REAL.
        whole: int64 of shape [rows], nanoseconds since 1970 of a MOMENT, an INTEGER itself.
        real: float64 of shape [rows], a REAL itself.
        texts: what was read as texts, for examples.
        codes: int32 of shape [rows], a place in `texts`, -1 of numbers, below that of values that are neither.
        reason: why no value can be a time, if so.
        calendar: one of the calendar numbers that were made moments, if so.
    """

    form: NDArray[np.int8]
    whole: NDArray[np.int64]
    real: NDArray[np.float64]
    texts: Sequence[str]
    codes: NDArray[np.int32]
    reason: str = ""
    calendar: str = ""

    @property
    def is_number(self) -> NDArray[np.bool_]:
        """Which rows hold numbers, shape [rows]."""
        is_number: NDArray[np.bool_] = self.form >= INTEGER
        return is_number

    @property
    def numbers(self) -> NDArray[np.float64]:
        """The numbers to the precision of a double, shape [rows]."""
        return np.where(self.form == REAL, self.real, self.whole)

    @property
    def is_mark(self) -> NDArray[np.bool_]:
        """Which rows hold the number 0 or -1, by which programs often mean "none", shape [rows]."""
        is_mark: NDArray[np.bool_] = (self.form == INTEGER) & ((self.whole == 0) | (self.whole == -1))
        return is_mark

    @property
    def may_be_time(self) -> bool:
        """Whether at least half of the values that are no placeholders are moments or numbers."""
        good, bad = (self.form >= MOMENT).sum(), (self.form == UNREADABLE).sum()
        return bool(good and good >= bad)

    def show(self, row: int) -> str:
        """A value as its document spells it."""
        code = int(self.codes[row])
        if code != -1:
            return repr(self.texts[code]) if code >= 0 else _ONE_OF[_OTHERS[-2 - code]]
        whole, real = int(self.whole[row]), float(self.real[row])
        return str(whole) if whole or not real else repr(real)


def stored_values(column: StoredColumn) -> Stored:
    """The values of a column; what is neither a number nor a text is unreadable."""
    is_text = column.is_text
    form = np.where(column.form == NULL, ABSENT, UNREADABLE).astype(np.int8)
    whole, real = np.zeros(len(form), dtype=np.int64), np.zeros(len(form), dtype=np.float64)
    codes = (-2 - column.form).astype(np.int32)
    parts: list[tuple[NDArray[np.int64], Stored]] = []
    for of_form, numbers in ((column_forms.INTEGER, column.whole), (column_forms.REAL, column.real)):
        rows = np.flatnonzero((column.form == of_form) & ~is_text)
        if numbers is not None and len(rows):
            parts.append((rows, of_numbers(numbers[rows], np.zeros(len(rows), dtype=bool))))
    rows = np.flatnonzero(is_text)
    texts, text_codes = _distinct_texts(column, rows)
    parts.append((rows, of_texts(text_codes, texts)))
    for rows, part in parts:
        form[rows], whole[rows], real[rows], codes[rows] = part.form, part.whole, part.real, part.codes
    stored = Stored(form, whole, real, texts, codes)
    others = set(column.form.tolist()) - {NULL} if not sum(len(rows) for rows, _ in parts) else set()
    return (
        replace(stored, reason="holds " + " and ".join(sorted({_OTHERS[each] for each in others})))
        if others
        else stored
    )


def _distinct_texts(column: StoredColumn, rows: NDArray[np.int64]) -> tuple[Sequence[str], NDArray[np.int32]]:
    if column.codes is None or (column.codes[rows] >= 0).all():
        return column.words, np.empty(0, dtype=np.int32) if column.codes is None else column.codes[rows]
    place: dict[str, int] = {}
    codes = [place.setdefault(text, len(place)) for text in column.texts(rows)]
    return list(place), np.array(codes, dtype=np.int32)


def of_numbers(values: NDArray[Any], missing: NDArray[np.bool_]) -> Stored:
    """Numbers, int64 or float64 of shape [rows]; those beyond all times of any unit are placeholders."""
    real = np.where(missing, 0, values).astype(np.float64)
    if values.dtype.kind == "i":
        whole = np.where(missing, 0, values)
        form = np.where((whole < FIRST) | (whole >= LAST), PLACEHOLDER, INTEGER)
    else:
        beyond = ~(np.abs(real) < LAST)
        is_whole = ~beyond & (real == np.floor(real))
        whole = np.where(is_whole, real, 0).astype(np.int64)
        form = np.where(beyond, PLACEHOLDER, np.where(is_whole, INTEGER, REAL))
    form = np.where(missing, ABSENT, form).astype(np.int8)
    return Stored(form, whole, real, (), np.full(len(values), -1, dtype=np.int32))


def of_texts(codes: NDArray[np.int32], texts: Sequence[str]) -> Stored:
    """Texts by their place in a list of distinct ones, -1 where a row has none."""
    read = read_texts(texts)
    form = np.append(read.form, np.int8(ABSENT))[codes]
    return Stored(form, np.append(read.whole, 0)[codes], np.append(read.real, 0.0)[codes], texts, codes)


def with_calendar_numbers(stored: Stored) -> Stored:
    """The values of one collection; calendar numbers such as 20240601 are moments where most numbers are such.

    What has the form of one and names no day is then unreadable, 0, -1 and the year 9999 placeholders. A number of another
    form cannot be placed among them: `reason` names the mix.
    """
    rows = np.flatnonzero(stored.is_number & ~stored.is_mark)
    moments, verdict = calendar_moments(stored.whole[rows])
    valid = verdict == VALID
    if 2 * int(valid.sum()) <= len(rows):
        return stored
    calendar = stored.show(rows[valid][0])
    if len(others := rows[verdict == NOT]):
        other = stored.show(others[0])
        return replace(stored, reason=f"holds calendar numbers such as {calendar} and other numbers such as {other}")
    form, whole = stored.form.copy(), stored.whole.copy()
    form[stored.is_mark] = PLACEHOLDER
    form[rows] = np.select([valid, verdict == NEVER], [MOMENT, PLACEHOLDER], UNREADABLE)
    whole[rows[valid]] = moments[valid]
    return replace(stored, form=form, whole=whole, calendar=calendar)


def joined(parts: Sequence[Stored]) -> Stored:
    """The values of several collections, one after the other."""
    if len(parts) == 1:
        return parts[0]
    offsets = np.cumsum([0, *(len(part.texts) for part in parts)])
    return Stored(
        np.concatenate([part.form for part in parts]),
        np.concatenate([part.whole for part in parts]),
        np.concatenate([part.real for part in parts]),
        [text for part in parts for text in part.texts],
        np.concatenate(
            [
                np.where(part.codes < 0, part.codes, part.codes + start)
                for part, start in zip(parts, offsets, strict=False)
            ]
        ),
        next((part.reason for part in parts if part.reason), ""),
        next((part.calendar for part in parts if part.calendar), ""),
    )
