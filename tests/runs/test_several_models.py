"""Several models in one folder, at once and in turn; a result counts only while all of it is there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.runs.here import Run, finished_here, run_here
from tests.runs.running import start_forked

SHORT = ("--graph_name", "g", "--epochs", "2", "--hidden_channels", "4")
SEEDS = ("1", "2", "3")


def assert_all_there(folder: Path) -> None:
    """Each seed has its model, its metrics with the right hashes, and its report."""
    found = {}
    for path in folder.glob("*metrics.json"):
        record = json.loads(path.read_text())
        model = Path(record["settings"]["output_path"]).name
        stem = path.name.removesuffix("metrics.json")
        assert stem in ("", model.removesuffix("pt")), "the metrics of another model"
        files = {"model": folder / model, "report": folder / f"{stem}report.html"}
        assert record["artifacts"] == {
            role: hashlib.sha256(file.read_bytes()).hexdigest() for role, file in files.items()
        }
        found[model] = record["settings"]["seed"]
    assert found == {f"s{seed}.pt": int(seed) for seed in SEEDS}
    assert len(list(folder.glob("*.pt"))) == len(list(folder.glob("*report.html"))) == len(SEEDS)
    assert (folder / "metrics.json").exists()


def test_three_seeds_at_once_leave_three_results(small_dump: Path, tmp_path: Path) -> None:
    """None is told that another run has taken over."""
    folder = tmp_path / "out"
    runs = [
        start_forked(
            tmp_path / f"run{seed}",
            *("--graph_path", small_dump, *SHORT, "--seed", seed, "--output_path", folder / f"s{seed}.pt"),
        )
        for seed in SEEDS
    ]
    ended = [run.wait() for run in runs]
    assert [each.exit_code for each in ended] == [0, 0, 0], [each.stderr for each in ended]
    assert_all_there(folder)


def test_three_seeds_one_after_the_other_leave_three_results(small_dump: Path, tmp_path: Path) -> None:
    """The metrics of the first are not those of the last; a queue of its own makes no difference."""
    folder = tmp_path / "out"
    for seed in SEEDS:
        queue = () if seed == "1" else ("--queue_id", f"queue-{seed}")
        flags = ("--graph_path", small_dump, *SHORT, "--seed", seed, *queue)
        run = start_forked(tmp_path / f"run{seed}", *flags, "--output_path", folder / f"s{seed}.pt").wait()
        assert run.exit_code == 0, run.stderr
        assert "will be replaced" not in run.stdout
    assert_all_there(folder)


@pytest.fixture
def flags(small_dump: Path) -> tuple[object, ...]:
    """A short run with a QUEUE_ID of its own."""
    return ("--graph_path", small_dump, *SHORT, "--queue_id", "one", "--save_predictions")


def was_trained(run: Run) -> bool:
    """Whether a run had epochs."""
    return '"status": "training"' in run.stdout


def test_the_result_of_another_queue_does_not_count(flags: tuple[object, ...], tmp_path: Path) -> None:
    """Two queues into one file: the second trains, and says whose model it replaces."""
    finished_here(tmp_path / "out", *flags)
    again = finished_here(tmp_path / "out", *flags, "--queue_id", "two")
    assert was_trained(again)
    assert again.record.queue_id == "two"
    (sentence,) = [warning for warning in again.warnings if "will be replaced" in warning]
    assert "with QUEUE_ID='one'" in sentence


@pytest.mark.parametrize("artifact", ["m.pt", "report.html", "predictions.csv.gz"])
@pytest.mark.parametrize("loss", ["removed", "emptied", "changed"])
def test_a_result_of_which_a_part_is_lost_does_not_count(
    flags: tuple[object, ...], tmp_path: Path, artifact: str, loss: str
) -> None:
    """The run is trained anew and leaves all of it."""
    first = finished_here(tmp_path / "out", *flags)
    path = first.folder / artifact
    content = path.read_bytes()
    if loss == "removed":
        path.unlink()
    else:
        path.write_bytes(b"" if loss == "emptied" else content[:-1] + bytes([content[-1] ^ 1]))
    again = finished_here(tmp_path / "out", *flags)
    assert was_trained(again)
    assert [warning for warning in again.warnings if warning.endswith("training starts anew.")]
    assert not was_trained(finished_here(tmp_path / "out", *flags)), "the result is whole again"


def test_a_model_that_is_replaced_is_told_with_the_settings_that_differ(
    flags: tuple[object, ...], tmp_path: Path
) -> None:
    """Before it happens, so that it can be stopped."""
    finished_here(tmp_path / "out", *flags)
    again = finished_here(tmp_path / "out", *flags, "--learning_rate", 0.5, "--epochs", 3)
    (sentence,) = [warning for warning in again.warnings if "will be replaced" in warning]
    assert "LEARNING_RATE was 0.01, is 0.5" in sentence
    assert "EPOCHS was 2, is 3" in sentence
    assert "SEED" not in sentence


def test_a_model_without_a_record_is_told_too(flags: tuple[object, ...], tmp_path: Path) -> None:
    """Somebody put it there."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "m.pt").write_bytes(b"something of somebody")
    again = run_here(tmp_path / "out", *flags)
    assert any("is there already, without a record" in warning for warning in again.warnings)
