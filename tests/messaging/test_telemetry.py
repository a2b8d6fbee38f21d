"""Which events a run emits: exactly one terminal event, and nothing after it, from whatever thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.composed import telemetry
from tests.conftest import make_settings
from tests.waits import LONG_S
from trainer.errors import ServiceError
from trainer.events import Event
from trainer.messaging.telemetry import Telemetry


class Recorder:
    """A bus that keeps the statuses of events, and may refuse them."""

    def __init__(self) -> None:
        self.statuses: list[str] = []
        self.is_away = False
        self.before_keeping: Callable[[], None] = lambda: None

    def publish(self, event: Event) -> None:
        self.before_keeping()
        self.statuses.append(event.status)
        if self.is_away:
            raise ServiceError("Kafka is away.")

    def close(self) -> None:
        pass


PROGRESS: dict[str, Callable[[Telemetry], None]] = {
    "started": lambda run: run.started(),
    "loading": lambda run: run.loading(3, 4),
    "training": lambda run: run.training(1, 2, 0.5, None, 1.0, {"accuracy": None}),
}
TERMINAL: dict[str, Callable[[Telemetry], None]] = {
    "finished": lambda run: run.finished("m.pt", "metrics.json", 3, {"loss": 0.1, "accuracy": 0.9}),
    "interrupted": lambda run: run.interrupted("SIGTERM", None, 0),
    "error": lambda run: run.error(3, "No."),
}


@pytest.fixture
def bus() -> Recorder:
    """A bus that keeps what it is given."""
    return Recorder()


@pytest.fixture
def run(bus: Recorder) -> Telemetry:
    """The events of a run, emitted to `bus`."""
    return telemetry(make_settings(), bus)


def emit_everything(run: Telemetry) -> None:
    """Every event there is, terminal ones last."""
    for emit in (*PROGRESS.values(), *TERMINAL.values()):
        emit(run)
    run.pong(None)


@pytest.mark.parametrize("end", TERMINAL)
def test_nothing_follows_the_terminal_event(run: Telemetry, bus: Recorder, end: str) -> None:
    """Neither progress, nor a pong, nor another end."""
    run.started()
    TERMINAL[end](run)
    emit_everything(run)
    assert bus.statuses == ["started", end]


@pytest.mark.parametrize("last", PROGRESS)
def test_progress_ends_nothing(run: Telemetry, bus: Recorder, last: str) -> None:
    """Nor does a pong."""
    PROGRESS[last](run)
    run.pong(None)
    run.loading(1, 1)
    assert bus.statuses == [last, last, "loading"]


@pytest.mark.parametrize("last", PROGRESS)
def test_a_pong_has_the_status_of_the_event_before(run: Telemetry, bus: Recorder, last: str) -> None:
    """Whoever asks learns what the run is at."""
    for emit in (PROGRESS["started"], PROGRESS[last]):
        emit(run)
    run.pong(12.5)
    assert bus.statuses[-1] == last


def test_a_run_that_was_taken_over_emits_nothing_more(run: Telemetry, bus: Recorder) -> None:
    """The newer run of the queue speaks."""
    run.started()
    run.silence()
    emit_everything(run)
    assert bus.statuses == ["started"]


def test_an_end_that_could_not_be_delivered_is_not_followed_by_another(run: Telemetry, bus: Recorder) -> None:
    """It may have arrived all the same."""
    bus.is_away = True
    with pytest.raises(ServiceError):
        TERMINAL["finished"](run)
    TERMINAL["error"](run)
    assert bus.statuses == ["finished"]


def test_the_terminal_event_waits_for_one_that_is_being_sent(run: Telemetry, bus: Recorder) -> None:
    """A pong of the thread that answers pings never comes after the end, however long it takes to send."""
    sending, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        sending.set()
        assert go_on.wait(LONG_S)

    bus.before_keeping = hold
    ponging = threading.Thread(target=run.pong, args=(1.0,))
    ponging.start()
    assert sending.wait(LONG_S)
    bus.before_keeping = lambda: None
    ending = threading.Thread(target=TERMINAL["finished"], args=(run,))
    ending.start()
    ending.join(0.05)  # long enough to overtake the pong, if nothing held it
    go_on.set()
    for thread in (ponging, ending):
        thread.join(LONG_S)
    assert bus.statuses == ["started", "finished"]  # a pong has the status that the run had
