"""Columns of one type each, as the judgement over all values of an attribute makes them (`dataset.grouping.judgement`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


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
        values: int64 or float64 of shape [rows]; where missing, 0 of integers and NaN of doubles.
        missing: bool of shape [rows], which rows hold no number.
        boolean: whether they are true and false.
        unreadable: how many rows are missing because they hold something else than a number, such as `--`.
        examples: some of these values for a sentence, the commonest first.
    """

    values: NDArray[Any]
    missing: NDArray[np.bool_]
    boolean: bool = False
    unreadable: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class VectorColumn(_Column):
    """Arrays of numbers of one length: `values` is float32 of shape [rows, width], NaN in missing rows."""

    values: NDArray[np.float32]
    missing: NDArray[np.bool_]


@dataclass(frozen=True)
class TextColumn(_Column):
    """Texts as categories: `codes` is int32 of shape [rows], -1 where missing, else an index into `categories`.

    `reason` says why numbers among them, or all of them, are taken as texts.
    """

    codes: NDArray[np.int32]
    categories: list[str]
    reason: str = ""

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows hold no text, shape [rows]."""
        return self.codes < 0


@dataclass(frozen=True)
class UnusableColumn(_Column):
    """Values that are no column: objects, arrays of several lengths, texts among few numbers. `reason` says which."""

    reason: str
    missing: NDArray[np.bool_]


Column = NumberColumn | VectorColumn | TextColumn | UnusableColumn
