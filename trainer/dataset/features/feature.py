"""One attribute as model inputs: imputed, scaled or one-hot, every number in it learned from the training part only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.errors import DataError
from trainer.graph.columns import Column, NumberColumn, TextColumn, VectorColumn

MAX_ONE_HOT = 64
"""A text attribute with more categories than this is an identifier rather than a feature."""


@dataclass(frozen=True)
class Feature:
    """How one attribute becomes columns of `x`: value, filled where missing, minus mean, divided by scale.

    Attributes:
        name: the attribute.
        kind: number, boolean, vector or category.
        fill: per column the training median, put where a value is missing.
        mean: per column, subtracted.
        scale: per column, divided by.
        categories: the texts that have a column of their own (0 or 1); others have 0 in all of them.
        missing_indicator: whether one more column says (0 or 1) that the value is missing.
        missing: number of vertices without a value, for the report.
        unseen: number of vertices, not of the training part, with texts that are not among the categories.
    """

    name: str
    kind: str
    fill: list[float]
    mean: list[float]
    scale: list[float]
    categories: list[str]
    missing_indicator: bool
    missing: int
    unseen: int = 0

    @property
    def is_scaled(self) -> bool:
        """Whether mean and scale say what one number is usually like."""
        return self.kind in ("number", "boolean") and (self.mean, self.scale) != ([0.0], [1.0])

    @property
    def width(self) -> int:
        """Number of columns of `x`."""
        return len(self.fill) + self.missing_indicator

    def encode(self, column: Column) -> NDArray[np.float32]:
        """The columns of `x` for the values of an attribute, shape [vertices, width]."""
        raw, missing = _raw(column, self.categories)
        values = np.where(missing[:, None] | np.isnan(raw), self.fill, raw)
        values = (values - self.mean) / self.scale
        with np.errstate(over="ignore"):  # the dataset refuses what is not finite
            parts = [values.astype(np.float32)]
        if self.missing_indicator:
            parts.append(missing[:, None].astype(np.float32))
        return np.concatenate(parts, axis=1)

    def describe(self) -> dict[str, Any]:
        """Plain values from which the feature can be encoded again."""
        return asdict(self)


def fit_feature(name: str, column: Column, rows: NDArray[np.bool_], scaling: str) -> Feature | None:
    """Learn from `rows` (bool, shape [vertices]) how to impute and scale an attribute; None without a value there.

    Raises:
        DataError: the numbers cannot be scaled.
    """
    categories = _categories_in(column, rows) if isinstance(column, TextColumn) else []
    raw, missing = _raw(column, categories)
    known = raw[rows & ~missing]
    if len(known) == 0:
        return None
    kind = _kind(column)
    width = raw.shape[1]
    fill = np.zeros(width) if kind == "category" else np.nan_to_num(_median(known))
    mean, scale = np.zeros(width), np.ones(width)
    if kind != "category" and (scaling == "standard" or (scaling == "auto" and kind != "vector")):
        filled = np.where(np.isnan(known), fill, known)
        if (missing & rows).any():
            filled = np.concatenate([filled, np.repeat(fill[None], int((missing & rows).sum()), axis=0)])
        with np.errstate(over="ignore", invalid="ignore"):
            mean, deviation = filled.mean(axis=0), filled.std(axis=0)
        if not np.isfinite(deviation).all():
            raise DataError(f"{name!r} holds numbers too large to be scaled; leave it out or use another unit.")
        scale = np.where(deviation > 1e-12 * np.abs(mean), deviation, 1.0)
    return Feature(
        name=name,
        kind=kind,
        fill=fill.tolist(),
        mean=mean.tolist(),
        scale=scale.tolist(),
        categories=categories,
        missing_indicator=bool((missing & rows).any()),
        missing=int(missing.sum()),
        unseen=int((~missing & ~raw.any(axis=1)).sum()) if kind == "category" else 0,
    )


def _median(known: NDArray[np.float64]) -> NDArray[np.float64]:
    has_value = ~np.isnan(known).all(axis=0)
    medians = np.full(known.shape[1], np.nan)
    medians[has_value] = np.nanmedian(known[:, has_value], axis=0)
    return medians


def _kind(column: Column) -> str:
    if isinstance(column, NumberColumn):
        return "boolean" if column.boolean else "number"
    return "vector" if isinstance(column, VectorColumn) else "category"


def _categories_in(column: TextColumn, rows: NDArray[np.bool_]) -> list[str]:
    codes = np.unique(column.codes[rows & ~column.missing])
    return sorted(column.categories[code] for code in codes)


def is_constant(column: Column, rows: NDArray[np.bool_]) -> bool:
    """Whether all values of these rows are equal."""
    values = column.codes if isinstance(column, TextColumn) else getattr(column, "values", np.empty(0))
    known = values[rows & ~column.missing]
    return bool((known == known[:1]).all())


def _raw(column: Column, categories: Sequence[str]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The values as numbers of shape [vertices, columns], and which vertices have none."""
    if isinstance(column, NumberColumn):
        return np.where(column.missing, np.nan, column.values)[:, None], column.missing
    if isinstance(column, VectorColumn):
        return column.values, column.missing
    if isinstance(column, TextColumn):
        index_of = {text: index for index, text in enumerate(categories)}
        index_of_code = np.array([*(index_of.get(text, -1) for text in column.categories), -1])
        return (index_of_code[column.codes][:, None] == np.arange(len(categories))).astype(np.float64), column.missing
    raise DataError(f"An attribute that {column.reason} cannot be a feature.")
