"""Spektral as a framework: trainings, and outputs of trained models, on the CPU and the whole graph at once."""

from __future__ import annotations

from contextlib import suppress

import torch
from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.inputs import Inputs
from trainer.errors import DataError, SettingsError
from trainer.frameworks.backend import Backend
from trainer.frameworks.spektral.graph import graph_tensors
from trainer.frameworks.spektral.library import tf
from trainer.frameworks.spektral.network import Network, copied
from trainer.frameworks.spektral.training import SpektralTraining
from trainer.models.keras_layers import keras_layers
from trainer.models.spec import HomogeneousSpec, ModelSpec
from trainer.process.stop import StopToken
from trainer.ranks.ranks import Ranks
from trainer.registry.frameworks import FRAMEWORKS, Request, refusals
from trainer.settings.groups.sampling import SamplingSettings
from trainer.settings.groups.training import TrainingSettings
from trainer.training.fit import Training
from trainer.training.state_checks import misfit, too_wide


class SpektralBackend:
    """A `Backend`; what it cannot do, its row refuses."""

    def set_threads(self, count: int) -> None:
        """Compute on so many threads from now on; TensorFlow, once it has computed something, keeps to those that it has."""
        torch.set_num_threads(count)
        with suppress(RuntimeError):
            tf.config.threading.set_intra_op_parallelism_threads(count)
            tf.config.threading.set_inter_op_parallelism_threads(1)

    def make_training(
        self, spec: ModelSpec, dataset: Dataset, training: TrainingSettings, sampling: SamplingSettings, stop: StopToken
    ) -> SpektralTraining:
        """A training of the model with fresh weights out of SEED."""
        return SpektralTraining(spec, _network(spec, training.seed), dataset, training, stop)

    def share_training(
        self,
        prepared: tuple[ModelSpec, Dataset] | None,
        training: TrainingSettings,
        sampling: SamplingSettings,
        stop: StopToken,
        ranks: Ranks,
    ) -> Training:
        """See `Backend`; several ranks are refused by the row."""
        raise AssertionError("its row refuses several ranks")

    def outputs_of(
        self, spec: ModelSpec, state_dict: dict[str, Tensor], inputs: Inputs, device: str, batch_size: int
    ) -> Tensor:
        """The outputs of a trained model for a graph; see `Backend`."""
        _require_able(spec, device, batch_size)
        network = _network_of(spec, state_dict)
        return copied(network.on(graph_tensors(spec.type, inputs), training=False)())


def _require_able(spec: ModelSpec, device: str, batch_size: int) -> None:
    for name, reason in refusals(FRAMEWORKS[spec.framework], Request(spec.type, None, batch_size, device)):
        asked, way_out = (
            (f"BATCH_SIZE={batch_size}", "BATCH_SIZE=0") if name == "batch_size" else (f"DEVICE={device}", "DEVICE=cpu")
        )
        raise SettingsError(f"A model of FRAMEWORK={spec.framework!r} cannot take {asked}: {reason}; set {way_out}.")


def _network(spec: ModelSpec, seed: int) -> Network:
    assert isinstance(spec, HomogeneousSpec), "its row refuses several types"
    return Network(keras_layers(spec), spec.in_channels, seed)


def _network_of(spec: ModelSpec, state_dict: dict[str, Tensor]) -> Network:
    """A model with weights that come from a file, which may hold anything."""
    try:
        wrong = too_wide(spec, state_dict)  # before memory is taken for a model that is not there
        if wrong is None:
            network = _network(spec, seed=0)
            wrong = misfit(state_dict, network.weights())
            if wrong is None:
                network.load(state_dict)
                return network
    except (
        ArithmeticError,
        AssertionError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
        tf.errors.OpError,
    ) as error:
        wrong = " ".join(str(error).split())[:200]
    raise DataError(f"The model file does not hold the weights of the model that it names ({wrong}); train it again.")


BACKEND: Backend = SpektralBackend()
