"""Baselines take a tenth of the training's time, and ten seconds in any case."""

from __future__ import annotations

import time

import pytest

from trainer.process.stop import StopRequested, StopToken
from trainer.training.baselines.budget import Budget


@pytest.mark.parametrize(
    ("training_s", "allowed_s", "planned_s"),
    [(0, 10, 10), (99, 10, 10), (150, 15, 10), (200, 20, 20), (799, 79.9, 40), (36_000, 3600, 2560)],
)
def test_time_that_is_allowed(training_s: float, allowed_s: float, planned_s: float) -> None:
    """What is planned with is less, and only doubles, so that speed changes little; the clock ends the rest."""
    before = time.perf_counter()
    budget = Budget.after(training_s, StopToken())
    after = time.perf_counter()
    assert budget.planned_s == planned_s
    assert before + allowed_s <= budget.deadline <= after + allowed_s


def test_no_time_for_more_than_is_left() -> None:
    """Only so much as the clock allows."""
    budget = Budget(10.0, time.perf_counter() + 1000, StopToken())
    assert budget.has_time_for(100)
    assert not budget.has_time_for(2000)


def test_a_stop_is_heard() -> None:
    """Whoever asks for time hears that the run should end."""
    stop = StopToken()
    budget = Budget.after(0, stop)
    stop.request("SIGTERM", 143)
    with pytest.raises(StopRequested):
        budget.has_time_for(0)
