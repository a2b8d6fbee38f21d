"""The epochs of a run: one after the other until there are enough, none gets better, or a stop is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Protocol

from trainer.process.stop import StopToken
from trainer.training.checkpoint import Checkpointer
from trainer.training.progress import Progress
from trainer.training.result import EpochRecord, FitResult
from trainer.training.state import TrainingState


class Training(Protocol):
    """A model, its optimiser and its data between two epochs, whichever framework computes them."""

    progress: Progress

    def run_epoch(self) -> EpochRecord | None:
        """One epoch; None, with everything as it was before, when a stop was asked for on the way.

        Raises:
            DataError: the loss is not finite any more.
        """

    def state(self) -> TrainingState:
        """A copy of everything that the next epoch depends on."""

    def restore(self, state: TrainingState) -> None:
        """Go back to where a copy was taken.

        Raises:
            ValueError: it is a copy of another model; nothing has changed.
        """

    def result(self, seconds: list[float], stop_reason: str) -> FitResult:
        """What the training leaves behind; `seconds` are those of the epochs of this process."""


def fit(
    training: Training,
    epochs: int,
    patience: int,
    stop: StopToken,
    on_epoch: Callable[[EpochRecord, float], None],
    checkpoints: Checkpointer | None = None,
) -> FitResult:
    """Train a model.

    Args:
        training: the model and its data, fresh or restored.
        epochs: the setting EPOCHS.
        patience: the setting PATIENCE.
        stop: the token that the training looks at; the epochs before a stop are kept.
        on_epoch: called after each epoch with its record and the estimated seconds to the end.
        checkpoints: offered the state after each epoch, and given it when the training is stopped.

    Raises:
        DataError: the loss is not finite any more.
    """
    seconds: list[float] = []
    stop_reason, progress = "epochs", training.progress
    while progress.epoch < epochs:
        if patience and progress.epoch - progress.best_epoch >= patience:
            stop_reason = "patience"
            break
        started = time.perf_counter()
        record = training.run_epoch()
        if record is None:
            stop_reason = str(stop.reason)
            break
        seconds.append(time.perf_counter() - started)
        on_epoch(record, median(seconds) * (epochs - record.epoch))
        if checkpoints is not None:
            checkpoints.offer(training.state)
    if checkpoints is not None:
        checkpoints.wait()
        if stop_reason == stop.reason and progress.epoch:
            checkpoints.put_now(training.state())
    return training.result(seconds, stop_reason)
