"""Which vertices follow one another in time: those of one symbol, else of one collection."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.attribute_names import is_series_like
from trainer.dataset.grouping.type_table import TypeTable
from trainer.graph.columns import Column, NumberColumn, TextColumn


@dataclass(frozen=True)
class Series:
    """The series of each vertex of a type.

    Attributes:
        name: the attribute whose values tell them apart, or `collection`.
        codes: int64 of shape [vertices], equal for vertices of one series.
    """

    name: str
    codes: NDArray[np.int64]


def find_series(table: TypeTable, target: str) -> Series:
    """The series of a type's vertices; one without a symbol belongs to that of its collection.

    Args:
        table: the type.
        target: the label, which tells no series apart.
    """
    collection = table.collection.astype(np.int64)
    names = [name for name in table.table.columns if name != target and is_series_like(name)]
    for name in sorted(names, key=lambda name: (len(name), name)):
        codes = _codes(table.table.columns[name])
        if codes is not None and (codes >= 0).any():
            return Series(name, np.where(codes >= 0, codes + len(table.collections), collection))
    return Series("collection", collection)


def _codes(column: Column) -> NDArray[np.int64] | None:
    """A number from 0 on for each value, -1 where it is missing; None for what names nothing."""
    if isinstance(column, TextColumn):
        return column.codes.astype(np.int64)
    if not isinstance(column, NumberColumn):
        return None
    codes = np.full(len(column.values), -1, dtype=np.int64)
    known = ~column.missing
    codes[known] = np.unique(column.values[known], return_inverse=True)[1]
    return codes
