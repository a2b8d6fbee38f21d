"""Where the seconds of a run went."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from trainer.process import stopwatch
from trainer.process.stopwatch import Stopwatch


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock of a stopwatch, which the test sets."""
    clock = SimpleNamespace(now=50.0)
    monkeypatch.setattr(stopwatch, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    return clock


def test_phases_add_up_beside_the_total(clock: SimpleNamespace) -> None:
    """A phase that comes twice counts both times; the total also has what lies between phases; milliseconds."""
    watch = Stopwatch()
    for phase, seconds in (("load", 1.0), ("import", 2.0004), ("load", 4.0)):
        with watch.phase(phase):
            clock.now += seconds
        clock.now += 0.5
    assert watch.seconds() == {"load": 5.0, "import": 2.0, "total": 8.5}


def test_a_phase_that_fails_counts_too(clock: SimpleNamespace) -> None:
    """The seconds were spent."""
    watch = Stopwatch()

    def fail() -> None:
        with watch.phase("load"):
            clock.now += 3
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        fail()
    assert watch.seconds() == {"load": 3.0, "total": 3.0}
