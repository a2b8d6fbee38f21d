"""How a run ends: finished, interrupted or failed, with which exit code, and what it leaves for the next one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import make_settings
from trainer.errors import ServiceError
from trainer.events import Event, Training
from trainer.job.company import Company
from trainer.job.result import Outcome
from trainer.job.run import run_job
from trainer.process.stop import StopToken
from trainer.ranks.patience import Patience
from trainer.ranks.place import Place


@dataclass
class Job:
    """A run of a small graph in this process, its events, and what a test does when one comes."""

    dump: Path
    folder: Path
    stop: StopToken = field(default_factory=StopToken)
    events: list[Event] = field(default_factory=list)
    on_event: Callable[[Event], object] = lambda event: None

    def publish(self, event: Event) -> None:
        """See `Bus.publish`."""
        self.events.append(event)
        self.on_event(event)

    def close(self) -> None:
        """See `Bus.close`."""

    def run(self, **values: Any) -> Outcome:
        """Run to the end."""
        self.events.clear()
        graph = {"graph_path": str(self.dump), "output_path": str(self.folder / "m.pt"), "queue_id": "own"}
        return run_job(
            make_settings(**graph | {"epochs": 3} | values), self, self.stop, Company(Place(), Patience(60), self.stop)
        )

    def stop_after(self, epoch: int) -> None:
        """Let a stop command come when an epoch is over."""

        def on_event(event: Event) -> None:
            if isinstance(event, Training) and event.epoch == epoch:
                self.stop.request("stop command")

        self.on_event = on_event

    def go_on(self) -> None:
        """As the next pod: nobody has asked it to stop."""
        self.stop, self.on_event = StopToken(), lambda event: None

    @property
    def statuses(self) -> list[str]:
        """The statuses of the events, each once."""
        return list(dict.fromkeys(event.status for event in self.events))

    @property
    def metrics(self) -> dict[str, Any]:
        """The stored metrics.json."""
        content: dict[str, Any] = json.loads((self.folder / "metrics.json").read_text())
        return content

    @property
    def files(self) -> list[str]:
        """All that the run has left."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


@pytest.fixture
def job(small_dump: Path, tmp_path: Path) -> Job:
    """A run that trains for three epochs."""
    return Job(small_dump, tmp_path / "out")


ARTIFACTS = ["m.pt", "metrics.json", "report.html"]
CHECKPOINT = "checkpoints/last.ckpt"


def test_a_stop_leaves_a_checkpoint_and_no_baselines(job: Job) -> None:
    """A pod that is told to go saves what it has, and measures nothing that can be had later."""
    job.stop_after(2)
    assert job.run().exit_code == 0
    assert job.statuses == ["started", "loading", "training", "interrupted"]
    assert job.files == [CHECKPOINT, *ARTIFACTS]
    metrics = job.metrics
    assert (metrics["status"], metrics["epochs_run"], metrics["baselines"]) == ("interrupted", 2, None)


def test_a_run_that_goes_on_and_finishes_leaves_no_checkpoint(job: Job) -> None:
    """Nobody needs it any more."""
    job.stop_after(2)
    job.run()
    job.go_on()
    assert job.run().exit_code == 0
    assert [event.epoch for event in job.events if isinstance(event, Training)] == [3]
    assert (job.metrics["status"], job.metrics["epochs_run"]) == ("finished", 3)
    assert job.files == ARTIFACTS


def test_a_run_that_was_told_to_start_anew_does(job: Job) -> None:
    """RESUME=never leaves the checkpoint of the run before alone."""
    job.stop_after(2)
    job.run()
    job.go_on()
    job.run(resume="never")
    assert [event.epoch for event in job.events if isinstance(event, Training)] == [1, 2, 3]


def test_a_checkpoint_of_the_last_epoch_is_only_stored(job: Job) -> None:
    """A pod that was killed between its last epoch and its artifacts has nothing left to learn."""
    job.stop_after(2)
    job.run()
    job.go_on()
    assert job.run(epochs=2).exit_code == 0
    assert job.statuses == ["started", "loading", "finished"]
    assert (job.metrics["status"], job.metrics["epochs_run"], job.metrics["stop_reason"]) == ("finished", 2, "epochs")


def test_a_stop_after_the_last_epoch_interrupts_nothing(job: Job) -> None:
    """All is learned; the run stores it and is finished, only that it does not wait for baselines, and says so."""
    job.stop_after(3)
    assert job.run().exit_code == 0
    assert job.statuses[-1] == "finished"
    assert (job.metrics["status"], job.metrics["baselines"]) == ("finished", None)
    assert "with no baseline to compare it with" in job.metrics["verdict"]
    assert job.metrics["verdict_notes"][-1] == "A stop came before the baselines were measured."


