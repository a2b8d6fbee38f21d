"""Labels that stand for "no label": those of TARGET_MISSING, and those that look like it and are learned as classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from trainer.dataset.labels.label_values import LabelValues
from trainer.dataset.warned import Warned
from trainer.graph.building.chunks import decode
from trainer.graph.graph import join_names
from trainer.graph.stored_column import BIG, BOOLEAN, INTEGER, REAL, StoredColumn
from trainer.record import label_text

_PLACEHOLDERS = frozenset(
    (
        "nan",
        "none",
        "null",
        "nil",
        "na",
        "n/a",
        "#n/a",
        "nat",
        "unknown",
        "undefined",
        "unlabelled",
        "unlabeled",
        "missing",
    )
) | frozenset(("?", "-", "--", ".", "-1"))


def without_missing(stored: StoredColumn, missing: Sequence[str], name: str) -> Warned[StoredColumn]:
    """The values that TARGET_MISSING does not name, null in place of the others; warns of those that no vertex has.

    Args:
        stored: the values.
        missing: TARGET_MISSING; a value means the same text, and the number or the truth value that it spells, be
            that stored as such or as a text, such as `-1`, `-1.0` and `"-1"`.
        name: TARGET.
    """
    if not missing:
        return Warned(stored)
    rows = np.flatnonzero(stored.is_text)
    texts = np.array(stored.texts(rows), dtype=object)
    dropped = np.zeros(len(stored), dtype=bool)
    absent = []
    for value in missing:
        is_meant = _spelled_rows(stored, value)
        is_meant[rows[texts == value.strip()]] = True
        dropped |= is_meant
        if not is_meant.any():
            absent.append(value)
    warnings = (f"TARGET_MISSING names {join_names(absent)}, and no label of {name!r} is that.",) if absent else ()
    return Warned(stored.without(dropped), warnings)


def _spelled_rows(stored: StoredColumn, value: str) -> NDArray[np.bool_]:
    """The rows that hold the number or truth value that a text spells, exactly."""
    spelled = decode([value], {})
    form = int(spelled.form[0])
    if form == BOOLEAN and spelled.whole is not None:
        return _rows_with(stored, BOOLEAN, stored.whole, spelled.whole[0])
    if form not in (INTEGER, REAL, BIG):
        return np.zeros(len(stored), dtype=bool)
    text = value.strip()
    exact = float(text) if form == REAL else int(text)
    whole = int(exact) if exact == int(exact) and abs(exact) < 2**63 else None
    real = float(exact) if exact == float(exact) else None  # Python compares an integer with a double exactly
    return _rows_with(stored, INTEGER, stored.whole, whole) | _rows_with(stored, REAL, stored.real, real)


def _rows_with(stored: StoredColumn, form: int, values: NDArray[Any] | None, value: float | None) -> NDArray[np.bool_]:
    if values is None or value is None:
        return np.zeros(len(stored), dtype=bool)
    return np.asarray((stored.form == form) & (values == value))


def placeholder_warnings(values: LabelValues, name: str) -> Iterator[str]:
    """A sentence where classes look as if they stood for "no label": -1 beside 0, 1, …; or a word such as "nan"."""
    found = [index for index in range(len(values)) if _is_placeholder(values, index)]
    if found and len(values) > 1:
        texts = [label_text(values.label(index)) for index in found]
        listed = ", ".join(
            f"{count} are {text!r}" for text, count in zip(texts, values.counts[found].tolist(), strict=True)
        )
        yield (
            f"Of the labels of {name!r}, {listed}, learned as {'a class' if len(found) == 1 else 'classes'}; "
            f'if that means "no label", set TARGET_MISSING={_as_setting(texts)}.'
        )


def _is_placeholder(values: LabelValues, index: int) -> bool:
    if values.numbers is None:
        return label_text(values.label(index)).lower() in _PLACEHOLDERS
    others = np.delete(values.numbers, index)
    return bool(values.numbers[index] == -1 and values.integral and len(others) > 1 and others.min() >= 0)


def _as_setting(texts: Sequence[str]) -> str:
    if any("," in text or " " in text or text.startswith("[") for text in texts):
        return orjson.dumps(list(texts)).decode()
    return ",".join(texts)
