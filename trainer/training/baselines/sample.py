"""The rows and columns that a baseline learns from where all of them would take too long."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_selection import f_classif, f_regression

from trainer.training.baselines.problem import Problem, Rows

MIN_ROWS, MIN_COLUMNS = 1000, 50
MAX_MEASURED = 50_000
"""Training vertices that a baseline is measured on where predictions take time."""
_CELLS_AT_ONCE = 1 << 22
"""Inputs that are copied in one go."""


def draw_rows(problem: Problem, part: str, most: int) -> Rows:
    """The rows of a part, or as many as `most`, drawn, with one of each class at least."""
    rows = problem.parts[part]
    if len(rows) <= most:
        return rows
    drawn = np.random.default_rng(problem.seed).choice(rows, size=most, replace=False)
    if problem.is_regression:
        return np.sort(drawn)
    one_of_each = rows[np.unique(problem.labels[rows], return_index=True)[1]]
    return np.union1d(drawn, one_of_each)


def choose_columns(problem: Problem, rows: Rows, most: int) -> NDArray[np.int64]:
    """All columns, or the `most` that tell the labels of these rows apart best, one by one (by their F statistic)."""
    width = problem.x.shape[1]
    if width <= most:
        return np.arange(width)
    labels, measure = problem.labels[rows], f_regression if problem.is_regression else f_classif
    step = max(1, _CELLS_AT_ONCE // len(rows))
    with warnings.catch_warnings(), np.errstate(all="ignore"):  # a constant column tells nothing apart
        warnings.simplefilter("ignore")
        parts = [
            measure(problem.x[rows, start : start + step].astype(np.float64), labels)[0]
            for start in range(0, width, step)
        ]
    strengths = np.nan_to_num(np.concatenate(parts), nan=-1.0, posinf=np.finfo(np.float64).max)
    return np.sort(np.argsort(-strengths, kind="stable")[:most])


def chunks(rows: Rows, width: int) -> Iterator[Rows]:
    """The rows in runs whose inputs of this width are copied in one go."""
    step = max(1, _CELLS_AT_ONCE // max(width, 1))
    for start in range(0, len(rows), step):
        yield rows[start : start + step]


def in_chunks(rows: Rows, width: int, predict: Callable[[Rows], NDArray[Any]]) -> NDArray[Any]:
    """The predictions for rows, made chunk by chunk."""
    parts = [predict(chunk) for chunk in chunks(rows, width)]
    return np.concatenate(parts) if parts else predict(rows)


def largest(most: int, least: int, fits: Callable[[int], bool]) -> int:
    """The largest number from `least` to `most` that fits, where smaller ones do; `least` if none does."""
    low, high = min(least, most), most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def reduced_size(rows: int, columns: int, needed_rows: int, fits: Callable[[int, int], bool]) -> tuple[int, int]:
    """As many rows and columns as fit: rows are given up until they are twice the columns, then both.

    Args:
        rows: that there are.
        columns: that there are.
        needed_rows: the least, where there are more.
        fits: whether a size does.
    """
    least = min(rows, max(MIN_ROWS, needed_rows))

    def rows_for(columns: int) -> int:
        return min(rows, max(least, 2 * columns))

    few = largest(columns, MIN_COLUMNS, lambda c: fits(rows_for(c), c))
    return largest(rows, rows_for(few) if fits(rows_for(few), few) else least, lambda r: fits(r, few)), few


def shortfalls(rows: int, columns: int, problem: Problem) -> Iterator[str]:
    """Phrases for fewer rows or columns than there are."""
    of_rows, of_columns = len(problem.parts["train"]), problem.x.shape[1]
    if rows < of_rows:
        yield f"{rows:,} of {of_rows:,} training vertices"
    if columns < of_columns:
        yield f"{columns:,} of {of_columns:,} columns"
