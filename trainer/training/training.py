"""What the epochs need of a training, whichever framework computes it."""

from __future__ import annotations

from typing import Protocol

from trainer.training.result import EpochRecord, FitResult
from trainer.training.state import TrainingState


class Training(Protocol):
    """A model, its optimiser and its data, between two epochs."""

    @property
    def epoch(self) -> int:
        """How many epochs were run, those of an earlier process included."""

    @property
    def best_epoch(self) -> int:
        """The epoch with the lowest validation loss, the last one without validation; 0 before the first."""

    def run_epoch(self) -> EpochRecord | None:
        """One epoch; None, with everything as it was before, when a stop was asked for on the way.

        Raises:
            DataError: the loss is not finite any more.
        """

    def state(self) -> TrainingState:
        """A copy of everything that the next epoch depends on."""

    def restore(self, state: TrainingState) -> None:
        """Go back to where a copy was taken."""

    def result(self, seconds: list[float], stop_reason: str) -> FitResult:
        """What the training leaves behind, with the best epoch's outputs.

        Args:
            seconds: of the epochs of this process.
            stop_reason: why there are no more of them.
        """
