"""What the program asks of a framework."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.inputs import Inputs
from trainer.models.spec import ModelSpec
from trainer.process.stop import StopToken
from trainer.settings.groups.sampling import SamplingSettings
from trainer.settings.groups.training import TrainingSettings
from trainer.training.fit import Training


class Backend(Protocol):
    """A framework: it builds models, trains them, and computes their outputs."""

    def set_threads(self, count: int) -> None:
        """Compute on so many threads from now on."""

    def make_training(
        self, spec: ModelSpec, dataset: Dataset, training: TrainingSettings, sampling: SamplingSettings, stop: StopToken
    ) -> Training:
        """A training of the model with fresh weights.

        Raises:
            SettingsError: DEVICE is not there.
        """

    def outputs_of(
        self, spec: ModelSpec, state_dict: dict[str, Tensor], inputs: Inputs, device: str, batch_size: int
    ) -> Tensor:
        """The outputs of a trained model for a graph, exact, on the CPU: float32 [vertices of the target type, outputs].

        `batch_size` above 0 goes through the graph in pieces.

        Raises:
            DataError: the weights are not those of the model.
            SettingsError: DEVICE is not there.
        """
