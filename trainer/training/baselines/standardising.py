"""Each column minus its mean, divided by its standard deviation, both of the training part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.training.baselines.problem import Problem
from trainer.training.baselines.sample import chunks

_ALIKE = 0.05
"""Columns whose means are so close to 0 and deviations to 1 are standardised already."""


@dataclass(frozen=True)
class Standardisation:
    """What is subtracted from each column and what it is divided by, float32 of shape [columns]."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """The columns, standardised, of shape [rows, columns]."""
        return (x - self.mean) / self.scale

    def of(self, columns: NDArray[np.int64]) -> Standardisation:
        """The standardisation of some columns."""
        return Standardisation(self.mean[columns], self.scale[columns])


def standardise(problem: Problem) -> tuple[Standardisation, bool]:
    """The standardisation of the training part, and whether it changes anything that matters."""
    x, train = problem.x, problem.parts["train"]
    mean, squares = np.zeros((2, x.shape[1]))
    for chunk in chunks(train, x.shape[1]):
        mean += x[chunk].sum(axis=0, dtype=np.float64) / len(train)
    for chunk in chunks(train, x.shape[1]):
        squares += ((x[chunk] - mean) ** 2).sum(axis=0)
    deviation = np.sqrt(squares / len(train))
    varies = deviation > 1e-6 * np.abs(mean)
    changes = (np.abs(mean) > _ALIKE) | (np.abs(deviation - 1) > _ALIKE)
    scale = np.where(varies, deviation, 1.0)
    return Standardisation(mean.astype(np.float32), scale.astype(np.float32)), bool(changes[varies].any())
