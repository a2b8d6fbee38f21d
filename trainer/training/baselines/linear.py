"""A linear model of the same features, the strength of its regularisation chosen on the validation part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.training.baselines.budget import Budget
from trainer.training.baselines.choice import MAX_CHOICE_ROWS, is_clearly_better, quality
from trainer.training.baselines.linear_fits import Iterations, LinearFit, logistic_fits, ridge_fits
from trainer.training.baselines.linear_plan import STRENGTHS, LinearPlan, plan_logistic, plan_ridge
from trainer.training.baselines.problem import (
    MAX_BOOSTED_CLASSES,
    Fitted,
    LeftOut,
    Outcome,
    Problem,
    Rows,
    Scores,
)
from trainer.training.baselines.sample import choose_columns, draw_rows, in_chunks, shortfalls
from trainer.training.baselines.standardising import Standardisation, standardise

DEFAULT_STRENGTH = 1.0
"""Without a validation part there is nothing to choose it on."""
SHARE_OF_BUDGET = 0.5
SHARE_WITHOUT_BOOSTING = 0.7


@dataclass(frozen=True)
class _Columns:
    """Some columns of the inputs, standardised or as they are."""

    indices: NDArray[np.int64]
    scaling: Standardisation | None

    def of(self, problem: Problem, rows: Rows) -> NDArray[np.float32]:
        every = len(self.indices) == problem.x.shape[1]
        x = problem.x[rows] if every else problem.x[np.ix_(rows, self.indices)]
        return x if self.scaling is None else self.scaling(x)


@dataclass(frozen=True)
class _Candidate:
    """A fitted model of some columns, and how many rows it was fitted to."""

    fit: LinearFit
    columns: _Columns
    num_rows: int

    def predict(self, problem: Problem, rows: Rows) -> Scores:
        return in_chunks(
            rows, len(self.columns.indices), lambda chunk: self.fit.predict(self.columns.of(problem, chunk))
        )


class _Best:
    """The best of the candidates that were offered."""

    def __init__(self) -> None:
        self.candidate: _Candidate | None = None
        self.scores: Scores | None = None
        self._quality = (-np.inf, -np.inf)

    def offer(self, problem: Problem, judged: Rows, candidate: _Candidate) -> None:
        """Keep a candidate if it is better on the rows to be judged by; without any, the first one."""
        if not len(judged):
            self.candidate = self.candidate or candidate
            return
        scores = candidate.predict(problem, judged)
        reached = quality(problem, judged, scores)
        if self.candidate is None or reached > self._quality:
            self.candidate, self.scores, self._quality = candidate, scores, reached


def _better(problem: Problem, judged: Rows, standardised: _Best, as_they_are: _Best) -> _Candidate | None:
    if standardised.scores is None or as_they_are.scores is None:
        return standardised.candidate or as_they_are.candidate
    is_better = is_clearly_better(problem, judged, standardised.scores, than=as_they_are.scores)
    return standardised.candidate if is_better else as_they_are.candidate


def fit_linear(problem: Problem, budget: Budget) -> Outcome:
    """Logistic regression, or ridge regression for numbers.

    Inputs are standardised. Where that changes them, they are tried as they are, too: columns that are small because
    they say little, such as the words of a text, are better left so. Standardised ones have to be better by more than
    chance, for a rare word that they make large is often right by chance only.
    """
    scaling, changes = standardise(problem)
    judged = draw_rows(problem, "val", MAX_CHOICE_ROWS)
    strengths = STRENGTHS if len(judged) else (DEFAULT_STRENGTH,)
    inputs = 2 if changes and len(judged) else 1
    wanted_trials = len(strengths) * inputs
    plan = _plan(problem, budget, wanted_trials, inputs)
    rows = draw_rows(problem, "train", plan.rows)
    indices = choose_columns(problem, rows, plan.columns)
    kinds = [_Columns(indices, scaling.of(indices)), _Columns(indices, None)][:inputs]
    trials = _trials(problem, plan, kinds, strengths)
    standardised, as_they_are, num_trials, is_cut_off = _Best(), _Best(), 0, False
    for candidate in trials:
        num_trials += 1
        (as_they_are if candidate.columns.scaling is None else standardised).offer(problem, judged, candidate)
        if not budget.has_time_for(0):
            is_cut_off = num_trials < wanted_trials
            break
    best = _better(problem, judged, standardised, as_they_are)
    if best is None:
        return LeftOut("its numbers are too large to compute with")
    reduced = []
    if plan.tried_rows < plan.rows:
        reduced.append(f"strength chosen with {best.num_rows:,} of the training vertices")
        if budget.has_time_for(0):
            best = _refitted(problem, plan, rows, best)
    if is_cut_off:
        reduced.append(f"{num_trials} of {wanted_trials} trials, for want of time")
    if best.fit.stopped_at is not None:
        reduced.append(f"{best.fit.stopped_at} iterations, short of convergence")
    chosen = best
    facts = {
        "strength": chosen.fit.strength,
        "standardised": chosen.columns.scaling is not None,
        "chosen_on": "val" if len(judged) else None,
        "rows_used": chosen.num_rows,
        "columns_used": len(indices),
    }
    reduced = [*shortfalls(chosen.num_rows, len(indices), problem), *reduced]
    return Fitted(lambda wanted: chosen.predict(problem, wanted), facts, reduced)


def _plan(problem: Problem, budget: Budget, trials: int, inputs: int) -> LinearPlan:
    rows, columns = len(problem.parts["train"]), problem.x.shape[1]
    share = SHARE_OF_BUDGET if problem.num_classes <= MAX_BOOSTED_CLASSES else SHARE_WITHOUT_BOOSTING
    seconds = budget.planned_s * share
    if problem.is_regression:
        return plan_ridge(rows, columns, trials, inputs, seconds)
    outputs = 1 if problem.num_classes == 2 else problem.num_classes
    return plan_logistic(rows, columns, outputs, trials, seconds)


def _trials(
    problem: Problem, plan: LinearPlan, kinds: Sequence[_Columns], strengths: Sequence[float]
) -> Iterator[_Candidate]:
    """Models of each strength, of standardised inputs first: they need fewer iterations and leave the others more."""
    rows = draw_rows(problem, "train", plan.tried_rows)
    shared = Iterations(plan.iterations[0], len(strengths) * len(kinds))
    for columns in kinds:
        yield from _fits(problem, rows, columns, strengths, shared)


def _refitted(problem: Problem, plan: LinearPlan, rows: Rows, best: _Candidate) -> _Candidate:
    """The best model once more, on more rows."""
    strengths, shared = (best.fit.strength,), Iterations(plan.iterations[1], 1)
    return next(_fits(problem, rows, best.columns, strengths, shared), best)


def _fits(
    problem: Problem, rows: Rows, columns: _Columns, strengths: Sequence[float], shared: Iterations
) -> Iterator[_Candidate]:
    x, labels = columns.of(problem, rows), problem.labels[rows]
    if problem.is_regression:
        fits = ridge_fits(x.astype(np.float64), labels, strengths)
    else:
        fits = logistic_fits(x, labels, problem.num_classes, strengths, shared)
    yield from (_Candidate(fit, columns, len(rows)) for fit in fits)
