"""How good predictions are: scikit-learn's measures, None where one is not defined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from trainer.record import label_text
from trainer.training.class_measures import MAX_MATRIX_CLASSES, ClassHits, areas, confusion_matrix, most_confused

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

    def measure(self, classes: list[Any] | None, *, with_table: bool = True) -> dict[str, Any]:
        """The measures of the task over all these vertices, under the names of `metrics.json`.

        Args:
            classes: the labels in order, None for regression.
            with_table: whether measures of many classes come with a table of these classes.
        """
        if self.task == "regression":
            return {"num": len(self.labels)} | _regression(self.labels, self.scores)
        return {"num": len(self.labels)} | _classes(self, classes or [], with_table)


def _regression(labels: NDArray[Any], predicted: NDArray[np.float64]) -> dict[str, Any]:
    return {
        "mae": float(sk.mean_absolute_error(labels, predicted)),
        "rmse": float(sk.root_mean_squared_error(labels, predicted)),
        "r2": float(sk.r2_score(labels, predicted)) if labels.min() < labels.max() else None,
    }


def _classes(predictions: Predictions, classes: Sequence[Any], with_table: bool) -> dict[str, Any]:
    labels, scores, positive = predictions.labels, predictions.scores, predictions.positive
    predicted = scores.argmax(axis=1)
    hits = ClassHits.count(labels, predicted, len(classes))
    about = np.flatnonzero(hits.true) if positive is None else [positive]
    roc_auc, average_precision = areas(labels, scores, about)
    measures: dict[str, Any] = {
        "accuracy": hits.accuracy,
        "balanced_accuracy": hits.balanced_accuracy,
        "f1_macro": hits.f1_macro,
        "roc_auc": roc_auc,
        "average_precision": average_precision,
        **({} if positive is None else hits.of(positive)),
    }
    if len(classes) <= MAX_MATRIX_CLASSES:
        measures["confusion_matrix"] = confusion_matrix(labels, predicted, len(classes)).tolist()
    elif with_table:
        pairs = most_confused(labels, predicted, len(classes))
        measures["most_confused"] = [
            {"true": classes[true], "predicted": classes[other], "vertices": count} for true, other, count in pairs
        ]
        measures["by_class"] = hits.by_class()
    if len(classes) <= MAX_MATRIX_CLASSES or with_table:
        measures["class_counts"] = dict(zip(map(label_text, classes), hits.true.tolist(), strict=True))
    return measures


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
