"""Measures of predicted classes, computed for all classes at once; each equals scikit-learn's of the same name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_MATRIX_CLASSES = 50
"""With more classes the most confused pairs stand in for the confusion matrix, which grows with their square."""
MAX_PAIRS = 50
_SORTED_AT_ONCE = 1 << 22
"""Scores that are sorted in one go, so that the copy stays small beside the scores."""


@dataclass(frozen=True)
class ClassHits:
    """Vertices by class, int64 of shape [classes]: of the class, predicted as it, and both."""

    true: NDArray[np.int64]
    predicted: NDArray[np.int64]
    both: NDArray[np.int64]

    @staticmethod
    def count(labels: NDArray[np.int64], predicted: NDArray[np.int64], num_classes: int) -> ClassHits:
        """Count true and predicted class indices, both of shape [vertices]."""
        pairs = labels, predicted, labels[labels == predicted]
        return ClassHits(*(np.bincount(each, minlength=num_classes) for each in pairs))

    @property
    def accuracy(self) -> float:
        """The share of vertices that are predicted right."""
        return float(self.both.sum() / self.true.sum())

    @property
    def balanced_accuracy(self) -> float:
        """The mean recall of the classes that occur."""
        occurs = self.true > 0
        return float((self.both[occurs] / self.true[occurs]).mean())

    @property
    def f1_macro(self) -> float:
        """The mean F1 of the classes that occur or are predicted."""
        used = self.true + self.predicted > 0
        return float((2 * self.both[used] / (self.true + self.predicted)[used]).mean())

    def of(self, index: int) -> dict[str, float | None]:
        """Precision, recall and F1 of a class; None where there is nothing to divide by."""
        return {
            name: float(self.both[index] / of[index]) if of[index] else None for name, of in self._divisors().items()
        }

    def by_class(self) -> dict[str, list[float | None]]:
        """Precision, recall and F1 of each class to four decimals; None where there is nothing to divide by."""
        return {
            name: [round(hit / of, 4) if of else None for hit, of in zip(self.both.tolist(), by.tolist(), strict=True)]
            for name, by in self._divisors().items()
        }

    def _divisors(self) -> dict[str, NDArray[Any]]:
        return {"precision": self.predicted, "recall": self.true, "f1": (self.true + self.predicted) / 2}


def confusion_matrix(labels: NDArray[np.int64], predicted: NDArray[np.int64], num_classes: int) -> NDArray[np.int64]:
    """Vertices by true and predicted class, shape [classes, classes]."""
    counts = np.bincount(labels * num_classes + predicted, minlength=num_classes**2)
    return counts.reshape(num_classes, num_classes)


def most_confused(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], num_classes: int
) -> list[tuple[int, int, int]]:
    """The commonest mistakes as (true, predicted, vertices), at most `MAX_PAIRS` of them."""
    wrong = labels != predicted
    pairs, counts = np.unique(labels[wrong] * num_classes + predicted[wrong], return_counts=True)
    first = np.argsort(-counts, kind="stable")[:MAX_PAIRS]
    return [
        (*divmod(pair, num_classes), count)
        for pair, count in zip(pairs[first].tolist(), counts[first].tolist(), strict=True)
    ]


def areas(
    labels: NDArray[np.int64], scores: NDArray[np.float64], classes: Sequence[int] | NDArray[Any]
) -> tuple[float | None, float | None]:
    """The area under the ROC curve, and the average precision: means over some classes of one against the rest.

    Both are sums over the vertices of a class of how many vertices lie below and above in the order of its score, which
    one sort of each column gives: the area is the Mann-Whitney statistic, where equal scores count half.

    Args:
        labels: class indices, shape [vertices].
        scores: shape [vertices, classes].
        classes: the indices of the classes, each with a vertex.

    Returns:
        None for both where all labels are of one class.
    """
    if not len(labels) or labels.min() == labels.max():
        return None, None
    num = len(labels)
    by_class = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels, minlength=scores.shape[1]))
    classes = np.asarray(classes)
    roc_auc, average_precision = [], []
    step = max(1, _SORTED_AT_ONCE // num)
    for start in range(0, len(classes), step):
        chunk = classes[start : start + step]
        ordered = np.sort(scores[:, chunk].T, axis=1)
        for index, column in zip(chunk.tolist(), ordered, strict=True):
            own = np.sort(scores[by_class[ends[index - 1] if index else 0 : ends[index]], index])
            below = np.searchsorted(column, own, "left")
            not_above = np.searchsorted(column, own, "right")
            lower = (int(below.sum()) + int(not_above.sum()) - len(own) ** 2) / 2
            roc_auc.append(lower / (len(own) * (num - len(own))))
            average_precision.append(float(((len(own) - np.searchsorted(own, own, "left")) / (num - below)).mean()))
    return float(np.mean(roc_auc)), float(np.mean(average_precision))
