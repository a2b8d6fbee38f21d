"""The judgement over a fit: measures per part, and curves for the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.labels.split import PARTS
from trainer.training.metrics import Predictions, curves
from trainer.training.result import FitResult
from trainer.training.scores import scores


@dataclass(frozen=True)
class Evaluation:
    """Measures under the names of `metrics.json`; a part without vertices is None."""

    metrics: dict[str, dict[str, Any] | None]
    curves: dict[str, Any]


def predict(outputs: Tensor, dataset: Dataset) -> Predictions:
    """Model outputs [vertices, outputs] as probabilities, or as numbers in the label's own unit."""
    target = dataset.target
    found = scores(outputs, target.task, dataset.target_mean, dataset.target_scale)
    return Predictions(target.task, target.y, found, target.positive)


def evaluate(fitted: FitResult, dataset: Dataset) -> Evaluation:
    """Measure the best epoch of a fit on each part."""
    assert fitted.outputs is not None
    masks = {name: dataset.split.mask(name) for name in PARTS}
    predictions = predict(fitted.outputs, dataset)
    target = dataset.target
    metrics = {
        name: {"loss": fitted.losses[name]} | predictions.part(mask).measure(target.classes) if mask.any() else None
        for name, mask in masks.items()
    }
    shown = next(name for name in ("test", "val", "train") if masks[name].any())
    return Evaluation(metrics, curves(predictions.part(masks[shown]), shown))
