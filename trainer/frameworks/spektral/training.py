"""A training in TensorFlow between two epochs: what it learned so far, what it can go back to, and what it leaves behind."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.frameworks.spektral.graph import graph_tensors
from trainer.frameworks.spektral.library import keras, tf
from trainer.frameworks.spektral.network import Network, assign, copied, tensors
from trainer.models.spec import ModelSpec
from trainer.process.stop import StopToken
from trainer.settings.groups.training import TrainingSettings
from trainer.training.judge import Judge, require_finite
from trainer.training.progress import Progress
from trainer.training.result import EpochRecord, FitResult
from trainer.training.state import TrainingState
from trainer.training.state_checks import misfit

_EPSILON = 1e-8
"""As in torch."""


class SpektralTraining:
    """A `Training` of a Keras model on the whole graph at once.

    The loss is the one of all frameworks: torch gives its gradient by the outputs, and TensorFlow goes on from there.
    """

    def __init__(
        self, spec: ModelSpec, network: Network, dataset: Dataset, settings: TrainingSettings, stop: StopToken
    ) -> None:
        """Take a network with fresh weights."""
        self._spec, self._network, self._stop = spec, network, stop
        self._judge = Judge(dataset, settings.loss_fn, settings.class_weights, torch.device("cpu"))
        graph = graph_tensors(spec.type, dataset.inputs)
        self._learning, self._knowing = network.on(graph, training=True), network.on(graph, training=False)
        self._optimiser = _Optimiser(network, settings)
        self.progress = Progress()

    def run_epoch(self) -> EpochRecord | None:
        """One epoch, which is one step; None, without it, when a stop was asked for on the way."""
        epoch = self.progress.epoch + 1
        loss = self._step(epoch)
        if loss is None:
            return None
        require_finite(loss, epoch)
        outputs = self._outputs()
        record = self._judge.record(epoch, loss, outputs)
        self.progress.add(record, outputs, self._network.weights)
        return record

    def state(self) -> TrainingState:
        """A copy of everything that the next epoch depends on; its random numbers follow from SEED and its number."""
        return self.progress.state(self._network.weights(), self._optimiser.state(), None)

    def restore(self, state: TrainingState) -> None:
        """Go back to where a copy was taken; see `Training.restore`."""
        wrong = misfit(state.model, self._network.weights()) or self._optimiser.misfit(state.optimiser)
        if wrong is not None:
            raise ValueError(wrong)
        self._network.load(state.model)
        self._optimiser.load(state.optimiser)
        self.progress.restore(state)

    def result(self, seconds: list[float], stop_reason: str) -> FitResult:
        """What the training leaves behind, with the best epoch's outputs, and its weights as a file of Keras's."""
        best, outputs, weights_file = self.progress.best_model, self.progress.best_outputs, None
        if best is not None:
            self._network.load(best)
            weights_file = self._network.weights_file()
            if outputs is None:  # the best epoch was that of an earlier process
                outputs = self._outputs()
        weights = self._judge.class_weights
        return FitResult(
            spec=self._spec,
            notes=list(self._spec.notes()),
            loss_name=self._judge.loss_name,
            class_weights=None if weights is None else weights.tolist(),
            device="cpu",
            num_parameters=sum(weight.numel() for weight in self._network.weights().values()),
            history=self.progress.history,
            epoch_seconds=seconds,
            stop_reason=stop_reason,
            best_epoch=self.progress.best_epoch,
            state_dict=best,
            outputs=outputs,
            losses={} if outputs is None else self._judge.losses(outputs),
            weights_file=weights_file,
        )

    def _step(self, epoch: int) -> float | None:
        """The loss before the step; None, without one, when a stop is asked for."""
        if self._stop.requested:
            return None
        self._network.dropouts.begin(epoch)
        with tf.GradientTape() as tape:
            outputs = self._learning()
        if self._stop.requested:
            return None
        rows = self._judge.rows["train"]
        ours = copied(outputs).requires_grad_()
        loss = self._judge.loss(ours[rows], self._judge.y[rows])
        loss.backward()  # type: ignore[no-untyped-call]
        assert ours.grad is not None
        gradients = tape.gradient(outputs, self._network.variables, output_gradients=tf.constant(ours.grad.numpy()))
        if self._stop.requested:
            return None
        self._optimiser.step(gradients)
        return float(loss.detach())

    def _outputs(self) -> Tensor:
        return copied(self._knowing())


class _Optimiser:
    """Adam with an L2 penalty, as the other frameworks have it, and its state as plain values."""

    def __init__(self, network: Network, settings: TrainingSettings) -> None:
        self._network, self._decay = network, settings.weight_decay
        self._adam = keras.optimizers.Adam(settings.learning_rate, jit_compile=False)
        self._adam.build(network.variables)

    def step(self, gradients: list[tf.Tensor]) -> None:
        """Change the weights."""
        if self._decay:
            pairs = zip(gradients, self._network.variables, strict=True)
            gradients = [gradient + self._decay * weight for gradient, weight in pairs]
        # Keras adds epsilon to a root that is not corrected for its beginning at zero, torch to one that is.
        steps = int(self._adam.iterations) + 1
        self._adam.epsilon = _EPSILON * math.sqrt(1 - self._adam.beta_2**steps)
        self._adam.apply_gradients(zip(gradients, self._network.variables, strict=True))

    def state(self) -> dict[str, Any]:
        """How many steps were taken, and both moments of each weight."""
        steps, means, squares = self._variables()
        names = self._network.names
        return {"steps": int(steps), "means": tensors(names, means), "squares": tensors(names, squares)}

    def misfit(self, stored: Any) -> str | None:
        """The first difference of a stored state and a fresh one, None when there is none."""
        fresh = self.state()
        if not isinstance(stored, dict) or stored.keys() != fresh.keys():
            return "the optimiser is none"
        if type(stored["steps"]) is not int or not all(isinstance(stored[name], dict) for name in ("means", "squares")):
            return "the optimiser is none"
        return misfit(stored["means"], fresh["means"]) or misfit(stored["squares"], fresh["squares"])

    def load(self, stored: dict[str, Any]) -> None:
        """Go back to a state."""
        steps, means, squares = self._variables()
        steps.assign(stored["steps"])
        assign(means, self._network.names, stored["means"])
        assign(squares, self._network.names, stored["squares"])

    def _variables(self) -> tuple[tf.Variable, list[tf.Variable], list[tf.Variable]]:
        """Keras lists the two moments of each weight in turn."""
        steps, *moments = self._adam.variables
        return steps, moments[::2], moments[1::2]
