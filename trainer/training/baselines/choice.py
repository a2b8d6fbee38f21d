"""Which of several candidates is the best: by the validation measure that the verdict is about."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from trainer.training.baselines.problem import Problem, Rows, Scores

MAX_CHOICE_ROWS = 20_000
"""Validation vertices that candidates are compared on."""


def quality(problem: Problem, rows: Rows, scores: Scores) -> tuple[float, float]:
    """Accuracy and mean log-likelihood, or negated mean absolute and mean squared error; more is better."""
    labels = problem.labels[rows]
    if problem.is_regression:
        error = scores - labels
        return -float(np.abs(error).mean()), -float((error**2).mean())
    chosen = scores[np.arange(len(rows)), labels]
    return float((scores.argmax(axis=1) == labels).mean()), float(np.log(np.maximum(chosen, 1e-15)).mean())


def is_clearly_better(problem: Problem, rows: Rows, scores: Scores, than: Scores) -> bool:
    """Whether scores are better than others by more than three standard errors of the difference on these rows."""
    gain = _each(problem, rows, scores) - _each(problem, rows, than)
    return bool(gain.mean() > 3 * gain.std() / math.sqrt(len(gain)))


def _each(problem: Problem, rows: Rows, scores: Scores) -> NDArray[np.float64]:
    """Of each row 1 for the right class and 0 for another one, or the negated absolute error."""
    labels = problem.labels[rows]
    right = -np.abs(scores - labels) if problem.is_regression else scores.argmax(axis=1) == labels
    return np.asarray(right, dtype=np.float64)
