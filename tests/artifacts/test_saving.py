"""The order in which artifacts are stored, who may store them, and what is left when the store is away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.artifacts.shelf import Shelf, breaks
from trainer.artifacts.lease import Lease, SupersededError
from trainer.artifacts.saving import save_run
from trainer.artifacts.store import Artifact
from trainer.errors import ServiceError

CONTENTS: dict[Artifact, bytes] = {"model": b"weights", "report": b"<html>"}
WITH_PREDICTIONS: dict[Artifact, bytes] = {"model": b"weights", "predictions": b"rows"}
OLDER: dict[Artifact, bytes] = {"model": b"older", "report": b"older", "metrics": b"of older", "predictions": b"older"}


def describe(stored: Mapping[Artifact, bytes]) -> bytes:
    """Metrics that name the artifacts beside them."""
    return " ".join(stored).encode()


def save(store: Shelf, contents: dict[Artifact, bytes] = CONTENTS) -> None:
    """Save a run that holds the lease."""
    lease = Lease(store)
    lease.take()
    store.done.clear()
    save_run(store, lease, "a/queue", contents, describe)


def result(store: Shelf) -> dict[Artifact, bytes]:
    """What is stored, without the claim."""
    return {name: content for name, content in store.kept.items() if name != "lease"}


def test_metrics_are_named_last_and_nothing_before_all_is_there() -> None:
    """Their presence means that the others are whole."""
    store = Shelf(dict(OLDER))
    save(store)
    assert result(store) == {**CONTENTS, "metrics": b"model report"}
    writes = [step for step in store.done if step.split()[0] in ("stage", "name")]
    assert writes == ["stage model", "stage report", "stage metrics", "name model", "name report", "name metrics"]


def test_after_a_stop_the_report_gives_way_to_the_model(caplog: pytest.LogCaptureFixture) -> None:
    """The metrics name what is there; the log what is not; an older model's report does not stay beside the new one."""
    store = Shelf({"report": b"of an older model"}, too_slow_for="report")
    save(store)
    assert result(store) == {"model": b"weights", "metrics": b"model"}
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


WITH_WEIGHTS: dict[Artifact, bytes] = {"model": b"tensors", "weights": b"for keras", "report": b"<html>"}
NAMED = b'{"artifacts": {"model": "1", "weights": "2"}}'


def test_weights_in_a_format_of_their_own_are_stored_as_the_model_is() -> None:
    """Staged with it, named right after it, and in the metrics."""
    store = Shelf(dict(OLDER))
    save(store, WITH_WEIGHTS)
    assert result(store) == {**WITH_WEIGHTS, "metrics": b"model weights report"}
    assert [step for step in store.done if step.startswith("name")][:2] == ["name model", "name weights"]


def test_after_a_stop_the_weights_do_not_give_way() -> None:
    """They are the model for whoever uses its framework."""
    store = Shelf(too_slow_for="weights")
    with pytest.raises(ServiceError, match="takes longer"):
        save(store, WITH_WEIGHTS)
    assert "metrics" not in store.kept


@pytest.mark.parametrize("step", ["stage weights", "name model"])
def test_weights_that_cannot_be_stored_leave_the_older_result_as_it_was(step: str) -> None:
    """As with the model."""
    store = Shelf({**OLDER, "weights": b"older"}, before={step: breaks})
    with pytest.raises(ServiceError):
        save(store, WITH_WEIGHTS)
    assert result(store) == {**OLDER, "weights": b"older"}


def test_metrics_do_not_lie_beside_a_model_whose_weights_could_not_be_named() -> None:
    """Half of a result is none."""
    store = Shelf({**OLDER, "weights": b"older"}, before={"name weights": breaks})
    with pytest.raises(ServiceError):
        save(store, WITH_WEIGHTS)
    assert "metrics" not in store.kept


def test_weights_of_an_older_model_do_not_stay_beside_one_that_leaves_none() -> None:
    """They would be taken for the new one's."""
    store = Shelf({**OLDER, "metrics": NAMED, "weights": b"of an older model"})
    save(store)
    assert result(store) == {**CONTENTS, "metrics": b"model report"}


