"""The epochs of a run: full batch, Adam, validation after each, the best one kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.split import PARTS
from trainer.errors import DataError, SettingsError
from trainer.models.registry import ModelSpec, build_for_training, describe_model
from trainer.settings import Settings
from trainer.stop import StopToken
from trainer.training.losses import DEFAULT_LOSS, Loss, balanced_class_weights, build_loss


@dataclass(frozen=True)
class EpochRecord:
    """One epoch, 1-based: training loss, and loss and measures of the validation part (None without one)."""

    epoch: int
    loss: float
    val_loss: float | None
    measures: dict[str, float | None]

    def flat(self) -> dict[str, Any]:
        """The record as `metrics.json` holds it."""
        return {"epoch": self.epoch, "loss": self.loss, "val_loss": self.val_loss, **self.measures}


@dataclass
class FitResult:
    """What a fit leaves behind.

    Attributes:
        spec: the model as plain values.
        loss_name: the loss that was used.
        class_weights: per class, None without.
        state_dict: weights of the best epoch, on the CPU; None when no epoch was completed.
        outputs: outputs of the best epoch for all vertices, float32 [vertices, outputs], on the CPU.
        losses: loss of each part with the outputs of the best epoch.
        best_epoch: the epoch with the lowest validation loss (the last one without validation), 0 for none.
        stop_reason: epochs, patience, or the reason of a stop request.
    """

    spec: ModelSpec
    loss_name: str
    class_weights: list[float] | None
    device: str
    num_parameters: int
    state_dict: dict[str, Tensor] | None = None
    outputs: Tensor | None = None
    losses: dict[str, float] = field(default_factory=dict)
    history: list[EpochRecord] = field(default_factory=list)
    epoch_seconds: list[float] = field(default_factory=list)
    best_epoch: int = 0
    stop_reason: str = "epochs"


def fit(
    dataset: Dataset, settings: Settings, stop: StopToken, on_epoch: Callable[[EpochRecord, float], None]
) -> FitResult:
    """Train a model on the whole graph at once.

    Args:
        dataset: what to learn from.
        settings: model, loss, optimiser, epochs.
        stop: looked at between forward, backward, step and evaluation; what was learned before is kept.
        on_epoch: called after each epoch with its record and the estimated seconds to the end.

    Raises:
        DataError: the loss is not finite any more.
        SettingsError: DEVICE is not there.
    """
    device = _device(settings.device)
    torch.manual_seed(settings.seed)
    num_nodes = len(dataset.x)
    x, y, edge_index = (torch.from_numpy(array).to(device) for array in (dataset.x, dataset.y, dataset.edge_index))
    masks = {name: torch.from_numpy(dataset.split.mask(name)).to(device).nonzero().squeeze(1) for name in PARTS}
    spec = describe_model(settings, x.shape[1], dataset.target.num_outputs, edge_index, num_nodes)
    model, adjacency = build_for_training(spec, edge_index, num_nodes)
    model = model.to(device)
    loss_name, weights, loss = _loss(settings, dataset, y[masks["train"]])
    result = FitResult(
        spec=spec,
        loss_name=loss_name,
        class_weights=weights,
        device=str(device),
        num_parameters=sum(parameter.numel() for parameter in model.parameters()),
    )
    optimiser = torch.optim.Adam(model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    best_loss = math.inf
    for epoch in range(1, settings.epochs + 1):
        started = time.perf_counter()
        train_loss = _train_step(model, optimiser, loss, (x, adjacency, y, masks["train"]), stop)
        if train_loss is None:
            break
        _require_finite(train_loss, epoch)
        outputs = _evaluate(model, x, adjacency)
        if stop.requested and result.history:
            break  # the epoch before is whole; this one would cost another moment of the grace period
        val_loss = _part_loss(loss, outputs, y, masks["val"])
        _require_finite(val_loss, epoch)
        record = EpochRecord(epoch, train_loss, val_loss, _measures(dataset, outputs, y, masks["val"]))
        result.history.append(record)
        if val_loss is None or val_loss < best_loss:
            best_loss = math.inf if val_loss is None else val_loss
            result.best_epoch, result.outputs = epoch, outputs
            result.state_dict = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
        result.epoch_seconds.append(time.perf_counter() - started)
        on_epoch(record, float(np.median(result.epoch_seconds)) * (settings.epochs - epoch))
        if settings.patience and epoch - result.best_epoch >= settings.patience:
            result.stop_reason = "patience"
            break
    if stop.reason is not None and len(result.history) < settings.epochs and result.stop_reason != "patience":
        result.stop_reason = stop.reason
    if result.outputs is not None:
        found = {name: _part_loss(loss, result.outputs, y, mask) for name, mask in masks.items()}
        result.losses = {name: value for name, value in found.items() if value is not None}
        result.outputs = result.outputs.cpu()
    return result


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise SettingsError(
            f"DEVICE={name!r} is not there: this machine has {torch.cuda.device_count()} GPUs; set auto or cpu."
        )
    return device


def _loss(settings: Settings, dataset: Dataset, train_labels: Tensor) -> tuple[str, list[float] | None, Loss]:
    name = settings.loss_fn or DEFAULT_LOSS[dataset.target.task]
    weights = None
    if settings.class_weights == "balanced" and dataset.target.classes is not None:
        weights = balanced_class_weights(train_labels, len(dataset.target.classes))
    return name, None if weights is None else weights.tolist(), build_loss(name, dataset.target.task, weights)


def _train_step(
    model: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    loss: Loss,
    batch: tuple[Tensor, Tensor, Tensor, Tensor],
    stop: StopToken,
) -> float | None:
    """One step on the training part; the loss, or None when a stop was asked for before the weights changed."""
    x, adjacency, y, train = batch
    if stop.requested:
        return None
    model.train()
    optimiser.zero_grad()
    value = loss(model(x, adjacency)[train], y[train])
    if stop.requested:
        return None
    value.backward()  # type: ignore[no-untyped-call]
    if stop.requested:
        return None
    optimiser.step()
    return float(value.detach())


@torch.no_grad()
def _evaluate(model: torch.nn.Module, x: Tensor, adjacency: Tensor) -> Tensor:
    model.eval()
    outputs: Tensor = model(x, adjacency)
    return outputs


def _part_loss(loss: Loss, outputs: Tensor, y: Tensor, rows: Tensor) -> float | None:
    return float(loss(outputs[rows], y[rows])) if rows.numel() else None


def _require_finite(value: float | None, epoch: int) -> None:
    if value is not None and not math.isfinite(value):
        raise DataError(
            f"The loss is {value} in epoch {epoch}; lower LEARNING_RATE, or look for extreme values in the features."
        )


def _measures(dataset: Dataset, outputs: Tensor, y: Tensor, rows: Tensor) -> dict[str, float | None]:
    """The quick measures of every epoch; the full ones are taken once, of the best epoch."""
    names = ("mae", "rmse", "r2") if dataset.target.task == "regression" else ("accuracy",)
    if not rows.numel():
        return dict.fromkeys(names)
    outputs, y = outputs[rows], y[rows]
    if dataset.target.task != "regression":
        predicted = (
            outputs.argmax(dim=1) if dataset.target.task == "multiclass" else (outputs.squeeze(-1) > 0).to(y.dtype)
        )
        return {"accuracy": float((predicted == y).double().mean())}
    error = (outputs.squeeze(-1) - y).double() * dataset.target_scale
    known = y.double() * dataset.target_scale
    r2 = 1 - float((error**2).sum() / ((known - known.mean()) ** 2).sum()) if y.min() < y.max() else None
    return {"mae": float(error.abs().mean()), "rmse": float((error**2).mean().sqrt()), "r2": r2}
