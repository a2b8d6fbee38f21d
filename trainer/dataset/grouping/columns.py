"""An attribute of several collections as one column, or why it is none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.graph.columns import MAX_SPELLINGS, Column, NumberColumn, TextColumn, UnusableColumn, VectorColumn

_VALUES = {NumberColumn: "numbers", TextColumn: "texts", VectorColumn: "arrays"}


def join_columns(columns: Sequence[Column | None], lengths: Sequence[int], names: Sequence[str]) -> Column:
    """The columns one after the other; None is a collection without the attribute."""
    known = [
        (column, name)
        for column, name in zip(columns, names, strict=True)
        if column is not None and not column.missing.all()
    ]
    parts = [column for column, _ in known]
    if all(isinstance(part, NumberColumn) for part in parts):
        return _numbers(columns, lengths)
    if all(isinstance(part, TextColumn) for part in parts):
        return _texts(columns, lengths)
    widths = sorted({part.values.shape[1] for part in parts if isinstance(part, VectorColumn)})
    if len(widths) == 1 and all(isinstance(part, VectorColumn) for part in parts):
        return _vectors(columns, lengths, widths[0])
    return UnusableColumn(_reason(known, widths), _missing(columns, lengths))


def _numbers(columns: Sequence[Column | None], lengths: Sequence[int]) -> NumberColumn:
    values = [
        column.values if isinstance(column, NumberColumn) else np.full(length, np.nan)
        for column, length in zip(columns, lengths, strict=True)
        if length
    ]
    known = [column for column in columns if isinstance(column, NumberColumn) and not column.missing.all()]
    boolean = bool(known) and all(column.boolean for column in known)
    spellings = {text for column in known for text in column.spellings}
    if len(spellings) > MAX_SPELLINGS or not all(column.spellings for column in known):
        spellings = set()
    return NumberColumn(np.concatenate([np.empty(0, np.int64), *values]), boolean, tuple(sorted(spellings)))


def _texts(columns: Sequence[Column | None], lengths: Sequence[int]) -> TextColumn:
    texts = [column for column in columns if isinstance(column, TextColumn)]
    categories = sorted({text for column in texts for text in column.categories})
    code_of = {text: code for code, text in enumerate(categories)}
    codes = []
    for column, length in zip(columns, lengths, strict=True):
        if isinstance(column, TextColumn):
            codes.append(np.array([*(code_of[text] for text in column.categories), -1], dtype=np.int32)[column.codes])
        else:
            codes.append(np.full(length, -1, dtype=np.int32))
    return TextColumn(np.concatenate(codes), categories)


def _vectors(columns: Sequence[Column | None], lengths: Sequence[int], width: int) -> VectorColumn:
    values = [
        column.values if isinstance(column, VectorColumn) else np.full((length, width), np.nan, dtype=np.float32)
        for column, length in zip(columns, lengths, strict=True)
    ]
    return VectorColumn(np.concatenate(values), _missing(columns, lengths))


def _missing(columns: Sequence[Column | None], lengths: Sequence[int]) -> NDArray[np.bool_]:
    return np.concatenate(
        [
            np.ones(length, dtype=bool) if column is None else column.missing
            for column, length in zip(columns, lengths, strict=True)
        ]
    )


def _reason(known: Sequence[tuple[Column, str]], widths: Sequence[int]) -> str:
    """Why the columns cannot be one."""
    for column, _ in known:
        if isinstance(column, UnusableColumn):
            return column.reason
    first_of = {type(column): name for column, name in reversed(known)}
    if len(first_of) == 1:
        return f"holds arrays of several lengths ({', '.join(map(str, widths))})"
    named = sorted((name, _VALUES[column_type]) for column_type, name in first_of.items())
    return "holds " + " and ".join(f"{values} in {name}" for name, values in named)
