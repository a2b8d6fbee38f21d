"""A made-up framework that shares nothing with torch's training loop: a linear model by gradient descent in NumPy."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.inputs import Inputs
from trainer.models.spec import ModelSpec
from trainer.process.stop import StopToken
from trainer.registry.frameworks import FRAMEWORKS, Framework
from trainer.settings.groups.sampling import SamplingSettings
from trainer.settings.groups.training import TrainingSettings
from trainer.training.judge import Judge
from trainer.training.progress import Progress
from trainer.training.result import EpochRecord, FitResult
from trainer.training.state import TrainingState

ROW = Framework(
    backend=f"{__name__}:BACKEND",
    imports=("numpy",),
    packages=("numpy", "orjson"),
    remedy="use the image gnn-trainer:abacus",
    model_types=("GCN", "GraphSAGE", "GAT"),
    weighted_models=("GCN",),
    no_sampling="its beads need the whole graph",
    no_gpu="beads are no GPU",
    one_type="it has one rod",
)


def register() -> None:
    """Make it the only choice of FRAMEWORK beside PyG in this process."""
    for name in FRAMEWORKS.keys() - {"pyg"}:
        del FRAMEWORKS[name]
    FRAMEWORKS["abacus"] = ROW


class AbacusTraining:
    """Logits x @ w of a binary target."""

    def __init__(self, spec: ModelSpec, dataset: Dataset, training: TrainingSettings, stop: StopToken) -> None:
        self._spec, self._rate, self._stop = spec, training.learning_rate, stop
        self._x, self._w = dataset.inputs.x, np.zeros((dataset.inputs.x.shape[1], 1), dtype=np.float32)
        self._judge = Judge(dataset, training.loss_fn, training.class_weights, torch.device("cpu"))
        self.progress = Progress()

    def run_epoch(self) -> EpochRecord | None:
        if self._stop.requested:
            return None
        rows, y = self._judge.rows["train"].numpy(), self._judge.y.numpy()
        loss = self._judge.losses(self._outputs(), ["train"])["train"]
        error = 1 / (1 + np.exp(-self._x[rows] @ self._w)) - y[rows, None]
        self._w = self._w - self._rate * self._x[rows].T @ error / len(rows)
        record = self._judge.record(self.progress.epoch + 1, loss, self._outputs())
        self.progress.add(record, self._outputs(), self._weights)
        return record

    def state(self) -> TrainingState:
        return self.progress.state(self._weights(), {}, None)

    def restore(self, state: TrainingState) -> None:
        self._w = state.model["w"].numpy()
        self.progress.restore(state)

    def result(self, seconds: list[float], stop_reason: str) -> FitResult:
        assert self.progress.best_outputs is not None
        return FitResult(
            spec=self._spec,
            notes=[],
            loss_name=self._judge.loss_name,
            class_weights=None,
            device="beads",
            num_parameters=self._w.size,
            history=self.progress.history,
            epoch_seconds=seconds,
            stop_reason=stop_reason,
            best_epoch=self.progress.best_epoch,
            state_dict=self.progress.best_model,
            outputs=self.progress.best_outputs,
            losses=self._judge.losses(self.progress.best_outputs),
        )

    def _outputs(self) -> Tensor:
        return torch.from_numpy(self._x @ self._w)

    def _weights(self) -> dict[str, Tensor]:
        return {"w": torch.from_numpy(self._w.copy())}


class Abacus:
    """The `Backend`."""

    def set_threads(self, count: int) -> None:
        """One hand does it all."""

    def make_training(
        self, spec: ModelSpec, dataset: Dataset, training: TrainingSettings, sampling: SamplingSettings, stop: StopToken
    ) -> AbacusTraining:
        return AbacusTraining(spec, dataset, training, stop)

    def outputs_of(
        self, spec: ModelSpec, state_dict: dict[str, Tensor], inputs: Inputs, device: str, batch_size: int
    ) -> Tensor:
        return torch.from_numpy(inputs.x) @ state_dict["w"]


BACKEND = Abacus()
