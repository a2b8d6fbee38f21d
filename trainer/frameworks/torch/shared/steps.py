"""The steps of several ranks: each has gradients of its vertices, and all take the step of their sum."""

from __future__ import annotations

import torch
from torch import Tensor

from trainer.frameworks.torch.batches import Batch
from trainer.frameworks.torch.layers import LayeredModel, forward
from trainer.frameworks.torch.steps import Learner
from trainer.process.stop import StopToken
from trainer.ranks.ranks import Ranks
from trainer.training.judge import Judge


class SharedLearner(Learner):
    """A `Learner` that sums gradients and losses over all ranks: one flat tensor a step."""

    def __init__(
        self,
        model: LayeredModel,
        target_type: str,
        optimiser: torch.optim.Optimizer,
        judge: Judge,
        stop: StopToken,
        ranks: Ranks,
        weight: float | None,
    ) -> None:
        """Learn with the others.

        Args:
            model: with the same weights on every rank.
            target_type: see `Learner`, as the next two.
            optimiser: with the same moments on every rank.
            judge: knows the labels of the batches' rows.
            stop: this rank's.
            ranks: this one and the others.
            weight: of the labels of every batch, all ranks' together; None where each batch says whose they are.
        """
        super().__init__(model, target_type, optimiser, judge, stop)
        self._ranks, self._batch_weight = ranks, weight
        self._learned: list[torch.nn.Parameter] | None = None

    def _weight(self, batch: Batch) -> float:
        if batch.labels is not None:
            return self._judge.weight(self._judge.y[batch.labels])
        assert self._batch_weight is not None, "batches without their labels are all alike"
        return self._batch_weight

    def _step(self, batch: Batch) -> float | None:
        """The loss of all ranks before the step; None, without one, when one of them was asked to stop."""
        self._optimiser.zero_grad()
        outputs = forward(self._model, self._target_type, batch.inputs, batch.layers)
        chosen = outputs if batch.outputs is None else outputs[batch.outputs]
        loss = self._share_of_loss(chosen, self._judge.y[batch.rows], self._weight(batch))
        loss.backward()  # type: ignore[no-untyped-call]
        total = self._sum(loss.detach())
        if total is not None:
            self._optimiser.step()
        return total

    def _share_of_loss(self, outputs: Tensor, labels: Tensor, weight: float) -> Tensor:
        """What these vertices add to the mean over the batch."""
        if not labels.numel():
            return outputs.sum()  # of nothing: zero, with a gradient
        return self._judge.loss(outputs, labels) * (self._judge.weight(labels) / weight)

    def _sum(self, loss: Tensor) -> float | None:
        """Put the gradients of all ranks in place of this one's; the loss of all, None when one was asked to stop."""
        if self._learned is None:  # a weight that nothing leads to has no gradient, on any rank
            parameters = list(self._model.module.parameters())
            has = self._ranks.all_of([parameter.grad is not None for parameter in parameters])
            self._learned = [each for each, *flags in zip(parameters, *has, strict=True) if any(flags)]
        for parameter in self._learned:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        gradients = [parameter.grad for parameter in self._learned if parameter.grad is not None]
        more = torch.stack([loss.reshape(()), loss.new_tensor(float(self._stop.requested)).reshape(())])
        flat = torch.cat([*(gradient.reshape(-1) for gradient in gradients), more])
        self._ranks.sum(flat)
        if float(flat[-1]):
            return None
        begin = 0
        for gradient in gradients:
            gradient.copy_(flat[begin : begin + gradient.numel()].view_as(gradient))
            begin += gradient.numel()
        return float(flat[-2])
