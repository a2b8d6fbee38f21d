"""Small graphs learned by several ranks, and what it means that they learn what one does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from tests.standins.rank_threads import RankThread, Sent, run_ranks
from trainer.dataset.dataset import Dataset
from trainer.frameworks.open import open_backend
from trainer.models.describe import describe_model
from trainer.process.stop import StopToken
from trainer.ranks.ranks import Ranks
from trainer.settings.definition import Settings
from trainer.training.fit import Training, fit
from trainer.training.result import EpochRecord, FitResult
from trainer.training.state import TrainingState


def in_float64(dataset: Dataset) -> Dataset:
    """The same numbers with room below the rounding of float32."""
    inputs = dataset.inputs
    vertices = {name: replace(each, x=each.x.astype(np.float64)) for name, each in inputs.vertices.items()}
    edges = {
        kind: each if each.weight is None else replace(each, weight=each.weight.astype(np.float64))
        for kind, each in inputs.edges.items()
    }
    y = dataset.y.astype(np.float64) if dataset.y.dtype == np.float32 else dataset.y
    return replace(dataset, inputs=replace(inputs, vertices=vertices, edges=edges), y=y)


@dataclass
class Shared:
    """What a fit of several ranks leaves on each."""

    results: list[FitResult]
    sent: list[list[Sent]]
    states: list[TrainingState | None]

    @property
    def of_rank_0(self) -> FitResult:
        """What is published."""
        return self.results[0]


def share_fit(
    dataset: Dataset,
    settings: Settings,
    size: int,
    *,
    resume: TrainingState | None = None,
    stops: Mapping[int, StopToken] | None = None,
    on_epoch: Callable[[int, EpochRecord], None] = lambda rank, record: None,
) -> Shared:
    """Fit on so many ranks, each a thread."""

    def work(ranks: RankThread) -> tuple[FitResult, list[Sent], TrainingState | None]:
        stop = (stops or {}).get(ranks.rank, StopToken())
        training = training_of(dataset, settings, ranks, stop)
        if resume is not None:
            training.restore(deepcopy(resume))  # which every rank is sent one of its own
        ends = settings.training.epochs, settings.training.patience
        result = fit(training, *ends, stop, lambda record, _: on_epoch(ranks.rank, record))
        return result, ranks.sent, training.state() if training.progress.epoch else None

    return Shared(*map(list, zip(*run_ranks(size, work), strict=True)))


def training_of(dataset: Dataset, settings: Settings, ranks: Ranks, stop: StopToken) -> Training:
    """A fresh training; only rank 0 is given the dataset."""
    prepared = None
    if ranks.rank == 0:
        own = replace(dataset, inputs=replace(dataset.inputs, edges=dict(dataset.inputs.edges)))  # which is let go of
        prepared = describe_model(settings.model, dataset.inputs, dataset.target.num_outputs), own
    backend = open_backend(settings.model.framework)
    return backend.share_training(prepared, settings.training, settings.sampling, stop, ranks)


def assert_same_training(shared: FitResult, alone: FitResult, tolerance: float = 1e-12) -> None:
    """Weights, outputs and history differ by rounding only."""
    assert shared.state_dict is not None
    assert alone.state_dict is not None
    assert shared.outputs is not None
    assert alone.outputs is not None
    for name, weights in alone.state_dict.items():
        torch.testing.assert_close({name: shared.state_dict[name]}, {name: weights}, rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(shared.outputs, alone.outputs, rtol=tolerance, atol=10 * tolerance)
    assert shared.best_epoch == alone.best_epoch
    assert shared.stop_reason == alone.stop_reason
    for record, expected in zip(shared.history, alone.history, strict=True):
        assert record.flat() == pytest.approx(expected.flat(), rel=10 * tolerance, abs=10 * tolerance)
    assert shared.losses == pytest.approx(alone.losses, rel=10 * tolerance)
