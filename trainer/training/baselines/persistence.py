"""Persistence: the last label that was known of the same series before a vertex's time.

The label of a vertex counts as known once more than EMBARGO has passed since its time, which is how far a label looks
ahead, as the split has it. So of candles with a label about the next candle that of the one before is taken. Any label that was known by then counts, also one of the test part:
who predicts in time knows it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.time.axis import TimeAxis
from trainer.training.baselines.budget import Budget
from trainer.training.baselines.problem import Fitted, LeftOut, Outcome, Problem, Rows, Scores
from trainer.training.baselines.simple import constant


def fit_persistence(problem: Problem, budget: Budget) -> Outcome:
    """The last known label; where there is none, what is predicted without: training's shares of classes, or its mean."""
    time, series = problem.time, problem.series
    if time is None or series is None:
        return None
    last = last_known(series.codes, time, problem.labelled, problem.embargo)
    rows = np.concatenate(list(problem.parts.values()))
    without = int((last[rows] < 0).sum())
    if without == len(rows):
        return LeftOut(f"no vertex has an earlier label of the same {series.name}")
    fallback = constant(problem)

    def predict(wanted: Rows) -> Scores:
        source = last[wanted]
        known = source >= 0
        if problem.is_regression:
            return np.where(known, problem.labels[source], fallback[0]).astype(np.float64)
        scores = np.tile(fallback, (len(wanted), 1))
        scores[known] = 0.0
        scores[np.flatnonzero(known), problem.labels[source[known]]] = 1.0
        return scores

    return Fitted(predict, {"series": series.name, "without_earlier_label": without}, is_quick=True)


def last_known(
    series: NDArray[np.int64], time: TimeAxis, labelled: NDArray[np.bool_], embargo: float
) -> NDArray[np.int64]:
    """For each vertex the row of the last label that was known before, -1 without one.

    Args:
        series: the series of each vertex, shape [vertices].
        time: their times.
        labelled: which vertices have a label, shape [vertices].
        embargo: time units that pass until a label is known.
    """
    last = np.full(len(series), -1, dtype=np.int64)
    asking, known = np.flatnonzero(~time.missing), np.flatnonzero(labelled & ~time.missing)
    rows = np.concatenate([asking, known])
    is_known = np.repeat([False, True], [len(asking), len(known)])
    times = np.concatenate([time.all_before(embargo)[asking], time.values[known]])
    # At equal times who asks comes first, so that what it gets is strictly earlier.
    order = np.lexsort((rows, is_known, times, series[rows]))
    rows, is_known = rows[order], is_known[order]
    position = np.maximum.accumulate(np.where(is_known, np.arange(len(rows)), -1))
    found = np.where(position >= 0, rows[position], -1)
    found[series[found] != series[rows]] = -1
    last[rows[~is_known]] = found[~is_known]
    return last
