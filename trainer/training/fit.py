"""The epochs of a run: one after the other until there are enough, none gets better, or a stop is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from trainer.dataset.dataset import Dataset
from trainer.process.stop import StopToken
from trainer.settings.groups.model import ModelSettings
from trainer.settings.groups.sampling import SamplingSettings
from trainer.settings.groups.training import TrainingSettings
from trainer.training.checkpoint import Checkpointer, TrainingState
from trainer.training.epochs import Training
from trainer.training.result import EpochRecord, FitResult


def fit(
    dataset: Dataset,
    model: ModelSettings,
    training: TrainingSettings,
    sampling: SamplingSettings,
    stop: StopToken,
    on_epoch: Callable[[EpochRecord, float], None],
    checkpoints: Checkpointer | None = None,
    resume: TrainingState | None = None,
) -> FitResult:
    """Train a model, on the whole graph at once or in batches as BATCH_SIZE says.

    Args:
        dataset: what to learn from.
        model: the model.
        training: loss, optimiser, epochs, device.
        sampling: the batches.
        stop: looked at around forward and backward of every batch, and between the pieces of an evaluation; the
            epochs before are kept.
        on_epoch: called after each epoch with its record and the estimated seconds to the end.
        checkpoints: offered the state after each epoch, and given it when the training is stopped.
        resume: the state to go on from.

    Raises:
        DataError: the loss is not finite any more.
        SettingsError: DEVICE is not there.
    """
    run = Training(dataset, model, training, sampling, stop)
    if resume is not None:
        run.restore(resume)
    seconds: list[float] = []
    stop_reason = "epochs"
    while run.epoch < training.epochs:
        if training.patience and run.epoch - run.best_epoch >= training.patience:
            stop_reason = "patience"
            break
        started = time.perf_counter()
        record = run.run_epoch()
        if record is None:
            stop_reason = str(stop.reason)
            break
        seconds.append(time.perf_counter() - started)
        on_epoch(record, median(seconds) * (training.epochs - record.epoch))
        if checkpoints is not None:
            checkpoints.offer(run.state)
    if checkpoints is not None:
        checkpoints.wait()
        if stop_reason == stop.reason and run.epoch:
            checkpoints.put_now(run.state())
    return run.result(seconds, stop_reason)
