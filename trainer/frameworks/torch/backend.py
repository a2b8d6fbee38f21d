"""The backend of a framework on torch: all but the models is the same for each."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.inputs import Inputs
from trainer.errors import DataError, SettingsError
from trainer.frameworks.torch.batches import WholeGraph, make_sampler
from trainer.frameworks.torch.inference import InOnePass, InPieces
from trainer.frameworks.torch.layers import LayeredModel
from trainer.frameworks.torch.shared.training import BuildModel, share_training
from trainer.frameworks.torch.tensors import graph_tensors
from trainer.frameworks.torch.training import TorchTraining, plan_course
from trainer.models.spec import ModelSpec
from trainer.process.stop import StopToken
from trainer.ranks.ranks import Ranks
from trainer.sampling.batch_plan import plan_batches
from trainer.settings.groups.sampling import SamplingSettings
from trainer.settings.groups.training import TrainingSettings
from trainer.training.state_checks import misfit, too_wide


class TorchBackend:
    """A `Backend` for the models that `build_model` makes."""

    def __init__(self, build_model: BuildModel, *, on_gpu: bool = True) -> None:
        """Take what a framework has of its own; `on_gpu` says whether it can compute there."""
        self._build_model, self._on_gpu = build_model, on_gpu

    def set_threads(self, count: int) -> None:
        """Compute on so many threads from now on."""
        torch.set_num_threads(count)

    def make_training(
        self, spec: ModelSpec, dataset: Dataset, training: TrainingSettings, sampling: SamplingSettings, stop: StopToken
    ) -> TorchTraining:
        """A training of the model with fresh weights out of SEED."""
        device = choose_device(training.device, on_gpu=self._on_gpu)
        torch.manual_seed(training.seed)
        model = self._build_model(spec, dataset.inputs)
        rows = np.flatnonzero(dataset.split.mask("train"))
        plan = plan_batches(sampling, spec.num_layers, training.seed, rows, dataset.inputs.graph_of_row)
        return TorchTraining(spec, plan_course(spec, model, dataset, training, plan, device, stop), device, stop)

    def share_training(
        self,
        prepared: tuple[ModelSpec, Dataset] | None,
        training: TrainingSettings,
        sampling: SamplingSettings,
        stop: StopToken,
        ranks: Ranks,
    ) -> TorchTraining:
        """A training shared by several ranks; see `Backend`."""
        return share_training(self._build_model, prepared, training, sampling, stop, ranks)

    def outputs_of(
        self, spec: ModelSpec, state_dict: dict[str, Tensor], inputs: Inputs, device: str, batch_size: int
    ) -> Tensor:
        """The outputs of a trained model for a graph; see `Backend`."""
        chosen = choose_device(device, on_gpu=self._on_gpu)
        model = self._model_of(spec, state_dict, inputs)
        model.module.to(chosen)
        graph = graph_tensors(spec, model.reach, inputs, chosen)
        if batch_size:
            inference: InOnePass | InPieces = InPieces(model, graph, make_sampler(inputs, model.reach))
        else:
            whole = WholeGraph(model, graph, torch.empty(0, dtype=torch.int64))
            inference = InOnePass(model, inputs.target_type, whole.batch)
        outputs = inference.outputs()
        assert outputs is not None, "nobody stops it"
        return outputs.cpu()

    def _model_of(self, spec: ModelSpec, state_dict: dict[str, Tensor], inputs: Inputs) -> LayeredModel:
        """A model with weights that come from a file, which may hold anything."""
        try:
            wrong = too_wide(spec, state_dict)  # before memory is taken for a model that is not there
            if wrong is None:
                model = self._build_model(spec, inputs)
                wrong = misfit(state_dict, model.module.state_dict())
                if wrong is None:
                    model.module.load_state_dict(state_dict)
                    return model
        except (ArithmeticError, AssertionError, LookupError, RuntimeError, TypeError, ValueError) as error:
            wrong = " ".join(str(error).split())[:200]
        raise DataError(
            f"The model file does not hold the weights of the model that it names ({wrong}); train it again."
        )


def choose_device(name: str, *, on_gpu: bool = True) -> torch.device:
    """The device that DEVICE names; `auto` is a GPU where there is one, for a framework that computes `on_gpu`.

    Raises:
        SettingsError: it is not there, or not for this framework.
    """
    if name == "auto":
        return torch.device("cuda" if on_gpu and torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and not on_gpu:
        raise SettingsError(f"DEVICE={name!r} is not for this model: its framework computes on CPUs; set auto or cpu.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise SettingsError(
            f"DEVICE={name!r} is not there: this machine has {torch.cuda.device_count()} GPUs; set auto or cpu."
        )
    return device
