"""A training with no job around it."""

from __future__ import annotations

from collections.abc import Callable

from trainer.dataset.dataset import Dataset
from trainer.frameworks.open import open_backend
from trainer.models.describe import describe_model
from trainer.process.stop import StopToken
from trainer.settings import Settings
from trainer.training.checkpoint import Checkpointer
from trainer.training.fit import fit
from trainer.training.result import EpochRecord, FitResult
from trainer.training.state import TrainingState


def fit_dataset(
    dataset: Dataset,
    settings: Settings,
    stop: StopToken | None = None,
    on_epoch: Callable[[EpochRecord, float], None] = lambda record, eta_s: None,
    checkpoints: Checkpointer | None = None,
    resume: TrainingState | None = None,
) -> FitResult:
    """Train the model of the settings, from the beginning or from a state."""
    token = stop or StopToken()
    spec = describe_model(settings, dataset.inputs, dataset.target.num_outputs)
    training = open_backend(settings.framework).make_training(spec, dataset, settings, settings, token)
    if resume is not None:
        training.restore(resume)
    return fit(training, settings.epochs, settings.patience, token, on_epoch, checkpoints)
