"""What baselines learn from, and what they leave behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.labels.series import Series
from trainer.dataset.time.axis import TimeAxis

Rows = NDArray[np.int64]
Scores = NDArray[np.float64]
"""Probabilities of shape [rows, classes], or numbers in the label's own unit of shape [rows]."""

MAX_BOOSTED_CLASSES = 20
"""Gradient boosting grows a tree for each class in each iteration; with more classes it is left out."""


@dataclass(frozen=True)
class Problem:
    """The vertices that a model predicts, without their edges.

    Attributes:
        task: binary, multiclass or regression.
        x: the model's own inputs of these vertices, float32 of shape [vertices, channels]; a column of zeros without any.
        labels: class indices (int64) or numbers in the label's own unit, shape [vertices].
        labelled: which vertices have a label, in a part or not, shape [vertices].
        parts: the rows of train, val and test.
        num_classes: 0 for regression.
        seed: of whatever is drawn.
        positive: the index of the positive one of two classes.
        time: their times, if there are any.
        series: which of them follow one another in time.
        embargo: EMBARGO, in time units: how long after its vertex's time a label becomes known.
    """

    task: str
    x: NDArray[np.float32]
    labels: NDArray[Any]
    labelled: NDArray[np.bool_]
    parts: dict[str, Rows]
    num_classes: int
    seed: int
    positive: int | None = None
    time: TimeAxis | None = None
    series: Series | None = None
    embargo: float = 0.0

    @property
    def is_regression(self) -> bool:
        """Whether the labels are numbers."""
        return self.task == "regression"


@dataclass(frozen=True)
class Fitted:
    """A baseline that has learned.

    Attributes:
        predict: the scores of some rows.
        facts: how it learned, under the names of `metrics.json`.
        reduced: what was less than it could have been, to end in time, one phrase each.
        is_quick: whether it predicts for all vertices in no time; otherwise a large training part is measured by a sample.
    """

    predict: Callable[[Rows], Scores]
    facts: dict[str, Any] = field(default_factory=dict)
    reduced: list[str] = field(default_factory=list)
    is_quick: bool = False


@dataclass(frozen=True)
class LeftOut:
    """A baseline that would make sense, but was not measured."""

    reason: str


Outcome = Fitted | LeftOut | None
"""None where the baseline has no meaning."""
