"""Gradient boosting on the same features: scikit-learn's histogram trees, their number chosen on the validation part."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from trainer.training.baselines.budget import Budget
from trainer.training.baselines.choice import MAX_CHOICE_ROWS, quality
from trainer.training.baselines.problem import MAX_BOOSTED_CLASSES, Fitted, LeftOut, Outcome, Problem, Rows, Scores
from trainer.training.baselines.sample import MAX_MEASURED, choose_columns, draw_rows, in_chunks, largest, shortfalls

FIRST_ITERATIONS, MAX_ITERATIONS = 10, 160
"""The number of iterations doubles from the one to the other for as long as the validation part gains."""
UNCHOSEN_ITERATIONS = 80
"""Without a validation part; scikit-learn has 100."""
SHARE_OF_BUDGET = 0.3
MAX_CELLS = 20_000_000
"""Rows times columns that are copied for the trees: 160 MB as float64."""
_LEAST_ITERATIONS = 40
"""Fewer only where the fewest columns and rows still take too long."""
_MIN_ROWS, _MIN_COLUMNS = 2000, 50


@dataclass(frozen=True)
class BoostingPlan:
    """How many iterations at most, on how many training rows and columns."""

    iterations: int
    rows: int
    columns: int


def boosting_s(plan: BoostingPlan, trees: int, predicted: int) -> float:
    """Estimated seconds on one slow core.

    Args:
        plan: what is fitted.
        trees: an iteration's, one for each class.
        predicted: vertices that are predicted in the end.
    """
    cells, count = plan.rows * plan.columns, plan.iterations * trees
    binning = 1e-7 * cells * len(_stages(plan.iterations))
    growing = count * (3e-4 + 4.5e-5 * plan.columns + 5e-9 * cells + 3e-8 * plan.rows)
    predicting = count * (predicted + 2 * plan.rows) * (4e-8 + 3e-10 * plan.columns)
    return binning + growing + predicting


def plan_boosting(rows: int, columns: int, trees: int, predicted: int, seconds: float) -> BoostingPlan:
    """As many iterations, columns and rows as fit into so many seconds, to be given up in this order."""

    def fits(iterations: int, rows: int, columns: int) -> bool:
        return (
            rows * columns <= MAX_CELLS
            and boosting_s(BoostingPlan(iterations, rows, columns), trees, predicted) <= seconds
        )

    iterations = MAX_ITERATIONS
    while iterations > _LEAST_ITERATIONS and not fits(iterations, rows, columns):
        iterations //= 2
    columns = largest(columns, _MIN_COLUMNS, lambda few: fits(iterations, rows, few))
    rows = largest(rows, _MIN_ROWS, lambda few: fits(iterations, few, columns))
    while iterations > FIRST_ITERATIONS and not fits(iterations, rows, columns):
        iterations //= 2
    return BoostingPlan(iterations, rows, columns)


def fit_boosting(problem: Problem, budget: Budget) -> Outcome:
    """Trees on histograms of the columns, with scikit-learn's settings."""
    if problem.num_classes > MAX_BOOSTED_CLASSES:
        return LeftOut(f"{problem.num_classes:,} classes are too many for it, {MAX_BOOSTED_CLASSES} are the most")
    seconds = budget.planned_s * SHARE_OF_BUDGET
    trees = problem.num_classes if problem.num_classes > 2 else 1
    predicted = sum(
        min(len(rows), MAX_MEASURED) if part == "train" else len(rows) for part, rows in problem.parts.items()
    )
    plan = plan_boosting(len(problem.parts["train"]), problem.x.shape[1], trees, predicted, seconds)
    if boosting_s(plan, trees, predicted) > 2 * seconds:
        return LeftOut(f"{predicted:,} vertices of {problem.num_classes} classes would take it too long")
    rows, judged = draw_rows(problem, "train", plan.rows), draw_rows(problem, "val", MAX_CHOICE_ROWS)
    columns = choose_columns(problem, rows, plan.columns)
    stages = _stages(plan.iterations) if len(judged) else [min(plan.iterations, UNCHOSEN_ITERATIONS)]
    x, labels, model = _inputs(problem, rows, columns), problem.labels[rows], _model(problem)
    best, best_quality, likelihood, stage_s, is_cut_off = None, (-np.inf, -np.inf), -np.inf, 0.0, False
    for iterations in stages:
        if not budget.has_time_for(3 * stage_s):  # a stage grows as many trees as all before it
            is_cut_off = True
            break
        started = time.perf_counter()
        model.set_params(max_iter=iterations).fit(x, labels)
        reached = quality(problem, judged, _predict(problem, model, columns, judged)) if len(judged) else (0.0, 0.0)
        if best is None or reached > best_quality:
            best, best_quality = copy.deepcopy(model), reached
        if reached[1] < likelihood:
            break
        likelihood, stage_s = reached[1], time.perf_counter() - started
    if best is None:
        return LeftOut("no time was left for it")
    chosen = best
    facts = {
        "iterations": chosen.n_iter_,
        "chosen_on": "val" if len(judged) else None,
        "rows_used": len(rows),
        "columns_used": len(columns),
    }
    reduced = [*shortfalls(len(rows), len(columns), problem)]
    if plan.iterations < MAX_ITERATIONS and chosen.n_iter_ == plan.iterations:
        reduced.append(f"at most {plan.iterations} of {MAX_ITERATIONS} iterations")
    if is_cut_off:
        reduced.append(f"{chosen.n_iter_} iterations, for want of time")
    return Fitted(lambda wanted: _predict(problem, chosen, columns, wanted), facts, reduced)


def _stages(iterations: int) -> list[int]:
    """10, 20, 40 and so on up to so many iterations."""
    return [FIRST_ITERATIONS << doublings for doublings in range((iterations // FIRST_ITERATIONS).bit_length())]


def _model(problem: Problem) -> Any:
    kind = HistGradientBoostingRegressor if problem.is_regression else HistGradientBoostingClassifier
    return kind(early_stopping=False, warm_start=True, random_state=problem.seed)


def _inputs(problem: Problem, rows: Rows, columns: NDArray[np.int64]) -> NDArray[np.float32]:
    return problem.x[rows] if len(columns) == problem.x.shape[1] else problem.x[np.ix_(rows, columns)]


def _predict(problem: Problem, model: Any, columns: NDArray[np.int64], rows: Rows) -> Scores:
    def scores(chunk: Rows) -> Scores:
        x = _inputs(problem, chunk, columns)
        if problem.is_regression:
            return np.asarray(model.predict(x), dtype=np.float64)
        whole = np.zeros((len(x), problem.num_classes))
        whole[:, model.classes_] = model.predict_proba(x)
        return whole

    return in_chunks(rows, len(columns), scores)
