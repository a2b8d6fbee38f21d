"""The order in which artifacts are stored, who may store them, and what is left when the store is away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from trainer.artifacts.lease import Lease, SupersededError
from trainer.artifacts.saving import save_run
from trainer.artifacts.store import Artifact
from trainer.errors import ServiceError
from trainer.process.deadline import OutOfTimeError

CONTENTS: dict[Artifact, bytes] = {"model": b"weights", "report": b"<html>"}
WITH_PREDICTIONS: dict[Artifact, bytes] = {"model": b"weights", "predictions": b"rows"}


@dataclass
class Shelf:
    """A store in memory that remembers what was done to it, and may break or change hands at any put."""

    kept: dict[Artifact, bytes] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    breaks_at: Artifact | None = None
    too_slow_for: Artifact | None = None
    taken_over_after: Artifact | None = None

    def check(self) -> None:
        """See `ArtifactStore.check`."""

    def location(self, artifact: Artifact) -> str:
        """See `ArtifactStore.location`."""
        return f"shelf/{artifact}"

    def get(self, artifact: Artifact) -> bytes | None:
        """See `ArtifactStore.get`."""
        return self.kept.get(artifact)

    def put(self, artifact: Artifact, content: bytes) -> None:
        """See `ArtifactStore.put`."""
        if artifact == self.breaks_at:
            raise ServiceError(f"{artifact} could not be stored.")
        if artifact == self.too_slow_for:
            raise OutOfTimeError(f"Writing {artifact} takes longer than what is left.")
        self.kept[artifact] = content
        self.done.append(f"put {artifact}")
        if artifact == self.taken_over_after:
            Lease(self).take()

    def delete(self, artifact: Artifact) -> None:
        """See `ArtifactStore.delete`."""
        self.kept.pop(artifact, None)
        self.done.append(f"delete {artifact}")


def describe(stored: Mapping[Artifact, bytes]) -> bytes:
    """Metrics that name the artifacts beside them."""
    return " ".join(stored).encode()


def save(store: Shelf, contents: dict[Artifact, bytes] = CONTENTS) -> None:
    """Save a run that holds the lease."""
    lease = Lease(store)
    lease.take()
    store.done.clear()
    save_run(store, lease, "a/queue", contents, describe)


def test_metrics_are_stored_last() -> None:
    """Their presence means that the others are whole; an older run's are gone before anything is written over."""
    store = Shelf({"metrics": b"of an older run", "model": b"of an older run"})
    save(store)
    assert {name: store.kept[name] for name in CONTENTS} == CONTENTS
    assert store.kept["metrics"] == b"model report"
    assert store.done.index("delete metrics") < store.done.index("put model")
    assert store.done[-1] == "put metrics"


def test_after_a_stop_the_report_gives_way_to_the_model(caplog: pytest.LogCaptureFixture) -> None:
    """The metrics name what is there; the log what is not."""
    store = Shelf(too_slow_for="report")
    save(store)
    assert store.kept == {"lease": store.kept["lease"], "model": b"weights", "metrics": b"model"}
    assert "The run ends without its report" in caplog.text


def test_after_a_stop_the_model_does_not_give_way() -> None:
    """Metrics without their model would be a finished run to whoever looks."""
    store = Shelf(too_slow_for="model")
    with pytest.raises(ServiceError, match="takes longer"):
        save(store)
    assert "metrics" not in store.kept


@pytest.mark.parametrize("contents", [CONTENTS, WITH_PREDICTIONS], ids=["without", "with"])
def test_predictions_are_those_of_the_stored_model(contents: dict[Artifact, bytes]) -> None:
    """A run without predictions leaves no older ones beside its model."""
    store = Shelf({"predictions": b"of an older model"})
    save(store, contents)
    assert store.kept.get("predictions") == contents.get("predictions")


def test_a_store_that_breaks_half_way_holds_no_finished_run() -> None:
    """Neither this run's metrics nor an older run's lie beside half of its artifacts."""
    store = Shelf({"metrics": b"of an older run"}, breaks_at="report")
    with pytest.raises(ServiceError):
        save(store)
    assert "metrics" not in store.kept


def test_what_cannot_be_stored_is_kept_locally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says why, and where the copy is; a queue id with a slash makes no folders."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ServiceError) as ended:
        save(Shelf(breaks_at="model"))
    folder = tmp_path / "gnn-trainer" / "a_queue"
    assert str(ended.value) == f"model could not be stored; a copy is in {folder} and goes with the pod."
    left = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert left == {"model.pt": b"weights", "report.html": b"<html>", "metrics.json": b"model report"}


def test_without_room_for_a_copy_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first failure is the one to tell of."""
    (tmp_path / "gnn-trainer").write_text("no folder")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ServiceError, match=r"^model could not be stored; no local copy could be written either\.$"):
        save(Shelf(breaks_at="model"))


def test_a_superseded_run_writes_nothing() -> None:
    """The newer run's artifacts stay as they are, and no copy is kept."""
    store = Shelf({"metrics": b"of the newer run"})
    lease = Lease(store)
    lease.take()
    Lease(store).take()
    store.done.clear()
    with pytest.raises(SupersededError):
        save_run(store, lease, "queue", CONTENTS, describe)
    assert store.done == []
    assert store.kept["metrics"] == b"of the newer run"


def test_a_run_that_is_superseded_while_it_stores_never_looks_finished() -> None:
    """Its metrics would describe a model that the newer run is about to replace."""
    store = Shelf(taken_over_after="report")
    with pytest.raises(SupersededError):
        save(store)
    assert "metrics" not in store.kept


def test_the_lease_is_of_the_run_that_took_it_last() -> None:
    """The run before learns of it at its next look."""
    store = Shelf()
    first, second = Lease(store), Lease(store)
    first.take()
    first.check()
    second.take()
    second.check()
    with pytest.raises(SupersededError):
        first.check()


def test_a_lease_that_was_never_taken_allows_nothing() -> None:
    """Also where nobody has one."""
    with pytest.raises(SupersededError):
        Lease(Shelf()).check()


def test_a_released_lease_is_gone_unless_it_is_anothers() -> None:
    """The run before does not give away what the newer one holds."""
    store = Shelf()
    first, second = Lease(store), Lease(store)
    first.take()
    second.take()
    first.release()
    second.check()
    second.release()
    assert "lease" not in store.kept
