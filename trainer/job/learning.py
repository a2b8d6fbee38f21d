"""The training of a run: how it goes on from a checkpoint, and how several ranks share it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import trainer
from trainer.errors import SettingsError
from trainer.job.company import Company
from trainer.process.memory import give_back_freed
from trainer.process.stop import StopToken
from trainer.settings.definition import Settings
from trainer.settings.differences import unequal

if TYPE_CHECKING:
    from trainer.dataset.dataset import Dataset
    from trainer.frameworks.backend import Backend
    from trainer.models.spec import ModelSpec
    from trainer.training.checkpoint import Checkpointer
    from trainer.training.fit import Training
    from trainer.training.result import EpochRecord, FitResult
    from trainer.training.state import TrainingState

_log = logging.getLogger("gnn_trainer")
_OF_RANK_0 = frozenset({"graph_path"})
"""What only rank 0 has a use for: it reads the graph for all."""


def go_on_from(training: Training, state: TrainingState) -> None:
    """Take up a training where an earlier run has left it; begin anew, with a warning, where it does not fit."""
    try:
        training.restore(state)
    except ValueError as error:
        _log.warning(f"The checkpoint cannot be used ({error}); training starts anew.")
    else:
        _log.info(f"Training goes on after epoch {state.epoch} of an earlier run.")


def agree(company: Company, settings: Settings) -> None:
    """See to it that all ranks learn the same: program and settings are those of rank 0.

    Raises:
        SettingsError: this rank has others.
    """
    own = {name: value for name, value in settings.learning().items() if name not in _OF_RANK_0}
    version, first = company.ranks.all_of((trainer.__version__, own))[0]
    if version != trainer.__version__:
        raise SettingsError(
            f"Rank 0 runs gnn-trainer {version}, this one {trainer.__version__}; use one image for all."
        )
    if others := unequal(first, own, ("on rank 0 is", "here")):
        raise SettingsError(f"All ranks need the same settings, but {'; '.join(others)}.")


def learn_together(
    backend: Backend,
    settings: Settings,
    stop: StopToken,
    company: Company,
    prepared: tuple[ModelSpec, Dataset] | None = None,
    state: TrainingState | None = None,
    on_epoch: Callable[[EpochRecord, float], None] = lambda record, eta_s: None,
    checkpoints: Checkpointer | None = None,
) -> FitResult:
    """Train one model with the other ranks, all of which call this.

    Args:
        backend: of a framework that several ranks can train with.
        settings: the same on all ranks.
        stop: of this rank.
        company: the others, after they have set out.
        prepared: on rank 0, as the rest: the model and what it learns from.
        state: of an earlier run, to go on from.
        on_epoch: see `fit`.
        checkpoints: see `fit`.

    Raises:
        RankError: another rank has ended.
        DataError: the loss is not finite any more.
    """
    from trainer.training.fit import fit

    ranks, ends = company.ranks, (settings.training.epochs, settings.training.patience)

    def work() -> FitResult:
        training = backend.share_training(prepared, settings.training, settings.sampling, stop, ranks)
        give_back_freed()  # the parts of all went through rank 0
        given = ranks.same(state)
        if given is not None:
            go_on_from(training, given)
        return fit(training, *ends, stop, on_epoch, checkpoints)

    return company.watched(work)  # a signal is heard, and a rank that is gone seen, while others are waited for
