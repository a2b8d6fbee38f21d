"""A QUEUE_ID that an earlier process has finished is not trained again, if what that process left is whole."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.runs.here import Run, finished_here
from trainer.artifacts.finished import finished_before
from trainer.artifacts.run_folder import RunFolder

EPOCHS = ("--epochs", 2, "--hidden_channels", 4)


@pytest.fixture
def flags(small_dump: Path) -> tuple[object, ...]:
    """A short run with a QUEUE_ID of its own."""
    return ("--graph_path", small_dump, "--graph_name", "g", "--queue_id", "finished", *EPOCHS)


def was_trained(run: Run) -> bool:
    """Whether a run had epochs, rather than just a start and an end."""
    return '"status": "training"' in run.stdout


def rewritten(run: Run, **changes: Any) -> None:
    """Put a metrics.json with other fields in the place of a run's; None takes a field out."""
    fields = run.metrics | changes
    kept = {name: value for name, value in fields.items() if value is not None or name not in changes}
    (run.folder / "metrics.json").write_text(json.dumps(kept, indent=2))


def as_version_1(run: Run, **changes: Any) -> None:
    """Make a metrics.json such as the version before `artifacts` wrote it."""
    environment = {name: value for name, value in run.metrics["environment"].items() if name != "framework"}
    rewritten(
        run, schema_version=1, artifacts=None, environment=environment, settings=settings_of_version_1(run), **changes
    )


def settings_of_version_1(run: Run) -> dict[str, Any]:
    """The settings of a run without those that came later."""
    later = ("positive_class", "target_missing")
    return {name: value for name, value in run.metrics["settings"].items() if name not in later}


def test_the_same_run_is_not_trained_again(flags: tuple[object, ...], tmp_path: Path) -> None:
    """It is finished at once, and leaves its artifacts as they are."""
    first = finished_here(tmp_path / "out", *flags)
    before = {path: path.read_bytes() for path in first.folder.rglob("*") if path.is_file()}
    assert not was_trained(finished_here(tmp_path / "out", *flags))
    assert {path: path.read_bytes() for path in first.folder.rglob("*") if path.is_file()} == before


def test_a_run_without_a_queue_id_is_trained_each_time(flags: tuple[object, ...], tmp_path: Path) -> None:
    """Who starts it by hand wants to see it train."""
    by_hand = [flag for flag in flags if flag not in ("--queue_id", "finished")]
    finished_here(tmp_path / "out", *by_hand)
    assert was_trained(finished_here(tmp_path / "out", *by_hand))


def test_a_run_of_schema_version_1_counts(flags: tuple[object, ...], tmp_path: Path) -> None:
    """It has no hashes but the model's, and that one fits."""
    as_version_1(finished_here(tmp_path / "out", *flags))
    again = finished_here(tmp_path / "out", *flags)
    assert not was_trained(again)
    assert again.metrics["schema_version"] == 1


def test_a_setting_that_came_later_makes_another_run_once_it_is_set(flags: tuple[object, ...], tmp_path: Path) -> None:
    """The earlier run had its default, whatever it is called."""
    as_version_1(finished_here(tmp_path / "out", *flags))
    assert was_trained(finished_here(tmp_path / "out", *flags, "--positive_class", "0"))


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("content", [b"another model", None])
def test_a_record_without_its_model_does_not_count(
    flags: tuple[object, ...], tmp_path: Path, version: int, content: bytes | None
) -> None:
    """Whoever reads metrics.json would take another model for that of the run."""
    first = finished_here(tmp_path / "out", *flags)
    model = (first.folder / "m.pt").read_bytes()
    if version == 1:
        as_version_1(first)
    (first.folder / "m.pt").unlink()
    if content is not None:
        (first.folder / "m.pt").write_bytes(content)
    again = finished_here(tmp_path / "out", *flags)
    assert was_trained(again)
    assert ("is not there" if content is None else "is not the model of") in again.stdout
    assert (again.folder / "m.pt").read_bytes() == model


@pytest.mark.parametrize(
    "content", ["[]", "null", "{", "", '{"schema_version": 1}', '{"schema_version": 2}', '{"schema_version": 3}']
)
def test_what_is_no_record_does_not_count(tmp_path: Path, caplog: pytest.LogCaptureFixture, content: str) -> None:
    """Whatever lies where metrics.json should be, there is a warning and no error."""
    store = RunFolder(str(tmp_path / "m.pt"))
    store.put("metrics", content.encode())
    assert finished_before(store, "q", {}, {}, with_predictions=False) is None
    assert "cannot be read as the record of a run; training starts anew" in caplog.text


def test_a_record_of_a_later_version_does_not_count(flags: tuple[object, ...], tmp_path: Path) -> None:
    """Nobody knows here what its fields mean: the run is trained anew, and metrics.json replaced."""
    rewritten(finished_here(tmp_path / "out", *flags), schema_version=3)
    again = finished_here(tmp_path / "out", *flags)
    assert was_trained(again)
    assert again.metrics["schema_version"] == 2


@pytest.mark.parametrize(
    "change", [("--epochs", 3), ("--learning_rate", 0.5), ("--save_predictions",), ("--resume", "never")]
)
def test_another_run_does_not_count(flags: tuple[object, ...], tmp_path: Path, change: tuple[object, ...]) -> None:
    """Other settings that decide what is learned or left, or a wish to train again."""
    finished_here(tmp_path / "out", *flags)
    assert was_trained(finished_here(tmp_path / "out", *flags, *change))


def test_an_interrupted_run_does_not_count(flags: tuple[object, ...], tmp_path: Path) -> None:
    """It goes on."""
    rewritten(finished_here(tmp_path / "out", *flags), status="interrupted")
    assert was_trained(finished_here(tmp_path / "out", *flags))


@pytest.mark.parametrize("extra", [(), ("--save_predictions",)])
def test_the_record_names_every_other_file_with_its_hash(
    flags: tuple[object, ...], tmp_path: Path, extra: tuple[object, ...]
) -> None:
    """A reader can tell whether the files of a run belong together."""
    run = finished_here(tmp_path / "out", *flags, *extra)
    names = {"model": "m.pt", "report": "report.html", "predictions": "predictions.csv.gz"}
    hashes = {
        role: hashlib.sha256((run.folder / name).read_bytes()).hexdigest()
        for role, name in names.items()
        if (run.folder / name).exists()
    }
    assert set(hashes) == {"model", "report", *(["predictions"] if extra else [])}
    assert run.record.artifacts == hashes
    assert run.record.model.sha256 == hashes["model"]
