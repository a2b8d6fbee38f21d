"""A training between two epochs: what it learned so far, what it can go back to, and what it leaves behind."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.labels.split import PARTS
from trainer.models.hetero_plan import notes
from trainer.process.stop import StopToken
from trainer.sampling.batch_plan import plan_batches
from trainer.settings.groups.model import ModelSettings
from trainer.settings.groups.sampling import SamplingSettings
from trainer.settings.groups.training import TrainingSettings
from trainer.training.batches import Batches, SampledBatches, make_sampler
from trainer.training.checkpoint import TrainingState
from trainer.training.device import choose_device
from trainer.training.inference import Inference, InOnePass, InPieces, whole_graph
from trainer.training.losses import DEFAULT_LOSS, balanced_class_weights, build_loss, loss_weight
from trainer.training.model import build, describe
from trainer.training.quick_measures import quick_measures
from trainer.training.result import EpochRecord, FitResult
from trainer.training.steps import Learner, require_finite
from trainer.training.tensors import graph_tensors


class Training:
    """A model, its optimiser and its data."""

    def __init__(
        self,
        dataset: Dataset,
        model: ModelSettings,
        training: TrainingSettings,
        sampling: SamplingSettings,
        stop: StopToken,
    ) -> None:
        """Build the model with fresh weights.

        Raises:
            SettingsError: DEVICE is not there.
        """
        self._device = choose_device(training.device)
        torch.manual_seed(training.seed)
        self._dataset, self._stop = dataset, stop
        self._y = torch.from_numpy(dataset.y).to(self._device)
        self._rows = {name: np.flatnonzero(dataset.split.mask(name)) for name in PARTS}
        self._spec = describe(model, dataset.inputs, dataset.target.num_outputs)
        self._model = build(self._spec, dataset.inputs)
        self._module = self._model.module.to(self._device)
        self._optimiser = torch.optim.Adam(
            self._module.parameters(), lr=training.learning_rate, weight_decay=training.weight_decay
        )
        self._loss_name = training.loss_fn or DEFAULT_LOSS[dataset.target.task]
        self._weights: Tensor | None = None
        if training.class_weights == "balanced" and dataset.target.classes is not None:
            self._weights = balanced_class_weights(self._y[self._places("train")], len(dataset.target.classes))
        self._loss = build_loss(self._loss_name, dataset.target.task, self._weights)
        weight = loss_weight(self._weights)
        self._learner = Learner(
            self._model, dataset.inputs.target_type, self._optimiser, self._loss, weight, self._y, stop
        )
        self._batches, self._inference, self._has_many_steps = self._ways(model.num_layers, training.seed, sampling)
        self._history: list[EpochRecord] = []
        self._random_state = torch.get_rng_state()
        self._best_loss = math.inf
        self._best_model: dict[str, Tensor] | None = None
        self._best_outputs: Tensor | None = None
        self.epoch = 0
        self.best_epoch = 0

    def run_epoch(self) -> EpochRecord | None:
        """One epoch; None, with everything as it was before, when a stop was asked for on the way."""
        before = self._learned() if self._has_many_steps else None
        record = self._run_epoch()
        if record is None and before is not None:
            self._go_back(*before)
        return record

    def state(self) -> TrainingState:
        """A copy of everything that the next epoch depends on."""
        assert self._best_model is not None
        model, optimiser = self._learned()
        return TrainingState(
            epoch=self.epoch,
            model=model,
            optimiser=optimiser,
            random_state=self._random_state,
            best_epoch=self.best_epoch,
            best_loss=self._best_loss,
            best_model=self._best_model,
            history=[asdict(record) for record in self._history],
        )

    def restore(self, state: TrainingState) -> None:
        """Go back to where a copy was taken."""
        self._go_back(state.model, state.optimiser)
        torch.set_rng_state(state.random_state)
        self._random_state = state.random_state
        self._history = [EpochRecord(**record) for record in state.history]
        self._best_loss, self._best_model, self._best_outputs = state.best_loss, state.best_model, None
        self.epoch, self.best_epoch = state.epoch, state.best_epoch

    def result(self, seconds: list[float], stop_reason: str) -> FitResult:
        """What the training leaves behind, with the best epoch's outputs."""
        result = FitResult(
            spec=self._spec,
            notes=notes(self._spec),
            loss_name=self._loss_name,
            class_weights=None if self._weights is None else self._weights.tolist(),
            device=str(self._device),
            num_parameters=sum(parameter.numel() for parameter in self._module.parameters()),
            history=self._history,
            epoch_seconds=seconds,
            stop_reason=stop_reason,
        )
        if self._best_model is None:
            return result
        outputs = self._best_outputs
        if outputs is None:  # the best epoch was that of an earlier process
            self._module.load_state_dict(self._best_model)
            outputs = self._inference.outputs()
            assert outputs is not None, "nobody stops it"
        losses = {name: value for name in PARTS if (value := self._part_loss(outputs, name)) is not None}
        return replace(
            result, best_epoch=self.best_epoch, state_dict=self._best_model, outputs=outputs.cpu(), losses=losses
        )

    def _ways(self, num_layers: int, seed: int, sampling: SamplingSettings) -> tuple[Batches, Inference, bool]:
        """How to learn, how to evaluate, and whether an epoch has more than one step."""
        inputs, reach = self._dataset.inputs, self._model.reach
        graph = graph_tensors(self._spec, reach, inputs, self._device)
        plan = plan_batches(sampling, num_layers, seed, self._rows["train"], inputs.graph_of_row)
        if plan is None:
            whole = whole_graph(self._model, graph, self._places("train"))
            return whole, InOnePass(self._model, inputs.target_type, whole.batch), False
        sampler = make_sampler(inputs, reach)
        return SampledBatches(graph, reach, sampler, plan), InPieces(self._model, graph, sampler), True

    def _run_epoch(self) -> EpochRecord | None:
        epoch = self.epoch + 1
        loss = self._learner.learn(self._batches, epoch)
        if loss is None:
            return None
        outputs = self._inference.outputs(lambda: self._stop.requested)
        if outputs is None:
            return None
        val_loss = self._part_loss(outputs, "val")
        require_finite(val_loss, epoch)
        record = EpochRecord(epoch, loss, val_loss, self._measure(outputs))
        self._history.append(record)
        if val_loss is None or val_loss < self._best_loss:
            self._best_loss = math.inf if val_loss is None else val_loss
            self.best_epoch, self._best_model = epoch, _copy(self._module.state_dict())
            self._best_outputs = outputs
        self.epoch, self._random_state = epoch, torch.get_rng_state()
        return record

    def _learned(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        return _copy(self._module.state_dict()), _copy(self._optimiser.state_dict())

    def _go_back(self, model: dict[str, Tensor], optimiser: dict[str, Any]) -> None:
        self._module.load_state_dict(model)
        self._optimiser.load_state_dict(optimiser)

    def _places(self, part: str) -> Tensor:
        return torch.from_numpy(self._rows[part]).to(self._device)

    def _part_loss(self, outputs: Tensor, part: str) -> float | None:
        rows = self._places(part)
        return float(self._loss(outputs[rows], self._y[rows])) if rows.numel() else None

    def _measure(self, outputs: Tensor) -> dict[str, float | None]:
        rows = self._places("val")
        return quick_measures(self._dataset.target.task, outputs[rows], self._y[rows], self._dataset.target_scale)


def _copy(tree: Any) -> Any:
    """A state dict with every tensor copied to the CPU."""
    if isinstance(tree, Tensor):
        return tree.detach().cpu().clone()
    if isinstance(tree, dict):
        return {name: _copy(value) for name, value in tree.items()}
    return [_copy(value) for value in tree] if isinstance(tree, list) else tree
