"""The epochs so far, and the best of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from torch import Tensor

from trainer.training.result import EpochRecord
from trainer.training.state import TrainingState


class Progress:
    """What is known after each epoch; the best one has the lowest validation loss, without validation it is the last.

    Attributes:
        history: a record of each epoch, those of an earlier process too.
        best_epoch: 0 before the first epoch.
        best_model: the weights of the best epoch, on the CPU.
        best_outputs: its outputs; None also where an earlier process ran it.
    """

    def __init__(self) -> None:
        """No epoch was run."""
        self.history: list[EpochRecord] = []
        self.best_epoch, self._best_loss = 0, math.inf
        self.best_model: dict[str, Tensor] | None = None
        self.best_outputs: Tensor | None = None

    @property
    def epoch(self) -> int:
        """How many epochs were run."""
        return len(self.history)

    def add(self, record: EpochRecord, outputs: Tensor, copy_model: Callable[[], dict[str, Tensor]]) -> None:
        """Take in the next epoch, and the model where it is the best so far."""
        self.history.append(record)
        if record.val_loss is None or record.val_loss < self._best_loss:
            self._best_loss = math.inf if record.val_loss is None else record.val_loss
            self.best_epoch, self.best_model, self.best_outputs = record.epoch, copy_model(), outputs

    def state(self, model: dict[str, Tensor], optimiser: dict[str, Any], random_state: Tensor | None) -> TrainingState:
        """These epochs, with copies of all else that the next one depends on."""
        assert self.best_model is not None
        history = [asdict(record) for record in self.history]
        best = self.best_epoch, self._best_loss, self.best_model
        return TrainingState(self.epoch, model, optimiser, random_state, *best, history)

    def restore(self, state: TrainingState) -> None:
        """Go back to where a state was taken."""
        self.history = [EpochRecord(**record) for record in state.history]
        self.best_epoch, self._best_loss = state.best_epoch, state.best_loss
        self.best_model, self.best_outputs = state.best_model, None
