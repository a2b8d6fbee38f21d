"""How good predictions are: scikit-learn's measures, None where one is not defined."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

CURVE_POINTS = 200
SCATTER_POINTS = 1000


@dataclass(frozen=True)
class Predictions:
    """What a model predicts for each vertex.

    Attributes:
        task: binary, multiclass or regression.
        labels: true class indices (int64) or numbers in the label's own unit, shape [vertices].
        scores: probabilities [vertices, classes], or predicted numbers [vertices].
    """

    task: str
    labels: NDArray[Any]
    scores: NDArray[np.float64]

    def part(self, mask: NDArray[np.bool_]) -> Predictions:
        """The predictions of some vertices only."""
        return Predictions(self.task, self.labels[mask], self.scores[mask])

    def measure(self, classes: list[Any] | None) -> dict[str, Any]:
        """The measures of the task over all these vertices, under the names of `metrics.json`."""
        if self.task == "regression":
            return {"num": len(self.labels)} | _regression(self.labels, self.scores)
        return {"num": len(self.labels)} | _classes(self.labels, self.scores, classes)


def _regression(labels: NDArray[Any], predicted: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "mae": float(sk.mean_absolute_error(labels, predicted)),
        "rmse": float(sk.root_mean_squared_error(labels, predicted)),
        "r2": float(sk.r2_score(labels, predicted)) if labels.min() < labels.max() else None,
    }


def _classes(labels: NDArray[Any], scores: NDArray[np.float64], classes: list[Any] | None) -> dict[str, Any]:
    assert classes is not None
    predicted = scores.argmax(axis=1)
    counts = np.bincount(labels, minlength=len(classes))
    with warnings.catch_warnings():  # a class that a part lacks is in the counts for everybody to see
        warnings.simplefilter("ignore", category=UserWarning)
        balanced = float(sk.balanced_accuracy_score(labels, predicted))
    return {
        "accuracy": float(sk.accuracy_score(labels, predicted)),
        "balanced_accuracy": balanced,
        "f1_macro": float(sk.f1_score(labels, predicted, average="macro", zero_division=0)),
        "roc_auc": _mean_over_classes(sk.roc_auc_score, labels, scores, counts),
        "average_precision": _mean_over_classes(sk.average_precision_score, labels, scores, counts),
        "confusion_matrix": sk.confusion_matrix(labels, predicted, labels=np.arange(len(classes))).tolist(),
        "class_counts": {str(name): int(count) for name, count in zip(classes, counts, strict=True)},
    }


def _mean_over_classes(
    measure: Any, labels: NDArray[Any], scores: NDArray[np.float64], counts: NDArray[np.int64]
) -> float | None:
    """Of two classes the measure of the second; of several the mean of one against the rest over those present."""
    present = [1] if len(counts) == 2 else np.flatnonzero(counts).tolist()
    if (counts > 0).sum() < 2:
        return None
    return float(np.mean([measure(labels == index, scores[:, index]) for index in present]))


def curves(predictions: Predictions, part: str) -> dict[str, Any]:
    """What the report draws: the ROC curve of two classes, or a sample of true against predicted numbers."""
    roc = scatter = None
    if predictions.task == "binary" and 0 < predictions.labels.sum() < len(predictions.labels):
        false_positives, true_positives, _ = sk.roc_curve(predictions.labels, predictions.scores[:, 1])
        kept = np.unique(np.linspace(0, len(false_positives) - 1, CURVE_POINTS).round().astype(int))
        roc = {"part": part, "fpr": false_positives[kept].tolist(), "tpr": true_positives[kept].tolist()}
    if predictions.task == "regression":
        kept = np.unique(np.linspace(0, len(predictions.labels) - 1, SCATTER_POINTS).round().astype(int))
        scatter = {
            "part": part,
            "true": predictions.labels[kept].tolist(),
            "predicted": predictions.scores[kept].tolist(),
        }
    return {"roc": roc, "predicted_vs_true": scatter}
