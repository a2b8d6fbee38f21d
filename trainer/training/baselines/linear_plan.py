"""On how many rows and columns linear models are tried, so that their estimated cost fits into their time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trainer.training.baselines.sample import largest, reduced_size

STRENGTHS = tuple(10.0**power for power in range(-3, 4))
MAX_ITERATIONS = 1000
"""Of one fit."""
MAX_CELLS = 20_000_000
"""Rows times columns that are copied for a fit: 80 MB, as float64 twice that."""
_ITERATIONS, _LAST_ITERATIONS = 30, 60
"""Of a fit on average, where strongly regularised ones leave others what they do not need; of the one that ends it."""


@dataclass(frozen=True)
class LinearPlan:
    """How large the fits are.

    Attributes:
        columns: of all fits.
        tried_rows: that all strengths are tried on.
        rows: that the best strength is fitted to.
        iterations: of all trials together, and of the fit that follows where it has more rows; for a logistic regression.
    """

    columns: int
    tried_rows: int
    rows: int
    iterations: tuple[int, int] = (0, 0)


def iteration_s(rows: int, columns: int, outputs: int) -> float:
    """Estimated seconds of an iteration of a logistic regression with so many outputs, on one slow core."""
    return 8e-4 + 1e-9 * rows * columns * (1.5 + outputs / 10) + 1e-8 * rows * (3 + outputs)


def solve_s(rows: int, columns: int, fits: int) -> float:
    """Estimated seconds of a ridge regression with so many strengths: one product of the inputs, and a solution for each."""
    size = min(rows, columns)
    return 1e-3 + 3e-10 * rows * columns * size + fits * (1e-10 * size**3 + 2e-9 * rows * columns)


def plan_logistic(rows: int, columns: int, outputs: int, fits: int, seconds: float) -> LinearPlan:
    """All trials on all rows where there is time, else on some, and the best strength on as many as there is time for.

    Args:
        rows: of the training part.
        columns: inputs.
        outputs: 1 for two classes, else the number of classes.
        fits: trials.
        seconds: for all of it.
    """

    def affordable(rows: int, columns: int, within: float) -> int:
        return int(within / iteration_s(rows, columns, outputs))

    wanted = _ITERATIONS * fits
    plan = _plan(
        *(rows, columns, 2 * outputs, seconds),
        tried=lambda r, c, within: affordable(r, c, within) >= wanted,
        ended=lambda r, c, within: affordable(r, c, within) >= _LAST_ITERATIONS,
    )
    sizes = (plan.tried_rows, plan.columns), (plan.rows, plan.columns)
    if plan.tried_rows == plan.rows:
        iterations = max(fits, affordable(*sizes[0], seconds)), 0
    else:
        iterations = max(fits, affordable(*sizes[0], seconds / 2)), max(1, affordable(*sizes[1], seconds / 2))
    return LinearPlan(plan.columns, plan.tried_rows, plan.rows, iterations)


def plan_ridge(rows: int, columns: int, fits: int, inputs: int, seconds: float) -> LinearPlan:
    """The same for ridge regression, whose trials share one product for each kind of inputs."""
    return _plan(
        *(rows, columns, 0, seconds),
        tried=lambda r, c, within: inputs * solve_s(r, c, fits // inputs) <= within,
        ended=lambda r, c, within: solve_s(r, c, 1) <= within,
    )


Fits = Callable[[int, int, float], bool]
"""Whether so many rows and columns fit into so many seconds."""


def _plan(rows: int, columns: int, needed_rows: int, seconds: float, tried: Fits, ended: Fits) -> LinearPlan:
    def may_be(rows: int, columns: int) -> bool:
        return rows * columns <= MAX_CELLS

    if may_be(rows, columns) and tried(rows, columns, seconds):
        return LinearPlan(columns, rows, rows)
    few_rows, columns = reduced_size(rows, columns, needed_rows, lambda r, c: may_be(r, c) and tried(r, c, seconds / 2))
    more_rows = largest(rows, few_rows, lambda r: may_be(r, columns) and ended(r, columns, seconds / 2))
    return LinearPlan(columns, few_rows, more_rows)
