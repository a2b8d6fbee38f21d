"""Progress comes at a bearable pace, and nothing that matters is lost."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.composed import telemetry
from tests.conftest import make_settings
from trainer.events import Event, Loading, Training
from trainer.messaging.telemetry import Telemetry
from trainer.messaging.throttle import ThrottledBus

EPOCHS = 50


class Recorder:
    """A bus that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.closed = 0

    def publish(self, event: Event) -> None:
        self.events.append(event)

    def close(self) -> None:
        self.closed += 1

    @property
    def epochs(self) -> list[int]:
        """The epochs that were published, in order."""
        return [event.epoch for event in self.events if isinstance(event, Training)]


class ThrottledRun:
    """A run whose events pass a throttle, with a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.published = Recorder()
        self.bus = ThrottledBus(self.published, clock=lambda: self.now)
        self.telemetry = telemetry(make_settings(epochs=EPOCHS), self.bus)

    def epoch(self, epoch: int, after: float = 0.0) -> None:
        """Emit an epoch, so many seconds after the previous event."""
        self.now += after
        self.telemetry.training(epoch, EPOCHS, 0.5, 0.5, 1.0, {"accuracy": 0.5})


END: dict[str, Callable[[Telemetry], None]] = {
    "finished": lambda telemetry: telemetry.finished("m.pt", "metrics.json", 3, {"loss": 0.1, "accuracy": 0.9}),
    "interrupted": lambda telemetry: telemetry.interrupted("SIGTERM", "m.pt", 3),
    "error": lambda telemetry: telemetry.error(3, "No."),
}


def test_first_epoch_passes_at_once() -> None:
    """The first epoch is not held back, however recent the last loading event is."""
    run = ThrottledRun()
    run.telemetry.loading(1, 1)
    run.epoch(1)
    assert run.published.epochs == [1]


def test_last_epoch_passes_at_once() -> None:
    """The last epoch comes without waiting for the event after it."""
    run = ThrottledRun()
    for epoch in (1, 2, 3, EPOCHS):
        run.epoch(epoch, after=0.001)
    assert run.published.epochs == [1, EPOCHS]


def test_epochs_between_pass_once_a_second() -> None:
    """A second after the one before, not earlier."""
    run = ThrottledRun()
    for epoch, after in ((1, 0.0), (2, 0.5), (3, 0.49), (4, 0.02), (5, 0.99), (6, 1.0)):
        run.epoch(epoch, after)
    assert run.published.epochs == [1, 4, 6]


def test_slow_epochs_all_pass() -> None:
    """Nothing is held back that comes slowly."""
    run = ThrottledRun()
    for epoch in range(1, 8):
        run.epoch(epoch, after=1.0)
    assert run.published.epochs == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("end", END)
def test_epoch_that_was_held_back_is_said_before_the_end(end: str) -> None:
    """A run that ends early has its last epoch published, then the terminal event, and nothing after it."""
    run = ThrottledRun()
    for epoch in (1, 2, 3):
        run.epoch(epoch, after=0.01)
    END[end](run.telemetry)
    assert run.published.epochs == [1, 3]
    assert [event.status for event in run.published.events] == ["training", "training", end]


@pytest.mark.parametrize("end", END)
def test_epoch_that_was_said_is_not_said_again(end: str) -> None:
    """An epoch is published once."""
    run = ThrottledRun()
    for epoch, after in ((1, 0.0), (2, 0.1), (3, 1.0)):
        run.epoch(epoch, after)
    END[end](run.telemetry)
    assert run.published.epochs == [1, 3]


def test_first_epoch_of_a_run_that_goes_on_passes_at_once() -> None:
    """It follows the loading of the graph within the second, and is not its first epoch of all."""
    run = ThrottledRun()
    run.telemetry.loading(10, 10)
    run.epoch(7)
    assert run.published.epochs == [7]


def test_loading_passes_once_a_second() -> None:
    """Thousands of batches make a few events."""
    run = ThrottledRun()
    for count in range(5001):
        run.now = 1000 + count / 1000
        run.telemetry.loading(count, 0)
    assert [event.vertices_loaded for event in run.published.events if isinstance(event, Loading)] == [
        0,
        1000,
        2000,
        3000,
        4000,
        5000,
    ]


def test_started_and_ends_are_never_held_back() -> None:
    """Only progress waits."""
    run = ThrottledRun()
    run.telemetry.started()
    run.telemetry.started()
    END["error"](run.telemetry)
    assert [event.status for event in run.published.events] == ["started", "started", "error"]


@given(st.lists(st.floats(0, 3), min_size=EPOCHS, max_size=EPOCHS), st.integers(1, EPOCHS))
def test_any_pace_keeps_first_last_order_and_rate(gaps: list[float], ends_after: int) -> None:
    """First and last epoch are published, each once and in order; those between are a second apart."""
    run = ThrottledRun()
    times = {}
    for epoch in range(1, ends_after + 1):
        run.epoch(epoch, after=gaps[epoch - 1])
        times[epoch] = run.now
    END["finished"](run.telemetry)
    epochs = run.published.epochs
    assert epochs == sorted(set(epochs))
    assert (epochs[0], epochs[-1]) == (1, ends_after)
    between = [epoch for epoch in epochs if epoch != ends_after]
    assert all(times[after] - times[before] >= 1 for before, after in pairwise(between))


def test_closing_closes_the_bus_behind() -> None:
    """The throttle owns nothing."""
    run = ThrottledRun()
    run.bus.close()
    assert run.published.closed == 1
