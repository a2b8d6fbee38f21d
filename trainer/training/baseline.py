"""What can be had without the graph: the commonest class or the mean, and a linear model of the same features."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge

from trainer.training.metrics import Predictions

MAX_CELLS = 10_000_000
"""The linear model learns from a sample of the training part when rows times columns exceed this."""


def measure_baselines(
    x: NDArray[np.float32],
    labels: NDArray[Any],
    masks: dict[str, NDArray[np.bool_]],
    task: str,
    classes: list[Any] | None,
    seed: int,
    positive: int | None = None,
) -> dict[str, Any]:
    """Measures of the baselines on each part.

    Args:
        x: the model's own inputs, shape [vertices, channels].
        labels: class indices or numbers in the label's own unit, shape [vertices].
        masks: the vertices of each part, bool of shape [vertices].
        task: binary, multiclass or regression.
        classes: the labels in order, None for regression.
        seed: chooses the sample where there is one.
        positive: the index of the positive one of two classes.
    """
    if not x.shape[1]:  # vertices without features: the linear model, too, can only predict the same for all
        x = np.zeros((len(x), 1), dtype=np.float32)
    train = np.flatnonzero(masks["train"])
    rows = _sample(train, labels, x.shape[1], seed)
    if task == "regression":
        simple, simple_name = DummyRegressor(strategy="mean"), "mean"
        linear: Any = Ridge(alpha=1.0)
    else:
        simple, simple_name = DummyClassifier(strategy="prior"), "majority_class"
        linear = LogisticRegression(max_iter=200, random_state=seed)
    simple.fit(x[train], labels[train])
    with warnings.catch_warnings():  # an unconverged linear model is still a fair bar
        warnings.simplefilter("ignore", category=ConvergenceWarning)
        linear.fit(x[rows], labels[rows])
    measures: dict[str, Any] = {}
    for name, model in ((simple_name, simple), ("linear", linear)):
        measures[name] = {
            part: Predictions(task, labels[mask], _scores(model, x[mask], task, classes), positive).measure(classes)
            if mask.any()
            else None
            for part, mask in masks.items()
        }
    measures["linear"]["rows_used"] = len(rows)
    return measures


def _sample(train: NDArray[np.int64], labels: NDArray[Any], num_channels: int, seed: int) -> NDArray[np.int64]:
    """The training vertices, or as many as fit, with one of each label at least."""
    most = max(1000, MAX_CELLS // max(num_channels, 1))
    if len(train) <= most:
        return train
    chosen = np.random.default_rng(seed).choice(train, size=most, replace=False)
    if labels.dtype.kind == "f":
        return np.sort(chosen)
    one_of_each = train[np.unique(labels[train], return_index=True)[1]]
    return np.union1d(chosen, one_of_each)


def _scores(model: Any, x: NDArray[np.float32], task: str, classes: list[Any] | None) -> NDArray[np.float64]:
    if task == "regression":
        return np.asarray(model.predict(x), dtype=np.float64)
    scores = np.zeros((len(x), len(classes or [])))
    scores[:, model.classes_] = model.predict_proba(x)
    return scores
