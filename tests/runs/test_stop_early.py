"""A stop does not wait for a phase that takes its time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.conftest import make_settings
from trainer.dataset import dataset as dataset_module
from trainer.events import Event
from trainer.job.company import Company
from trainer.job.run import run_job
from trainer.process.stop import STOP_COMMAND, StopToken
from trainer.ranks.patience import Patience
from trainer.ranks.place import Place
from trainer.record import RunRecord
from trainer.training.baselines import measuring


class Heard:
    """A bus that remembers."""

    def __init__(self) -> None:
        self.statuses: list[str] = []

    def publish(self, event: Event) -> None:
        self.statuses.append(event.status)

    def close(self) -> None:
        pass


def test_stop_while_the_graph_is_prepared(small_dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM during a preparation that never ends: interrupted, 143, nothing stored, nobody waits."""
    stop, bus, released = StopToken(), Heard(), threading.Event()

    def never_ready(*_given: object) -> None:
        stop.request("SIGTERM", 143)
        released.wait()

    monkeypatch.setattr(dataset_module, "build_dataset", never_ready)
    settings = make_settings(graph_path=str(small_dump), output_path=str(tmp_path / "m.pt"))
    try:
        outcome = run_job(settings, bus, stop, Company(Place(), Patience(60), stop))
    finally:
        released.set()
    assert outcome.exit_code == 143
    assert bus.statuses[0] == "started"
    assert bus.statuses[-1] == "interrupted"
    assert not (tmp_path / "m.pt").exists()


@pytest.mark.parametrize(("reason", "exit_code"), [(STOP_COMMAND, 0), ("SIGTERM", 143)])
def test_stop_while_baselines_are_measured(
    small_dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str, exit_code: int
) -> None:
    """The training is over, so the run is finished and stores all of it; nobody waits for a baseline that never ends."""
    stop, bus, released = StopToken(), Heard(), threading.Event()

    def never_fitted(*_given: object) -> None:
        stop.request(reason, exit_code)
        released.wait()

    never = measuring.Baseline("gradient_boosting", "Gradient boosting", "gradient boosting", never_fitted)
    monkeypatch.setattr(measuring, "BASELINES", (*measuring.BASELINES[:-1], never))
    settings = make_settings(graph_path=str(small_dump), output_path=str(tmp_path / "m.pt"), epochs=2)
    try:
        outcome = run_job(settings, bus, stop, Company(Place(), Patience(60), stop))
    finally:
        released.set()
    assert (outcome.exit_code, bus.statuses[-1]) == (0, "finished")
    assert (tmp_path / "m.pt").exists()
    record = RunRecord.from_json((tmp_path / "metrics.json").read_bytes())
    assert (record.epochs_run, record.baselines, record.beats_baseline) == (2, None, None)
    assert record.metrics.test is not None
