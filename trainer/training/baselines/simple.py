"""The same prediction for every vertex: the classes as often as in training, or the mean."""

from __future__ import annotations

import numpy as np

from trainer.training.baselines.budget import Budget
from trainer.training.baselines.problem import Fitted, Outcome, Problem


def constant(problem: Problem) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The shares of the classes in training, or the mean of its labels as an array of one."""
    labels = problem.labels[problem.parts["train"]]
    if problem.is_regression:
        return np.array([labels.mean(dtype=np.float64)])
    return np.bincount(labels, minlength=problem.num_classes) / len(labels)


def fit_majority(problem: Problem, budget: Budget) -> Outcome:
    """The probability of each class is its share in training."""
    if problem.is_regression:
        return None
    shares = constant(problem)
    return Fitted(lambda rows: np.tile(shares, (len(rows), 1)), is_quick=True)


def fit_mean(problem: Problem, budget: Budget) -> Outcome:
    """The mean of training's labels."""
    if not problem.is_regression:
        return None
    return Fitted(lambda rows: np.repeat(constant(problem), len(rows)), is_quick=True)
