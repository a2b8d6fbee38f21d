"""Linear models of several strengths of regularisation, from the strongest to the weakest."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, LinAlgWarning, solve
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from trainer.training.baselines.linear_plan import MAX_ITERATIONS
from trainer.training.baselines.problem import Scores

Predict = Callable[[NDArray[Any]], Scores]
"""Takes inputs [rows, columns], gives scores."""


@dataclass(frozen=True)
class LinearFit:
    """A model; `stopped_at` is after how many iterations it was ended before it converged."""

    strength: float
    predict: Predict
    stopped_at: int | None = None


@dataclass
class Iterations:
    """Iterations that several fits share: what one does not need goes to those that follow."""

    left: int
    fits: int

    def next_limit(self) -> int:
        """The most that the next fit may take."""
        return max(1, min(MAX_ITERATIONS, self.left // max(self.fits, 1)))

    def spend(self, used: int) -> None:
        """A fit is over."""
        self.left, self.fits = self.left - used, self.fits - 1


def logistic_fits(
    x: NDArray[np.float32], labels: NDArray[np.int64], num_classes: int, strengths: Sequence[float], shared: Iterations
) -> Iterator[LinearFit]:
    """Logistic regressions; the strength is scikit-learn's C, the smaller the stronger.

    Args:
        x: inputs, shape [rows, columns].
        labels: class indices, shape [rows]; two classes at least.
        num_classes: classes that exist, whether or not these rows have them.
        strengths: in rising order.
        shared: the iterations that all fits may take together.
    """
    for strength in strengths:
        limit = shared.next_limit()
        model = LogisticRegression(C=strength, max_iter=limit)
        with warnings.catch_warnings(), np.errstate(all="ignore"):  # unscaled numbers may be too large for one strength
            warnings.simplefilter("ignore", category=ConvergenceWarning)
            warnings.simplefilter("ignore", category=RuntimeWarning)
            model.fit(x, labels)
        used = int(model.n_iter_.max())
        shared.spend(used)
        if np.isfinite(model.coef_).all() and np.isfinite(model.intercept_).all():
            yield LinearFit(strength, _probabilities(model, num_classes), used if used >= limit else None)


def _probabilities(model: LogisticRegression, num_classes: int) -> Predict:
    def predict(x: NDArray[Any]) -> Scores:
        scores = np.zeros((len(x), num_classes))
        scores[:, model.classes_] = model.predict_proba(x)
        return scores

    return predict


def ridge_fits(x: NDArray[np.float64], labels: NDArray[np.float64], strengths: Sequence[float]) -> Iterator[LinearFit]:
    """Ridge regressions, all from one product of the inputs; the strength is alpha, the larger the stronger.

    With centred X and y the coefficients are (XᵀX + alpha I)⁻¹ Xᵀy, which with more columns than rows are had as
    Xᵀ(XXᵀ + alpha I)⁻¹ y.
    """
    means, mean = x.mean(axis=0), labels.mean()
    centred, y = x - means, labels - mean
    is_wide = x.shape[1] > len(x)
    with np.errstate(all="ignore"):
        product = centred @ centred.T if is_wide else centred.T @ centred
        right = y if is_wide else centred.T @ y
    if not (np.isfinite(product).all() and np.isfinite(right).all()):
        return
    diagonal = np.einsum("ii->i", product)
    bare = diagonal.copy()
    for strength in sorted(strengths, reverse=True):
        diagonal[:] = bare + strength
        try:
            with warnings.catch_warnings():  # whether so ill a problem still gives a good model, validation says
                warnings.simplefilter("ignore", category=LinAlgWarning)
                solution = solve(product, right, assume_a="pos", check_finite=False)
        except LinAlgError:  # unscaled numbers may be too far apart for one strength
            continue
        weights = centred.T @ solution if is_wide else solution
        if np.isfinite(weights).all():
            yield LinearFit(strength, _numbers(weights, float(mean - means @ weights)))


def _numbers(weights: NDArray[np.float64], intercept: float) -> Predict:
    return lambda x: x.astype(np.float64) @ weights + intercept
