"""A training that goes on draws what the uninterrupted one would have drawn, on the device that it was on."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests.composed import fit
from tests.conftest import make_settings
from tests.training.conftest import fitting, flat, small_dataset
from trainer.training.checkpoint import Checkpointer
from trainer.training.result import FitResult
from trainer.training.state import TrainingState, read_state

DEVICES = (
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU")),
)


def trained(device: str, resume: TrainingState | None = None) -> tuple[FitResult, list[TrainingState]]:
    """A fit with dropout, and its states after each epoch."""
    settings = make_settings(**fitting("binary", dropout=0.5, device=device))
    states: list[TrainingState] = []

    def put(content: bytes) -> None:
        state = read_state(content, "this run")
        assert state is not None
        states.append(state)

    checkpoints = Checkpointer(put, 1e-9, "this run")
    return fit(small_dataset(), settings, checkpoints=checkpoints, resume=resume), states


@pytest.mark.parametrize("device", DEVICES)
def test_dropout_goes_on_where_it_was(device: str) -> None:
    """The losses after a restored epoch are those of the run that went through."""
    whole, states = trained(device)
    resumed, _ = trained(device, states[0])
    assert flat(resumed.history) == flat(whole.history)


def test_a_state_of_another_device_is_said_and_does_not_end_the_run(caplog: pytest.LogCaptureFixture) -> None:
    """DEVICE=auto may find a GPU in one pod and none in the next."""
    _, states = trained("cpu")
    elsewhere = replace(states[0], random_state=torch.zeros(16, dtype=torch.uint8))  # as long as a GPU's
    resumed, _ = trained("cpu", elsewhere)
    assert len(resumed.history) == 6
    assert "was not made on cpu" in caplog.text
