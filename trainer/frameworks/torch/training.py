"""A training in torch between two epochs: what it learned so far, what it can go back to, and what it leaves behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.labels.split import PARTS
from trainer.frameworks.torch.batches import Batches, SampledBatches, WholeGraph, make_sampler
from trainer.frameworks.torch.inference import Inference, InOnePass, InPieces
from trainer.frameworks.torch.layers import LayeredModel
from trainer.frameworks.torch.steps import Learner
from trainer.frameworks.torch.tensors import graph_tensors
from trainer.models.notes import notes_on
from trainer.models.spec import ModelSpec
from trainer.process.stop import StopToken
from trainer.sampling.batch_plan import BatchPlan
from trainer.settings.groups.training import TrainingSettings
from trainer.training.judge import Judge
from trainer.training.progress import Progress
from trainer.training.result import EpochRecord, FitResult
from trainer.training.state import TrainingState


class TorchTraining:
    """A model, its optimiser and its data."""

    def __init__(
        self,
        spec: ModelSpec,
        model: LayeredModel,
        dataset: Dataset,
        training: TrainingSettings,
        plan: BatchPlan | None,
        device: torch.device,
        stop: StopToken,
    ) -> None:
        """Take a model with fresh weights; `plan` says how an epoch is cut into batches, None does not cut it."""
        self._spec, self._model, self._device, self._stop = spec, model, device, stop
        self._module = model.module.to(device)
        self._optimiser = torch.optim.Adam(
            self._module.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay
        )
        self._judge = Judge(dataset, training.loss_fn, training.class_weights, device)
        self._learner = Learner(model, dataset.inputs.target_type, self._optimiser, self._judge, stop)
        self._batches, self._inference = self._ways(dataset, plan)
        self._has_many_steps = plan is not None
        self._progress = Progress()
        self._random_state = torch.get_rng_state()

    @property
    def epoch(self) -> int:
        """See `Training`, as below."""
        return self._progress.epoch

    @property
    def best_epoch(self) -> int:
        """The epoch with the lowest validation loss."""
        return self._progress.best_epoch

    def run_epoch(self) -> EpochRecord | None:
        """One epoch; None, with everything as it was before, when a stop was asked for on the way."""
        before = self._learned() if self._has_many_steps else None
        record = self._run_epoch()
        if record is None and before is not None:
            self._go_back(*before)
        return record

    def state(self) -> TrainingState:
        """A copy of everything that the next epoch depends on."""
        return self._progress.state(*self._learned(), self._random_state)

    def restore(self, state: TrainingState) -> None:
        """Go back to where a copy was taken."""
        self._go_back(state.model, state.optimiser)
        torch.set_rng_state(state.random_state)
        self._random_state = state.random_state
        self._progress.restore(state)

    def result(self, seconds: list[float], stop_reason: str) -> FitResult:
        """What the training leaves behind, with the best epoch's outputs."""
        judge, progress = self._judge, self._progress
        result = FitResult(
            spec=self._spec,
            notes=notes_on(self._spec),
            loss_name=judge.loss_name,
            class_weights=None if judge.class_weights is None else judge.class_weights.tolist(),
            device=str(self._device),
            num_parameters=sum(parameter.numel() for parameter in self._module.parameters()),
            history=progress.history,
            epoch_seconds=seconds,
            stop_reason=stop_reason,
        )
        if progress.best_model is None:
            return result
        outputs = progress.best_outputs
        if outputs is None:  # the best epoch was that of an earlier process
            self._module.load_state_dict(progress.best_model)
            outputs = self._inference.outputs()
            assert outputs is not None, "nobody stops it"
        losses = {part: loss for part in PARTS if (loss := judge.part_loss(outputs, part)) is not None}
        return replace(
            result,
            best_epoch=progress.best_epoch,
            state_dict=progress.best_model,
            outputs=outputs.cpu(),
            losses=losses,
        )

    def _ways(self, dataset: Dataset, plan: BatchPlan | None) -> tuple[Batches, Inference]:
        """How to learn, and how to evaluate."""
        inputs, model = dataset.inputs, self._model
        graph = graph_tensors(self._spec, model.reach, inputs, self._device)
        if plan is None:
            whole = WholeGraph(model, graph, self._judge.rows["train"])
            return whole, InOnePass(model, inputs.target_type, whole.batch)
        sampler = make_sampler(inputs, model.reach)
        return SampledBatches(graph, model.reach, sampler, plan), InPieces(model, graph, sampler)

    def _run_epoch(self) -> EpochRecord | None:
        epoch = self._progress.epoch + 1
        loss = self._learner.learn(self._batches, epoch)
        if loss is None:
            return None
        outputs = self._inference.outputs(lambda: self._stop.requested)
        if outputs is None:
            return None
        record = self._judge.record(epoch, loss, outputs)
        self._progress.add(record, outputs, lambda: _copy(self._module.state_dict()))
        self._random_state = torch.get_rng_state()
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
