"""What a training leaves behind: a record of each epoch, and the best one's weights and outputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from trainer.models.spec import ModelSpec


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
        spec: the model.
        notes: what a reader should know of how the model deals with several types.
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
        weights_file: the weights of the best epoch once more, as the framework's own users load them; None where `state_dict` is
            that already.
        losses: loss of each part with the outputs of the best epoch.
    """

    spec: ModelSpec
    notes: list[str]
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
    weights_file: bytes | None = None
    losses: dict[str, float] = field(default_factory=dict)