@pytest.mark.parametrize("metrics", [None, b"of older", b"[]", b'{"artifacts": {"model": "1"}}'])
def test_a_file_of_that_name_that_no_run_has_named_stays(metrics: bytes | None) -> None:
    """Somebody's own weights beside a model without any are not ours to remove."""
    kept: dict[Artifact, bytes] = {"weights": b"somebody's"}
    if metrics is not None:
        kept["metrics"] = metrics
    store = Shelf(kept)
    save(store)
    assert store.kept["weights"] == b"somebody's"


@pytest.mark.parametrize("step", ["stage model", "stage report", "stage metrics", "name model"])
def test_a_refused_save_leaves_the_older_result_as_it_was(step: str) -> None:
    """A bucket that is full costs the new result and not the old one."""
    store = Shelf(dict(OLDER), before={step: breaks})
    with pytest.raises(ServiceError):
        save(store)
    assert result(store) == OLDER


@pytest.mark.parametrize("step", ["name report", "name metrics"])
def test_a_store_that_breaks_between_two_names_holds_no_finished_run(step: str) -> None:
    """Neither this run's metrics nor an older run's lie beside half of its artifacts."""
    store = Shelf(dict(OLDER), before={step: breaks})
    with pytest.raises(ServiceError):
        save(store)
    assert "metrics" not in store.kept


@pytest.mark.parametrize(("artifact", "step"), [("model", "name report"), ("report", "name predictions")])
def test_a_result_of_which_a_part_is_gone_again_is_not_finished(artifact: Artifact, step: str) -> None:
    """A rule of the bucket, or somebody, has removed it; a store may also say that it keeps what it does not keep."""

    def remove(shelf: Shelf) -> None:
        del shelf.kept[artifact]

    store = Shelf(dict(OLDER), before={step: remove})
    with pytest.raises(ServiceError, match=f"shelf/{artifact} is not there, though it was stored without an error"):
        save(store, CONTENTS | WITH_PREDICTIONS)
    assert "metrics" not in store.kept


def test_a_part_that_a_newer_run_removes_is_that_runs_business() -> None:
    """Whoever was replaced says nothing of it."""

    def take_over(shelf: Shelf) -> None:
        another_run_takes_over(shelf)
        del shelf.kept["model"]

    store = Shelf(dict(OLDER), before={"name report": take_over})
    with pytest.raises(SupersededError):
        save(store)


def test_what_is_not_named_is_not_left_behind() -> None:
    """Parts that nobody sees cost room."""
    store = Shelf(before={"stage metrics": breaks})
    with pytest.raises(ServiceError):
        save(store)
    assert store.done[-2:] == ["discard model", "discard report"]


def test_what_cannot_be_stored_is_kept_locally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says why, and where the copy is; a queue id with a slash makes no folders."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ServiceError) as ended:
        save(Shelf(before={"stage model": breaks}))
    folder = tmp_path / "gnn-trainer" / "a_queue"
    assert str(ended.value) == f"it could not be stored; a copy is in {folder} and goes with the pod."
    left = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert left == {"model.pt": b"weights", "report.html": b"<html>", "metrics.json": b"model report"}


@pytest.mark.parametrize("queue_id", ["q" * 600, "\u0439" * 200, "a/" * 150, "q" * 201])
def test_a_queue_id_longer_than_file_names_has_a_copy_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, queue_id: str
) -> None:
    """In a folder of its own, also beside that of an id which differs only at the end."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for each in (queue_id, f"{queue_id}2"):
        store = Shelf(before={"stage model": breaks})
        lease = Lease(store)
        lease.take()
        with pytest.raises(ServiceError, match="a copy is in"):
            save_run(store, lease, each, CONTENTS, describe)
    assert len(list((tmp_path / "gnn-trainer").iterdir())) == 2
    assert len(list((tmp_path / "gnn-trainer").glob("*/model.pt"))) == 2


def test_without_room_for_a_copy_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first failure is the one to tell of."""
    (tmp_path / "gnn-trainer").write_text("no folder")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ServiceError, match=r"^it could not be stored; no local copy could be written either\.$"):
        save(Shelf(before={"stage model": breaks}))


