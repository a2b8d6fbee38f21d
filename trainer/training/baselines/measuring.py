"""Every baseline, learned from the training part and measured on each part."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from trainer.dataset.dataset import Dataset
from trainer.dataset.labels.split import PARTS
from trainer.process.stop import StopToken
from trainer.training.baselines.boosting import fit_boosting
from trainer.training.baselines.budget import Budget
from trainer.training.baselines.linear import fit_linear
from trainer.training.baselines.persistence import fit_persistence
from trainer.training.baselines.problem import Fitted, LeftOut, Outcome, Problem
from trainer.training.baselines.sample import MAX_MEASURED, draw_rows
from trainer.training.baselines.simple import fit_majority, fit_mean
from trainer.training.metrics import Predictions

_log = logging.getLogger("gnn_trainer")


@dataclass(frozen=True)
class Baseline:
    """A baseline, by its name in `metrics.json`.

    Attributes:
        name: its key in `baselines`.
        title: its name in a table.
        phrase: what it does, in the verdict, after "above" or "than".
        fit: learns from the training part.
    """

    name: str
    title: str
    phrase: str
    fit: Callable[[Problem, Budget], Outcome]


BASELINES = (
    Baseline("majority_class", "Largest class", "always guessing the largest class", fit_majority),
    Baseline("mean", "Mean", "always predicting the mean", fit_mean),
    Baseline("persistence", "Last known label", "repeating the last known label", fit_persistence),
    Baseline("linear", "Linear, without graph", "the linear model without the graph", fit_linear),
    Baseline(
        "gradient_boosting", "Gradient boosting, without graph", "gradient boosting without the graph", fit_boosting
    ),
)
"""The quick ones first: what they leave of the time is for the others."""


@dataclass(frozen=True)
class Measured:
    """What was measured of the baselines.

    Attributes:
        measures: by name, as `metrics.json` has them.
        phrases: by name, for the verdict.
        left_out: by name, why one was not measured.
    """

    measures: dict[str, dict[str, Any]]
    phrases: dict[str, str]
    left_out: dict[str, str]


def measure_baselines(dataset: Dataset, embargo: float, seed: int, training_s: float, stop: StopToken) -> Measured:
    """Learn and measure what can be had without the graph, on one core, which makes it the same on any number of them.

    Args:
        dataset: what the model learned from.
        embargo: EMBARGO.
        seed: of whatever is drawn.
        training_s: seconds of the training, of which a part is allowed.
        stop: looked at between two steps.

    Raises:
        StopRequested: the run should end.
    """
    problem, budget = _problem(dataset, embargo, seed), Budget.after(training_s, stop)
    measured = Measured({}, {}, {})
    for baseline in BASELINES:
        with threadpool_limits(1):
            stop.check()
            outcome = baseline.fit(problem, budget)
            if isinstance(outcome, LeftOut):
                measured.left_out[baseline.name] = f"{baseline.title}: {outcome.reason}."
            elif outcome is not None:
                parts, reduced = _parts(outcome, problem, dataset.target.classes, stop)
                measured.measures[baseline.name] = {
                    "title": baseline.title,
                    **parts,
                    **outcome.facts,
                    "reduced": [*outcome.reduced, *reduced],
                }
                measured.phrases[baseline.name] = baseline.phrase
    return measured


def _problem(dataset: Dataset, embargo: float, seed: int) -> Problem:
    x, target = dataset.inputs.x, dataset.target
    return Problem(
        task=target.task,
        x=x if x.shape[1] else np.zeros((len(x), 1), dtype=np.float32),
        labels=target.y,
        labelled=target.labelled,
        parts={name: np.flatnonzero(dataset.split.mask(name)) for name in PARTS},
        num_classes=len(target.classes or []),
        positive=target.positive,
        seed=seed,
        time=dataset.inputs.time,
        series=dataset.series,
        embargo=embargo,
    )


def _parts(
    fitted: Fitted, problem: Problem, classes: list[Any] | None, stop: StopToken
) -> tuple[dict[str, Any], list[str]]:
    """The measures of each part, None for one without vertices, and what they leave out."""
    measures: dict[str, Any] = {}
    reduced = []
    for part, rows in problem.parts.items():
        stop.check()
        if part == "train" and not fitted.is_quick and len(rows) > MAX_MEASURED:
            reduced.append(f"measured on {MAX_MEASURED:,} of {len(rows):,} training vertices")
            rows = draw_rows(problem, part, MAX_MEASURED)
        measures[part] = None
        if len(rows):
            predictions = Predictions(problem.task, problem.labels[rows], fitted.predict(rows), problem.positive)
            measures[part] = predictions.measure(classes, with_table=False)
    return measures, reduced
