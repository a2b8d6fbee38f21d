"""Attribute values of documents, in any order and form, as typed columns.

JSON says little about types: an integral double arrives as an int, exchange streams send numbers as
texts, and a document may lack what others have. So the type of a column is decided over all its rows (see `building.column_builder`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

MAX_SPELLINGS = 2000
"""A label may have 1000 classes, and each a few spellings; longer lists are of no use."""


@dataclass(frozen=True)
class _Column:
    def take(self, rows: NDArray[np.int64]) -> Self:
        """The column with these rows, in this order."""
        arrays = {name: value[rows] for name, value in vars(self).items() if isinstance(value, np.ndarray)}
        return replace(self, **arrays)


@dataclass(frozen=True)
class NumberColumn(_Column):
    """Numbers or booleans.

    Attributes:
        values: int64 or float64 of shape [rows], NaN where missing.
        boolean: whether they are true and false.
        spellings: the different texts that the documents hold in place of numbers, in order; empty where some hold
            numbers, and where they are more than `MAX_SPELLINGS`.
    """

    values: NDArray[Any]
    boolean: bool = False
    spellings: tuple[str, ...] = ()

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows hold no number, shape [rows]."""
        return np.isnan(self.values) if self.values.dtype.kind == "f" else np.zeros(len(self.values), dtype=bool)


@dataclass(frozen=True)
class VectorColumn(_Column):
    """Arrays of numbers of one length: `values` is float32 of shape [rows, width], NaN in missing rows."""

    values: NDArray[np.float32]
    missing: NDArray[np.bool_]


@dataclass(frozen=True)
class TextColumn(_Column):
    """Texts as categories: `codes` is int32 of shape [rows], -1 where missing, else an index into `categories`."""

    codes: NDArray[np.int32]
    categories: list[str]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows hold no text, shape [rows]."""
        return self.codes < 0


@dataclass(frozen=True)
class UnusableColumn(_Column):
    """Values that are no column: objects, arrays of several lengths, texts among numbers. `reason` says which."""

    reason: str
    missing: NDArray[np.bool_]


Column = NumberColumn | VectorColumn | TextColumn | UnusableColumn