def test_a_stop_before_the_first_epoch_stores_nothing(job: Job) -> None:
    """There is nothing to store; the event says so, and the exit code is the signal's."""

    def on_event(event: Event) -> None:
        if event.status == "loading":
            job.stop.request("SIGTERM", 143)

    job.on_event = on_event
    assert job.run().exit_code == 143
    assert job.statuses[-1] == "interrupted"
    assert job.events[-1].fields()["model_path"] is None
    assert not job.folder.exists() or job.files == []


class StopAfterTheLease(StopToken):
    """Is requested as soon as somebody looks at it while the run holds the lease."""

    def __init__(self, lease: Path) -> None:
        super().__init__()
        self._lease = lease

    def check(self) -> None:
        """See `StopToken.check`; the request comes right after a look that saw none."""
        super().check()
        if self._lease.exists():
            self.request("SIGTERM", 143)


def test_a_stop_in_the_first_epoch_stores_nothing(job: Job) -> None:
    """And gives the lease back."""
    job.stop = StopAfterTheLease(job.folder / "checkpoints" / "owner.json")
    assert job.run().exit_code == 143
    assert job.statuses == ["started", "loading", "interrupted"]
    assert job.files == []


def test_a_defect_ends_the_run_with_its_name(
    job: Job, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Exit code 1, one sentence to report, and the traceback in the log."""

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr("trainer.artifacts.lease.Lease.take", fail)
    outcome = job.run()
    assert outcome.exit_code == 1
    assert outcome.error is not None
    assert "a defect of the program (RuntimeError: nobody thought of this)" in outcome.error
    assert job.statuses[-1] == "error"
    assert job.events[-1].fields()["error_code"] == 1
    assert "Traceback" in caplog.text


def test_a_run_that_was_taken_over_emits_no_terminal_event(job: Job) -> None:
    """Exit code 4, and the artifacts are left to the newer run."""

    def on_event(event: Event) -> None:
        if isinstance(event, Training) and event.epoch == 3:
            (job.folder / "checkpoints" / "owner.json").write_text('{"run": "newer"}')

    job.on_event = on_event
    outcome = job.run()
    assert outcome.exit_code == 4
    assert outcome.error is not None
    assert "has taken over" in outcome.error
    assert job.statuses == ["started", "loading", "training"]
    assert job.files == ["checkpoints/owner.json"]


def test_a_run_of_an_older_start_leaves_the_queue_to_the_newer(job: Job) -> None:
    """A new pod of the old Job trains nothing, although it begins last, and changes nothing."""
    claim = job.folder / "checkpoints" / "owner.json"
    claim.parent.mkdir(parents=True)
    claim.write_text('{"run": "newer", "model": "m.pt", "ordered_at": 2000000000.0}')
    outcome = job.run(job_timestamp=1900000000.0)
    assert outcome.exit_code == 4
    assert outcome.error is not None
    assert "has taken over" in outcome.error
    assert job.statuses == ["started"]
    assert job.files == ["checkpoints/owner.json"]


def test_a_graph_metadata_document_that_cannot_be_written_is_a_warning(
    job: Job, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The run is finished: all that counts is stored."""

    def fail(*_: object) -> None:
        raise ServiceError("ArangoDB is away.")

    monkeypatch.setattr("trainer.graph.arango.metadata.write_graph_metadata", fail)
    outcome = job.run(write_graph_metadata=True, arango_url="http://localhost:8529")
    assert (outcome.exit_code, job.statuses[-1]) == (0, "finished")
    assert "The document in graph_metadata could not be written: ArangoDB is away." in caplog.text


@pytest.mark.parametrize(("values", "exit_code"), [({}, 4), ({"target": "nope"}, 3)], ids=["finished", "failed"])
def test_a_terminal_event_that_cannot_be_delivered_fails_the_run(
    job: Job, values: dict[str, Any], exit_code: int
) -> None:
    """Nobody would know how it ended, so Kubernetes is to start it once more; what failed before stays the reason."""

    def on_event(event: Event) -> None:
        if event.finished:
            raise ServiceError("Kafka is away.")

    job.on_event = on_event
    outcome = job.run(**values)
    assert outcome.exit_code == exit_code
    assert outcome.error is not None
    assert ("Kafka is away" in outcome.error) == (not values)
    assert sum(event.finished for event in job.events) == 1


@pytest.mark.parametrize(
    ("ratios", "part"), [((0.2, 0.2), "test"), ((0.2, 0.0), "val"), ((0.0, 0.0), "train")], ids=lambda value: str(value)
)
def test_finished_has_the_measures_of_the_part_that_judges(job: Job, ratios: tuple[float, float], part: str) -> None:
    """The test part, where there is none validation, where there is neither training."""
    job.run(val_ratio=ratios[0], test_ratio=ratios[1], epochs=2)
    measures = job.metrics["metrics"][part]
    event = job.events[-1].fields()
    assert (event["loss"], event["accuracy"]) == (measures["loss"], measures["accuracy"])
    losses = [part_measures["loss"] for part_measures in job.metrics["metrics"].values() if part_measures]
    assert len(set(losses)) == len(losses), "the parts cannot be told apart"
