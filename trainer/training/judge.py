"""The loss and the measures of a model's outputs in every epoch; the full measures are taken once, of the best one."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.labels.split import PARTS
from trainer.errors import DataError
from trainer.training.losses import DEFAULT_LOSS, balanced_class_weights, build_loss, loss_weight
from trainer.training.result import EpochRecord


class Judge:
    """The labels `y` of a dataset, the `rows` of each part, and the loss that LOSS_FN and CLASS_WEIGHTS ask for."""

    def __init__(self, dataset: Dataset, loss_fn: str | None, class_weights: str, device: torch.device) -> None:
        """Judge outputs on a device."""
        target, split = dataset.target, dataset.split
        self._task, self._scale = target.task, dataset.target_scale
        self.y = torch.from_numpy(dataset.y).to(device)
        self.rows = {part: torch.from_numpy(np.flatnonzero(split.mask(part))).to(device) for part in PARTS}
        self.loss_name = loss_fn or DEFAULT_LOSS[target.task]
        weights: Tensor | None = None
        if class_weights == "balanced" and target.classes is not None:
            weights = balanced_class_weights(self.y[self.rows["train"]], len(target.classes))
        self.weigh(weights)

    def weigh(self, class_weights: Tensor | None) -> None:
        """Let each class count as much as its weight says."""
        self.class_weights = class_weights
        self.loss = build_loss(self.loss_name, self._task, class_weights)
        self.weight = loss_weight(class_weights)

    def record(self, epoch: int, loss: float, outputs: Tensor) -> EpochRecord:
        """The epoch with this training loss, whose model gives these outputs for all vertices.

        Raises:
            DataError: the validation loss is not finite.
        """
        return self.record_of(epoch, loss, outputs[self.rows["val"]])

    def record_of(self, epoch: int, loss: float, outputs: Tensor) -> EpochRecord:
        """The same, out of the outputs of the validation part alone."""
        y = self.y[self.rows["val"]]
        val_loss = float(self.loss(outputs, y)) if y.numel() else None
        require_finite(val_loss, epoch)
        return EpochRecord(epoch, loss, val_loss, quick_measures(self._task, outputs, y, self._scale))

    def losses(self, outputs: Tensor, parts: Iterable[str] = PARTS) -> dict[str, float]:
        """The loss of each part that has vertices."""
        used = {part: self.rows[part] for part in parts if self.rows[part].numel()}
        return {part: float(self.loss(outputs[rows], self.y[rows])) for part, rows in used.items()}


def quick_measures(task: str, outputs: Tensor, y: Tensor, scale: float) -> dict[str, float | None]:
    """Measures of some vertices; None where there are none, or where a measure is not defined.

    Args:
        task: binary, multiclass or regression.
        outputs: float [vertices, outputs].
        y: their labels as the model learns them.
        scale: what regression labels were divided by.
    """
    if not y.numel():
        return dict.fromkeys(("mae", "rmse", "r2") if task == "regression" else ("accuracy",))
    if task != "regression":
        predicted = outputs.argmax(dim=1) if task == "multiclass" else (outputs.squeeze(-1) > 0).to(y.dtype)
        return {"accuracy": float((predicted == y).double().mean())}
    error = (outputs.squeeze(-1) - y).double() * scale
    known = y.double() * scale
    r2 = 1 - float((error**2).sum() / ((known - known.mean()) ** 2).sum()) if y.min() < y.max() else None
    return {"mae": float(error.abs().mean()), "rmse": float((error**2).mean().sqrt()), "r2": r2}


def require_finite(loss: float | None, epoch: int) -> None:
    """Refuse to go on with a loss that is no number.

    Raises:
        DataError: names the epoch, and the setting to change.
    """
    if loss is not None and not math.isfinite(loss):
        raise DataError(
            f"The loss is {loss} in epoch {epoch}; lower LEARNING_RATE, or look for extreme values in the features."
        )
