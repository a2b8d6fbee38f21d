"""A run that was broken off goes on where it was, and ends where it would have ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import EVERYTHING, EXAMPLE, ROOT, RunMain, clean_environment
from tests.runs.test_signals import read_until, running

FLAGS: tuple[str, ...] = (
    "--graph_path",
    str(EXAMPLE),
    "--graph_name",
    "market_5m",
    "--target",
    "price_up",
    "--dropout",
    "0.3",
)
FLAGS += ("--queue_id", "resume-test", "--features", "price_change", "rsi", "--epochs", "300")


def killed_and_restarted(folder: Path, kills: int, longest_s: float) -> str:
    """The log of runs that were killed at random moments and of the last one, which was not."""
    flags = (*FLAGS, "--checkpoint_every", "0.1", "--output_path", str(folder / "m.pt"))
    arguments = [sys.executable, str(ROOT / "tests/runs/forks.py"), "7", str(kills), str(longest_s), *flags]
    done = subprocess.run(
        arguments, cwd=folder, env=clean_environment(), capture_output=True, text=True, check=False, timeout=110
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_kill_9_at_twenty_moments_changes_nothing(run_main: RunMain, tmp_path: Path) -> None:
    """The weights after twenty SIGKILLs equal those of the undisturbed run, byte for byte."""
    undisturbed, disturbed = tmp_path / "a", tmp_path / "b"
    disturbed.mkdir()
    assert run_main(*FLAGS, "--output_path", undisturbed / "m.pt").exit_code == 0
    log = killed_and_restarted(disturbed, kills=20, longest_s=2.0)
    assert "goes on after epoch" in log, "no run went on from a checkpoint, so nothing was tested"
    assert (disturbed / "m.pt").read_bytes() == (undisturbed / "m.pt").read_bytes()
    histories = [json.loads((folder / "metrics.json").read_text())["history"] for folder in (undisturbed, disturbed)]
    assert histories[0] == histories[1]
    assert sorted(path.name for path in disturbed.iterdir()) == ["m.pt", "metrics.json", "report.html"]


def test_a_stopped_run_goes_on_where_it_was(run_main: RunMain, tmp_path: Path) -> None:
    """SIGTERM, then the same run again: the second goes on from the first one's last epoch."""
    flags = ("--queue_id", "q", "--seed", "3")
    with running(tmp_path, *flags) as process:
        read_until(process, "training")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    epochs_run = json.loads((tmp_path / "metrics.json").read_text())["epochs_run"]
    given = ("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--target", "price_up", *flags)
    ended = run_main(*given, "--epochs", str(epochs_run + 5), "--output_path", tmp_path / "m.pt")
    assert ended.exit_code == 0, ended.stderr
    assert f"goes on after epoch {epochs_run} " in ended.stdout
    first = next(event for event in ended.events if event["status"] == "training")
    assert first["epoch"] == epochs_run + 1


def test_a_finished_run_is_not_trained_again(run_main: RunMain, small_dump: Path, tmp_path: Path) -> None:
    """The second start of a finished QUEUE_ID says finished again, with the same result."""
    flags = ("--graph_path", small_dump, "--graph_name", "g", "--queue_id", "q-1", "--epochs", "3")
    first, second = (run_main(*flags, "--output_path", tmp_path / "m.pt") for _ in range(2))
    assert [event["status"] for event in second.events] == ["started", "finished"]
    told = [{name: run.events[-1].get(name) for name in ("accuracy", "loss", "epoch")} for run in (first, second)]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "change", [("--seed", "5"), ("--hidden_channels", "32"), ("--features", "a"), ("--epochs", "1")]
)
def test_a_checkpoint_of_other_settings_is_not_used(
    run_main: RunMain, small_dump: Path, tmp_path: Path, change: tuple[str, str]
) -> None:
    """A checkpoint whose fingerprint differs is left alone, with a warning."""
    from trainer.dataset.dataset import build_dataset
    from trainer.graph.dump import DumpSource
    from trainer.settings import load_settings
    from trainer.stop import StopToken
    from trainer.training.checkpoint import Checkpointer, fingerprint
    from trainer.training.fit import fit

    flags = ["--graph_path", str(small_dump), "--graph_name", "g", "--output_path", str(tmp_path / "m.pt")]
    settings = load_settings([*flags, "--epochs", "2"], {}, tmp_path / ".env")
    graph = DumpSource(small_dump).load(["g"], EVERYTHING, lambda vertices, edges: None)
    dataset = build_dataset(graph, settings)
    kept: list[bytes] = []
    checkpoints = Checkpointer(kept.append, 0, fingerprint(dataset, settings))
    # An epoch whose predecessor is still being written is not offered again, so each one waits.
    fit(dataset, settings, StopToken(), lambda record, eta_s: checkpoints.wait(), checkpoints)
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "last.ckpt").write_bytes(kept[-1])
    ended = run_main(*flags, "--epochs", "3", *change)
    assert ended.exit_code == 0, ended.stderr
    assert "training starts anew" in ended.stdout
    assert next(event["epoch"] for event in ended.events if event["status"] == "training") == 1


def test_a_broken_checkpoint_is_not_used(run_main: RunMain, small_dump: Path, tmp_path: Path) -> None:
    """Whatever lies in the checkpoint's place cannot keep a run from training."""
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "last.ckpt").write_bytes(b"PK\x03\x04 not a checkpoint")
    ended = run_main(
        "--graph_path", small_dump, "--graph_name", "g", "--epochs", "2", "--output_path", tmp_path / "m.pt"
    )
    assert ended.exit_code == 0, ended.stderr
    assert "training starts anew" in ended.stdout


def test_the_run_that_came_last_owns_the_result(run_main: RunMain, tmp_path: Path) -> None:
    """Two processes with one QUEUE_ID: the first steps back without a last event, the second finishes."""
    with running(tmp_path, "--queue_id", "twice", "--checkpoint_every", "0.2") as first:
        read_until(first, "training")
        given = ("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--target", "price_up", "--queue_id", "twice")
        second = run_main(*given, "--epochs", "5", "--resume", "never", "--output_path", tmp_path / "m.pt")
        rest, stderr = first.communicate(timeout=60)
    assert second.exit_code == 0, second.stderr
    assert first.returncode == 4
    assert "has taken over" in stderr
    assert '"finished": true' not in rest
    assert json.loads((tmp_path / "metrics.json").read_text())["epochs_run"] == 5
