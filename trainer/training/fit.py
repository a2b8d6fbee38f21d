"""The epochs of a run: full batch, Adam, validation after each, the best one kept."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from statistics import median
from typing import Any

import torch
from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.split import PARTS
from trainer.errors import DataError, SettingsError
from trainer.models.registry import ModelSpec, describe_model
from trainer.models.structure import make_structure
from trainer.settings import Settings
from trainer.stop import StopToken
from trainer.training.checkpoint import Checkpointer, TrainingState
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


@dataclass(frozen=True)
class FitResult:
    """What a fit leaves behind.

    Attributes:
        spec: the model as plain values.
        loss_name: the loss that was used.
        class_weights: per class, None without.
        device: where it was computed.
        num_parameters: trainable numbers of the model.
        history: all epochs, those of an earlier process too.
        epoch_seconds: seconds of the epochs of this process.
        stop_reason: epochs, patience, or the reason of a stop request.
        best_epoch: the epoch with the lowest validation loss (the last one without validation), 0 for none.
        state_dict: weights of the best epoch, on the CPU; None when no epoch was completed.
        outputs: outputs of the best epoch for all vertices, float32 [vertices, outputs], on the CPU.
        losses: loss of each part with the outputs of the best epoch.
    """

    spec: ModelSpec
    loss_name: str
    class_weights: list[float] | None
    device: str
    num_parameters: int
    history: list[EpochRecord]
    epoch_seconds: list[float]
    stop_reason: str
    best_epoch: int = 0
    state_dict: dict[str, Tensor] | None = None
    outputs: Tensor | None = None
    losses: dict[str, float] = field(default_factory=dict)


def fit(
    dataset: Dataset,
    settings: Settings,
    stop: StopToken,
    on_epoch: Callable[[EpochRecord, float], None],
    checkpoints: Checkpointer | None = None,
    resume: TrainingState | None = None,
) -> FitResult:
    """Train a model on the whole graph at once.

    Args:
        dataset: what to learn from.
        settings: model, loss, optimiser, epochs.
        stop: looked at before, between and after forward and backward; the epochs before are kept.
        on_epoch: called after each epoch with its record and the estimated seconds to the end.
        checkpoints: offered the state after each epoch, and given it when the training is stopped.
        resume: the state to go on from.

    Raises:
        DataError: the loss is not finite any more.
        SettingsError: DEVICE is not there.
    """
    training = _Training(dataset, settings, stop)
    if resume is not None:
        training.restore(resume)
    seconds: list[float] = []
    stop_reason = "epochs"
    while training.epoch < settings.epochs:
        if settings.patience and training.epoch - training.best_epoch >= settings.patience:
            stop_reason = "patience"
            break
        started = time.perf_counter()
        record = training.run_epoch()
        if record is None:
            stop_reason = str(stop.reason)
            break
        seconds.append(time.perf_counter() - started)
        on_epoch(record, median(seconds) * (settings.epochs - record.epoch))
        if checkpoints is not None:
            checkpoints.offer(training.state)
    if checkpoints is not None:
        checkpoints.wait()
        if stop_reason == stop.reason and training.epoch:
            checkpoints.put_now(training.state())
    return training.result(seconds, stop_reason)


class _Training:
    """A model, its optimiser and its data, between two epochs."""

    def __init__(self, dataset: Dataset, settings: Settings, stop: StopToken) -> None:
        """Build the model with fresh weights."""
        device = _device(settings.device)
        torch.manual_seed(settings.seed)
        self._dataset, self._stop, self._device = dataset, stop, device
        self._x, self._y, edge_index = (
            torch.from_numpy(array).to(device) for array in (dataset.x, dataset.y, dataset.edge_index)
        )
        self._rows = {
            name: torch.from_numpy(dataset.split.mask(name)).to(device).nonzero().squeeze(1) for name in PARTS
        }
        edge_index = edge_index[:, torch.argsort(edge_index[1], stable=True)]
        num_nodes, in_channels = dataset.x.shape
        self._spec = describe_model(settings, in_channels, dataset.target.num_outputs, edge_index, num_nodes)
        structure = make_structure(self._spec.type, edge_index, None, num_nodes, num_nodes, same_type=True)
        adjacency = structure.adjacency()
        adjacency.hold(self._x)
        self._adjacencies = [adjacency] * settings.num_layers
        model = self._spec.build_network()
        self._model = model.to(device)
        self._optimiser = torch.optim.Adam(
            model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self._loss_name = settings.loss_fn or DEFAULT_LOSS[dataset.target.task]
        self._weights: Tensor | None = None
        if settings.class_weights == "balanced" and dataset.target.classes is not None:
            self._weights = balanced_class_weights(self._y[self._rows["train"]], len(dataset.target.classes))
        self._loss: Loss = build_loss(self._loss_name, dataset.target.task, self._weights)
        self._history: list[EpochRecord] = []
        self._random_state = torch.get_rng_state()
        self._best_loss = math.inf
        self._best_model: dict[str, Tensor] | None = None
        self.epoch = 0
        self.best_epoch = 0

    def run_epoch(self) -> EpochRecord | None:
        """One epoch; None when a stop was asked for before the weights changed."""
        epoch = self.epoch + 1
        loss = self._step()
        if loss is None:
            return None
        _require_finite(loss, epoch)
        outputs = self._evaluate()
        val_loss = self._part_loss(outputs, "val")
        _require_finite(val_loss, epoch)
        record = EpochRecord(epoch, loss, val_loss, self._measure(outputs))
        self._history.append(record)
        if val_loss is None or val_loss < self._best_loss:
            self._best_loss = math.inf if val_loss is None else val_loss
            self.best_epoch, self._best_model = epoch, _copy(self._model.state_dict())
        self.epoch, self._random_state = epoch, torch.get_rng_state()
        return record

    def state(self) -> TrainingState:
        """A copy of everything that the next epoch depends on."""
        assert self._best_model is not None
        return TrainingState(
            epoch=self.epoch,
            model=_copy(self._model.state_dict()),
            optimiser=_copy(self._optimiser.state_dict()),
            random_state=self._random_state,
            best_epoch=self.best_epoch,
            best_loss=self._best_loss,
            best_model=self._best_model,
            history=[asdict(record) for record in self._history],
        )

    def restore(self, state: TrainingState) -> None:
        """Go back to where a copy was taken."""
        self._model.load_state_dict(state.model)
        self._optimiser.load_state_dict(state.optimiser)
        torch.set_rng_state(state.random_state)
        self._random_state = state.random_state
        self._history = [EpochRecord(**record) for record in state.history]
        self._best_loss, self._best_model = state.best_loss, state.best_model
        self.epoch, self.best_epoch = state.epoch, state.best_epoch

    def result(self, seconds: list[float], stop_reason: str) -> FitResult:
        """What the training leaves behind, with the best epoch's outputs."""
        result = FitResult(
            spec=self._spec,
            loss_name=self._loss_name,
            class_weights=None if self._weights is None else self._weights.tolist(),
            device=str(self._device),
            num_parameters=sum(parameter.numel() for parameter in self._model.parameters()),
            history=self._history,
            epoch_seconds=seconds,
            stop_reason=stop_reason,
        )
        if self._best_model is None:
            return result
        self._model.load_state_dict(self._best_model)
        outputs = self._evaluate()
        losses = {name: value for name in PARTS if (value := self._part_loss(outputs, name)) is not None}
        return replace(
            result, best_epoch=self.best_epoch, state_dict=self._best_model, outputs=outputs.cpu(), losses=losses
        )

    def _step(self) -> float | None:
        train = self._rows["train"]
        if self._stop.requested:
            return None
        self._model.train()
        self._optimiser.zero_grad()
        value = self._loss(self._model(self._x, self._adjacencies)[train], self._y[train])
        if self._stop.requested:
            return None
        value.backward()  # type: ignore[no-untyped-call]
        if self._stop.requested:
            return None
        self._optimiser.step()
        return float(value.detach())

    @torch.no_grad()
    def _evaluate(self) -> Tensor:
        self._model.eval()
        outputs: Tensor = self._model(self._x, self._adjacencies)
        return outputs

    def _part_loss(self, outputs: Tensor, part: str) -> float | None:
        rows = self._rows[part]
        return float(self._loss(outputs[rows], self._y[rows])) if rows.numel() else None

    def _measure(self, outputs: Tensor) -> dict[str, float | None]:
        """The quick measures of every epoch, of validation; the full ones are taken once, of the best epoch."""
        task, rows = self._dataset.target.task, self._rows["val"]
        if not rows.numel():
            return dict.fromkeys(("mae", "rmse", "r2") if task == "regression" else ("accuracy",))
        outputs, y = outputs[rows], self._y[rows]
        if task != "regression":
            predicted = outputs.argmax(dim=1) if task == "multiclass" else (outputs.squeeze(-1) > 0).to(y.dtype)
            return {"accuracy": float((predicted == y).double().mean())}
        error = (outputs.squeeze(-1) - y).double() * self._dataset.target_scale
        known = y.double() * self._dataset.target_scale
        r2 = 1 - float((error**2).sum() / ((known - known.mean()) ** 2).sum()) if y.min() < y.max() else None
        return {"mae": float(error.abs().mean()), "rmse": float((error**2).mean().sqrt()), "r2": r2}


def _copy(tree: Any) -> Any:
    """A state dict with every tensor copied to the CPU."""
    if isinstance(tree, Tensor):
        return tree.detach().cpu().clone()
    if isinstance(tree, dict):
        return {name: _copy(value) for name, value in tree.items()}
    return [_copy(value) for value in tree] if isinstance(tree, list) else tree


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise SettingsError(
            f"DEVICE={name!r} is not there: this machine has {torch.cuda.device_count()} GPUs; set auto or cpu."
        )
    return device


def _require_finite(value: float | None, epoch: int) -> None:
    if value is not None and not math.isfinite(value):
        raise DataError(
            f"The loss is {value} in epoch {epoch}; lower LEARNING_RATE, or look for extreme values in the features."
        )
