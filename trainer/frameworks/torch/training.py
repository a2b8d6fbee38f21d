"""A training in torch between two epochs: what it learned so far, what it can go back to, and what it leaves behind."""

from __future__ import annotations

import logging
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Course:
    """What every epoch goes through.

    Attributes:
        module: holds the weights.
        optimiser: learns them.
        judge: knows the labels of the vertices that `inference` gives outputs for.
        learner: takes the steps.
        batches: what it is given.
        inference: the outputs after an epoch.
        has_many_steps: whether an epoch that is broken off has changed the weights.
    """

    module: torch.nn.Module
    optimiser: torch.optim.Optimizer
    judge: Judge
    learner: Learner
    batches: Batches
    inference: InOnePass | InPieces
    has_many_steps: bool


def plan_course(
    spec: ModelSpec,
    model: LayeredModel,
    dataset: Dataset,
    settings: TrainingSettings,
    plan: BatchPlan | None,
    device: torch.device,
    stop: StopToken,
) -> Course:
    """The way of a model with fresh weights; `plan` cuts an epoch into batches, None does not."""
    module, optimiser = make_optimiser(model, settings, device)
    judge = Judge(dataset, settings.loss_fn, settings.class_weights, device)
    learner = Learner(model, dataset.inputs.target_type, optimiser, judge, stop)
    graph = graph_tensors(spec, model.reach, dataset.inputs, device)
    if plan is None:
        whole = WholeGraph(model, graph, judge.rows["train"])
        return Course(module, optimiser, judge, learner, whole, InOnePass(model, graph.target_type, whole.batch), False)
    sampler = make_sampler(dataset.inputs, model.reach)
    batches = SampledBatches(graph, model.reach, sampler, plan)
    return Course(module, optimiser, judge, learner, batches, InPieces(model, graph, sampler), True)


def make_optimiser(
    model: LayeredModel, settings: TrainingSettings, device: torch.device
) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    """The model on its device, and Adam for its weights."""
    module = model.module.to(device)
    rate, decay = settings.learning_rate, settings.weight_decay
    return module, torch.optim.Adam(module.parameters(), lr=rate, weight_decay=decay)


class TorchTraining:
    """A `Training` of a model that torch computes a layer at a time."""

    def __init__(self, spec: ModelSpec, course: Course, device: torch.device, stop: StopToken) -> None:
        """Go this way."""
        self._spec, self._device, self._stop = spec, device, stop
        self._module, self._optimiser, self._judge = course.module, course.optimiser, course.judge
        self._learner, self._batches, self._inference = course.learner, course.batches, course.inference
        self._has_many_steps = course.has_many_steps
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
        if wrong is None and state.random_state is None:
            wrong = "the random state is missing"
        if wrong is not None:
            raise ValueError(wrong)
        self._go_back(state.model, state.optimiser)
        assert state.random_state is not None
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
        outputs = None if outputs is None else self._whole(outputs)
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
            losses={} if outputs is None else self._losses(outputs),
        )

    def _run_epoch(self) -> EpochRecord | None:
        epoch = self.progress.epoch + 1
        loss = self._learner.learn(self._batches, epoch)
        if loss is None:
            return None
        outputs = self._inference.outputs(lambda: self._stop.requested)
        if outputs is None:
            return None
        record = self._record(epoch, loss, outputs)
        self.progress.add(record, outputs, lambda: _copy(self._module.state_dict()))
        self._random_state = random_state(self._device)
        return record

    def _record(self, epoch: int, loss: float, outputs: Tensor) -> EpochRecord:
        return self._judge.record(epoch, loss, outputs)

    def _whole(self, outputs: Tensor) -> Tensor | None:
        """The outputs of all vertices, None where another process has them."""
        return outputs

    def _losses(self, outputs: Tensor) -> dict[str, float]:
        return self._judge.losses(outputs)

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