STEPS = (
    *("get lease", "stage model", "stage report", "stage metrics"),
    *("name model", "name report", "name metrics"),
)
"""The moments at which a node may pause a run."""


def another_run_takes_over(store: Shelf) -> None:
    """It has only begun."""
    Lease(store).take()


def another_run_finishes(store: Shelf) -> None:
    """It takes over, stores its own result, says finished and is gone."""
    lease = Lease(store)
    lease.take()
    newer: dict[Artifact, bytes] = {"model": b"newer", "report": b"newer"}
    save_run(store, lease, "a/queue", newer, lambda stored: b"newer")
    lease.release()


@pytest.mark.parametrize("older", [{}, OLDER], ids=["first", "replaces"])
@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_was_paused_while_another_finished_changes_nothing(step: str, older: dict[Artifact, bytes]) -> None:
    """Whoever said finished is the one that is there; the claim is gone by then and decides nothing."""
    store = Shelf(dict(older), before={step: another_run_finishes})
    with pytest.raises(SupersededError):
        save(store)
    assert result(store) == {"model": b"newer", "report": b"newer", "metrics": b"newer"}


@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_was_replaced_does_not_say_finished(step: str) -> None:
    """What it may have stored will be replaced by the newer run."""
    with pytest.raises(SupersededError):
        save(Shelf(before={step: another_run_takes_over}))


def test_the_newer_run_replaces_what_a_paused_one_stored_late() -> None:
    """The owner finds another model than it noted, and is the owner still."""
    store = Shelf()
    lease = Lease(store)
    lease.take()
    store.put("model", b"of a run that woke up")
    save_run(store, lease, "a/queue", CONTENTS, describe)
    assert result(store) == {**CONTENTS, "metrics": b"model report"}


def test_who_took_the_lease_last_owns_the_place() -> None:
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


def test_a_claim_that_is_gone_is_made_again(caplog: pytest.LogCaptureFixture) -> None:
    """A life-cycle rule of the bucket is no other run."""
    store = Shelf(dict(OLDER))
    lease = Lease(store)
    lease.take()
    claim = store.kept["lease"]
    for artifact in ("lease", "checkpoint", "report"):
        store.kept.pop(artifact, None)
    lease.check()
    assert store.kept["lease"] == claim
    assert "has claimed its QUEUE_ID again" in caplog.text
    save_run(store, lease, "a/queue", CONTENTS, describe)
    assert result(store) == {**CONTENTS, "metrics": b"model report"}


def test_a_claim_that_is_gone_is_not_made_again_over_another_result() -> None:
    """Another run has taken over, finished and gone."""
    store = Shelf(dict(OLDER))
    lease = Lease(store)
    lease.take()
    another_run_finishes(store)
    store.done.clear()
    with pytest.raises(SupersededError):
        lease.check()
    assert "lease" not in store.kept
    assert "replace lease" not in store.done, "not even for a moment: a third run would find it"


def test_a_claim_is_not_made_again_over_a_run_that_finishes_in_that_moment() -> None:
    """It may have done all of it between the look and the claim."""
    store = Shelf()
    lease = Lease(store)
    lease.take()
    del store.kept["lease"]
    store.before["replace lease"] = another_run_finishes
    with pytest.raises(SupersededError):
        lease.check()
    assert result(store)["metrics"] == b"newer"


def test_a_checkpoint_of_a_replaced_run_is_not_stored() -> None:
    """It would take the place of the newer run's."""
    store = Shelf()
    first, second = Lease(store), Lease(store)
    first.take()
    first.put("checkpoint", b"first")

    def take_over(shelf: Shelf) -> None:
        second.take()
        second.put("checkpoint", b"second")

    store.before["name checkpoint"] = take_over
    with pytest.raises(SupersededError):
        first.put("checkpoint", b"first, later")
    assert store.kept["checkpoint"] == b"second"


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
