"""One epoch of learning: for each batch forward, loss, backward, and a step of the optimiser."""

from __future__ import annotations

from contextlib import closing

import torch

from trainer.frameworks.torch.batches import Batch, Batches
from trainer.frameworks.torch.layers import LayeredModel, forward
from trainer.process.stop import StopToken
from trainer.training.judge import Judge, require_finite


class Learner:
    """A model and its optimiser, given batches."""

    def __init__(
        self, model: LayeredModel, target_type: str, optimiser: torch.optim.Optimizer, judge: Judge, stop: StopToken
    ) -> None:
        """Learn the labels of the target type's vertices, with the loss of the judge."""
        self._model, self._target_type = model, target_type
        self._optimiser, self._judge, self._stop = optimiser, judge, stop

    def learn(self, batches: Batches, epoch: int) -> float | None:
        """The mean loss of the epoch over all vertices; None when a stop was asked for before its last step.

        Raises:
            DataError: the loss is not finite any more.
        """
        self._model.module.train()
        total = weights = 0.0
        with closing(batches.of_epoch(epoch)) as of_epoch:
            for batch in of_epoch:
                loss = self._step(batch)
                if loss is None:
                    return None
                require_finite(loss, epoch)
                weight = self._weight(batch)
                total, weights = total + loss * weight, weights + weight
        return total / weights

    def _weight(self, batch: Batch) -> float:
        return self._judge.weight(self._judge.y[batch.rows])

    def _step(self, batch: Batch) -> float | None:
        """The loss before the step; None, without one, when a stop is asked for."""
        if self._stop.requested:
            return None
        self._optimiser.zero_grad()
        outputs = forward(self._model, self._target_type, batch.inputs, batch.layers)
        chosen = outputs if batch.outputs is None else outputs[batch.outputs]
        loss = self._judge.loss(chosen, self._judge.y[batch.rows])
        if self._stop.requested:
            return None
        loss.backward()  # type: ignore[no-untyped-call]
        if self._stop.requested:
            return None
        self._optimiser.step()
        return float(loss.detach())
