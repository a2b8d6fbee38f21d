"""The judgement over a fit: measures per part, curves for the report, and what does as well without the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.labels.split import PARTS
from trainer.training.baseline import measure_baselines
from trainer.training.metrics import Predictions, curves
from trainer.training.result import FitResult
from trainer.training.scores import scores


@dataclass(frozen=True)
class Evaluation:
    """Measures under the names of `metrics.json`; a part without vertices is None."""

    metrics: dict[str, dict[str, Any] | None]
    curves: dict[str, Any]
    baselines: dict[str, Any] | None


def predict(outputs: Tensor, dataset: Dataset) -> Predictions:
    """Model outputs [vertices, outputs] as probabilities, or as numbers in the label's own unit."""
    target = dataset.target
    found = scores(outputs, target.task, dataset.target_mean, dataset.target_scale)
    return Predictions(target.task, target.y, found, target.positive)


def evaluate(fitted: FitResult, dataset: Dataset, seed: int, with_baselines: bool) -> Evaluation:
    """Measure the best epoch of a fit on each part, and the baselines when there is time for them."""
    assert fitted.outputs is not None
    masks = {name: dataset.split.mask(name) for name in PARTS}
    predictions = predict(fitted.outputs, dataset)
    target = dataset.target
    metrics = {
        name: {"loss": fitted.losses[name]} | predictions.part(mask).measure(target.classes) if mask.any() else None
        for name, mask in masks.items()
    }
    shown = next(name for name in ("test", "val", "train") if masks[name].any())
    baselines = None
    if with_baselines:
        baselines = measure_baselines(
            dataset.inputs.x, target.y, masks, target.task, target.classes, seed, target.positive
        )
    return Evaluation(metrics, curves(predictions.part(masks[shown]), shown), baselines)
