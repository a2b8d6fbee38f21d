"""What the program asks of a framework."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.inputs import Inputs
from trainer.models.spec import ModelSpec
from trainer.process.stop import StopToken
from trainer.ranks.ranks import Ranks
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

    def share_training(
        self,
        prepared: tuple[ModelSpec, Dataset] | None,
        training: TrainingSettings,
        sampling: SamplingSettings,
        stop: StopToken,
        ranks: Ranks,
    ) -> Training:
        """A training shared by several ranks, for a framework whose row has no `no_ranks`; all of them call it together.

        Args:
            prepared: the model and what it learns from, on rank 0; None on the others, which are given their parts.
            training: the same on all ranks, as the next.
            sampling: with batches every rank is given all vertices and edges; without, those of its own range, and the
                dataset of rank 0 has no edges any more.
            stop: this rank's; a request to one of them ends the epoch of all.
            ranks: this one's way to the others.

        Returns:
            A training whose calls, but for `state`, all ranks make together. Outputs and losses are in rank 0's result.
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
