"""How good predictions are: scikit-learn's measures, None where one is not defined."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from trainer.record import label_text

CURVE_POINTS = 200
SCATTER_POINTS = 1000


@dataclass(frozen=True)
class Predictions:
    """What a model predicts for each vertex.

    Attributes:
        task: binary, multiclass or regression.
        labels: true class indices (int64) or numbers in the label's own unit, shape [vertices].
        scores: probabilities [vertices, classes], or predicted numbers [vertices].
        positive: the index of the class that average precision, precision, recall and F1 are about; None for others than
            two classes.
    """

    task: str
    labels: NDArray[Any]
    scores: NDArray[np.float64]
    positive: int | None = None

    def part(self, mask: NDArray[np.bool_]) -> Predictions:
        """The predictions of some vertices only."""
        return Predictions(self.task, self.labels[mask], self.scores[mask], self.positive)

    def measure(self, classes: list[Any] | None) -> dict[str, Any]:
        """The measures of the task over all these vertices, under the names of `metrics.json`."""
        if self.task == "regression":
            return {"num": len(self.labels)} | _regression(self.labels, self.scores)
        return {"num": len(self.labels)} | _classes(self, classes or [])


def _regression(labels: NDArray[Any], predicted: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "mae": float(sk.mean_absolute_error(labels, predicted)),
        "rmse": float(sk.root_mean_squared_error(labels, predicted)),
        "r2": float(sk.r2_score(labels, predicted)) if labels.min() < labels.max() else None,
    }


def _classes(predictions: Predictions, classes: Sequence[Any]) -> dict[str, Any]:
    labels, scores, positive = predictions.labels, predictions.scores, predictions.positive
    indices = np.arange(len(classes))
    predicted = scores.argmax(axis=1)
    counts = np.bincount(labels, minlength=len(classes))
    with warnings.catch_warnings():  # a class that a part lacks is in the counts for everybody to see
        warnings.simplefilter("ignore", category=UserWarning)
        balanced = float(sk.balanced_accuracy_score(labels, predicted))
    about = indices[counts > 0] if positive is None else [positive]
    return {
        "accuracy": float(sk.accuracy_score(labels, predicted)),
        "balanced_accuracy": balanced,
        "f1_macro": float(sk.f1_score(labels, predicted, average="macro", zero_division=0)),
        "roc_auc": _mean_over_classes(sk.roc_auc_score, labels, scores, about),
        "average_precision": _mean_over_classes(sk.average_precision_score, labels, scores, about),
        **({} if positive is None else _of_positive(labels == positive, predicted == positive)),
        "confusion_matrix": sk.confusion_matrix(labels, predicted, labels=indices).tolist(),
        "class_counts": {label_text(name): int(count) for name, count in zip(classes, counts, strict=True)},
    }


def _mean_over_classes(
    measure: Any, labels: NDArray[Any], scores: NDArray[np.float64], indices: Sequence[int] | NDArray[Any]
) -> float | None:
    """The mean of a measure of one class against the rest; None where all labels are of one class."""
    if labels.min() == labels.max():
        return None
    return float(np.mean([measure(labels == index, scores[:, index]) for index in indices]))


def _of_positive(labels: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> dict[str, float | None]:
    """Precision, recall and F1 of the positive class; None where nothing was predicted or is of it."""
    hits, num_predicted, num_labels = int((labels & predicted).sum()), int(predicted.sum()), int(labels.sum())
    return {
        "precision": hits / num_predicted if num_predicted else None,
        "recall": hits / num_labels if num_labels else None,
        "f1": 2 * hits / (num_predicted + num_labels) if num_predicted + num_labels else None,
    }


def curves(predictions: Predictions, part: str) -> dict[str, Any]:
    """What the report draws: the ROC curve of two classes, or a sample of true against predicted numbers."""
    roc = scatter = None
    positive, labels = predictions.positive, predictions.labels
    if positive is not None and labels.min() < labels.max():
        false_positives, true_positives, _ = sk.roc_curve(labels == positive, predictions.scores[:, positive])
        kept = np.unique(np.linspace(0, len(false_positives) - 1, CURVE_POINTS).round().astype(int))
        roc = {"part": part, "fpr": false_positives[kept].tolist(), "tpr": true_positives[kept].tolist()}
    if predictions.task == "regression":
        kept = np.unique(np.linspace(0, len(labels) - 1, SCATTER_POINTS).round().astype(int))
        scatter = {
            "part": part,
            "true": labels[kept].tolist(),
            "predicted": predictions.scores[kept].tolist(),
        }
    return {"roc": roc, "predicted_vs_true": scatter}
