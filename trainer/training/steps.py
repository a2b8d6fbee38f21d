"""One epoch of learning: for each batch forward, loss, backward, and a step of the optimiser."""

from __future__ import annotations

import math
from contextlib import closing

import torch
from torch import Tensor

from trainer.errors import DataError
from trainer.models.layers import LayeredModel, forward
from trainer.process.stop import StopToken
from trainer.training.batches import Batches
from trainer.training.losses import Loss, LossWeight


class Learner:
    """A model and its optimiser, given batches."""

    def __init__(
        self,
        model: LayeredModel,
        target_type: str,
        optimiser: torch.optim.Optimizer,
        loss: Loss,
        weight: LossWeight,
        y: Tensor,
        stop: StopToken,
    ) -> None:
        """Learn `y` of the target type's vertices."""
        self._model, self._target_type = model, target_type
        self._optimiser, self._loss, self._weight = optimiser, loss, weight
        self._y, self._stop = y, stop

    def learn(self, batches: Batches, epoch: int) -> float | None:
        """The mean loss of the epoch over all vertices; None when a stop was asked for before its last step.

        Raises:
            DataError: the loss is not finite any more.
        """
        self._model.module.train()
        total = weights = 0.0
        with closing(batches.of_epoch(epoch)) as found:
            for batch in found:
                labels = self._y[batch.rows]
                if self._stop.requested:
                    return None
                self._optimiser.zero_grad()
                outputs = forward(self._model, self._target_type, batch.inputs, batch.layers)
                loss = self._loss(outputs if batch.outputs is None else outputs[batch.outputs], labels)
                if self._stop.requested:
                    return None
                loss.backward()  # type: ignore[no-untyped-call]
                if self._stop.requested:
                    return None
                self._optimiser.step()
                value, weight = float(loss.detach()), self._weight(labels)
                require_finite(value, epoch)
                total, weights = total + value * weight, weights + weight
        return total / weights


def require_finite(value: float | None, epoch: int) -> None:
    """Refuse to go on with a loss that is no number.

    Raises:
        DataError: says in which epoch, and what to turn.
    """
    if value is not None and not math.isfinite(value):
        raise DataError(
            f"The loss is {value} in epoch {epoch}; lower LEARNING_RATE, or look for extreme values in the features."
        )
