"""A training in torch between two epochs: what it learned so far, what it can go back to, and what it leaves behind."""

from __future__ import annotations

import logging
from typing import Any

import torch
from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.frameworks.torch.batches import Batches, SampledBatches, WholeGraph, make_sampler
from trainer.frameworks.torch.inference import InOnePass, InPieces
from trainer.frameworks.torch.layers import LayeredModel
from trainer.frameworks.torch.random_state import random_state, set_random_state
from trainer.frameworks.torch.steps import Learner
from trainer.frameworks.torch.tensors import graph_tensors
from trainer.models.spec import ModelSpec
from trainer.process.stop import StopToken
from trainer.sampling.batch_plan import BatchPlan
from trainer.settings.groups.training import TrainingSettings
from trainer.training.judge import Judge
from trainer.training.progress import Progress
from trainer.training.result import EpochRecord, FitResult
from trainer.training.state import TrainingState
from trainer.training.state_checks import misfit, optimiser_misfit

_log = logging.getLogger("gnn_trainer")


class TorchTraining:
    """A `Training` of a model that torch computes a layer at a time."""

    def __init__(
        self,
        spec: ModelSpec,
        model: LayeredModel,
        dataset: Dataset,
        settings: TrainingSettings,
        plan: BatchPlan | None,
        device: torch.device,
        stop: StopToken,
    ) -> None:
        """Take a model with fresh weights; `plan` cuts an epoch into batches, None does not."""
        self._spec, self._device, self._stop, self._has_many_steps = spec, device, stop, plan is not None
        self._module = model.module.to(device)
        self._optimiser = torch.optim.Adam(
            self._module.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self._judge = Judge(dataset, settings.loss_fn, settings.class_weights, device)
        self._learner = Learner(model, dataset.inputs.target_type, self._optimiser, self._judge, stop)
        graph = graph_tensors(spec, model.reach, dataset.inputs, device)
        if plan is None:
            whole = WholeGraph(model, graph, self._judge.rows["train"])
            self._batches: Batches = whole
            self._inference: InOnePass | InPieces = InOnePass(model, graph.target_type, whole.batch)
        else:
            sampler = make_sampler(dataset.inputs, model.reach)
            self._batches = SampledBatches(graph, model.reach, sampler, plan)
            self._inference = InPieces(model, graph, sampler)
        self.progress = Progress()
        self._random_state = random_state(device)

    def run_epoch(self) -> EpochRecord | None:
        """One epoch; None, with everything as it was before, when a stop was asked for on the way."""
        before = self._learned() if self._has_many_steps else None
        record = self._run_epoch()
        if record is None and before is not None:
            self._go_back(*before)
        return record

    def state(self) -> TrainingState:
        """A copy of everything that the next epoch depends on."""
        return self.progress.state(*self._learned(), self._random_state)

    def restore(self, state: TrainingState) -> None:
        """Go back to where a copy was taken; see `Training.restore`."""
        weights = list(self._module.parameters())
        wrong = misfit(state.model, self._module.state_dict()) or optimiser_misfit(
            state.optimiser, self._optimiser.state_dict(), weights
        )
        if wrong is not None:
            raise ValueError(wrong)
        self._go_back(state.model, state.optimiser)
        if set_random_state(self._device, state.random_state):
            self._random_state = state.random_state
        else:
            _log.warning(
                f"The checkpoint was not made on {self._device.type}: what is drawn from here on, as for DROPOUT,"
                " is not what the run before would have drawn."
            )
        self.progress.restore(state)

    def result(self, seconds: list[float], stop_reason: str) -> FitResult:
        """What the training leaves behind, with the best epoch's outputs."""
        best, outputs = self.progress.best_model, self.progress.best_outputs
        if best is not None and outputs is None:  # the best epoch was that of an earlier process
            self._module.load_state_dict(best)
            outputs = self._inference.outputs()
            assert outputs is not None, "nobody stops it"
        return FitResult(
            spec=self._spec,
            notes=list(self._spec.notes()),
            loss_name=self._judge.loss_name,
            class_weights=None if self._judge.class_weights is None else self._judge.class_weights.tolist(),
            device=str(self._device),
            num_parameters=sum(parameter.numel() for parameter in self._module.parameters()),
            history=self.progress.history,
            epoch_seconds=seconds,
            stop_reason=stop_reason,
            best_epoch=self.progress.best_epoch,
            state_dict=best,
            outputs=None if outputs is None else outputs.cpu(),
            losses={} if outputs is None else self._judge.losses(outputs),
        )

    def _run_epoch(self) -> EpochRecord | None:
        epoch = self.progress.epoch + 1
        loss = self._learner.learn(self._batches, epoch)
        if loss is None:
            return None
        outputs = self._inference.outputs(lambda: self._stop.requested)
        if outputs is None:
            return None
        record = self._judge.record(epoch, loss, outputs)
        self.progress.add(record, outputs, lambda: _copy(self._module.state_dict()))
        self._random_state = random_state(self._device)
        return record

    def _learned(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        return _copy(self._module.state_dict()), _copy(self._optimiser.state_dict())

    def _go_back(self, model: dict[str, Tensor], optimiser: dict[str, Any]) -> None:
        self._module.load_state_dict(model)
        self._optimiser.load_state_dict(optimiser)


def _copy(tree: Any) -> Any:
    """A state dict with every tensor copied to the CPU."""
    if isinstance(tree, Tensor):
        return tree.detach().cpu().clone()
    if isinstance(tree, dict):
        return {name: _copy(value) for name, value in tree.items()}
    return [_copy(value) for value in tree] if isinstance(tree, list) else tree
