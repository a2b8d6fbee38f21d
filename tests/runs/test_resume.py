"""A run that was broken off goes on where it was, and ends where it would have ended."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path

import pytest

from tests.conftest import EVERYTHING, EXAMPLE, RunMain
from tests.runs.running import ENDLESS, Running, start_forked

DAYS = EXAMPLE.parent / "btc_days_5m"
FLAGS = ("--target", "price_up", "--dropout", "0.3", "--queue_id", "resume-test")
FULL_BATCH: tuple[str | Path, ...] = (
    *("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--features", "price_change", "rsi", "--epochs", "300"),
)
SAMPLED: tuple[str | Path, ...] = (
    *("--graph_path", DAYS, "--graph_name", ",".join(f"btc_graph_5m_2024_06_0{day}" for day in (1, 2, 3))),
    *("--epochs", "12"),
    *("--batch_size", "20", "--num_neighbors", "3", "2", "--save_predictions"),
)


def checkpoint_in(folder: Path) -> int:
    """Which checkpoint lies in the folder: another number for each; 0 for none."""
    path = folder / "checkpoints" / "last.ckpt"
    return path.stat().st_mtime_ns if path.exists() else 0


def wait_for_checkpoints(run: Running, folder: Path, count: int) -> None:
    """Wait until a run has started and stored so many checkpoints, or is over."""
    run.wait_for("started")
    for _ in range(count):
        seen = checkpoint_in(folder)
        run.wait_until(
            lambda seen=seen: checkpoint_in(folder) > seen or run.process.poll() is not None,  # type: ignore[misc]
            "a checkpoint was stored",
        )


def killed_and_restarted(folder: Path, kills: int, *graph: str | Path) -> str:
    """The logs of runs that were killed at random moments and of the last one, which was not."""
    flags = (*FLAGS, *graph, "--checkpoint_every", "0.1", "--output_path", folder / "m.pt")
    logs = folder.with_name("logs")
    moments = random.Random(7)
    for number in range(kills):
        with start_forked(logs, *flags) as run:
            wait_for_checkpoints(run, folder, moments.randint(0, 2) if number else 1)
            time.sleep(moments.uniform(0, 0.1))  # not always when a file has just been written
    with start_forked(logs, *flags) as last:
        ended = last.wait()
    assert ended.exit_code == 0, ended.stderr
    return "".join(path.read_text() for path in logs.glob("*.log"))


def assert_nothing_changes(run_main: RunMain, tmp_path: Path, kills: int, *graph: str | Path) -> None:
    """Weights, history and artifacts after kills are those of the undisturbed run, byte for byte."""
    undisturbed, disturbed = tmp_path / "a", tmp_path / "b"
    assert run_main(*FLAGS, *graph, "--output_path", undisturbed / "m.pt").exit_code == 0
    log = killed_and_restarted(disturbed, kills, *graph)
    assert "goes on after epoch" in log, "no run went on from a checkpoint, so nothing was tested"
    left = {path.name for path in undisturbed.iterdir()}
    assert {path.name for path in disturbed.iterdir()} == left
    for name in left - {"metrics.json", "report.html"}:
        assert (disturbed / name).read_bytes() == (undisturbed / name).read_bytes(), name
    histories = [json.loads((folder / "metrics.json").read_text())["history"] for folder in (undisturbed, disturbed)]
    assert histories[0] == histories[1]


def test_kill_9_at_twenty_moments_changes_nothing(run_main: RunMain, tmp_path: Path) -> None:
    """Twenty SIGKILLs, full batch."""
    assert_nothing_changes(run_main, tmp_path, 20, *FULL_BATCH)


def test_kill_9_amid_batches_changes_nothing(run_main: RunMain, tmp_path: Path) -> None:
    """Seven SIGKILLs, most in the middle of an epoch of drawn neighbours, over several graphs and with predictions."""
    assert_nothing_changes(run_main, tmp_path, 7, *SAMPLED)


def test_a_stop_amid_batches_changes_nothing(run_main: RunMain, tmp_path: Path) -> None:
    """SIGTERM in the middle of an epoch; the run that goes on ends where the undisturbed one ends."""
    whole = run_main(*FLAGS, *SAMPLED, "--output_path", tmp_path / "a" / "m.pt")
    assert whole.exit_code == 0, whole.stderr
    flags = (*FLAGS, *SAMPLED, "--output_path", tmp_path / "b" / "m.pt")
    with start_forked(tmp_path / "logs", *flags) as run:
        run.wait_for("training")
        run.process.terminate()
        stopped = run.wait()
    assert stopped.exit_code == 143, stopped.stderr
    assert json.loads((tmp_path / "b" / "metrics.json").read_text())["epochs_run"] < 12
    again = run_main(*flags)
    assert "goes on after epoch" in again.stdout
    for name in ("m.pt", "predictions.csv.gz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_a_stopped_run_goes_on_where_it_was(run_main: RunMain, tmp_path: Path) -> None:
    """SIGTERM, then the same run again: the second goes on from the first one's last epoch."""
    flags = ("--queue_id", "q", "--seed", "3")
    with start_forked(tmp_path, *ENDLESS, *flags) as run:
        run.wait_for("training")
        run.process.send_signal(signal.SIGTERM)
        run.wait()
    epochs_run = json.loads((tmp_path / "metrics.json").read_text())["epochs_run"]
    given = ("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--target", "price_up", *flags)
    ended = run_main(*given, "--epochs", str(epochs_run + 5), "--output_path", tmp_path / "m.pt")
    assert ended.exit_code == 0, ended.stderr
    assert f"goes on after epoch {epochs_run} " in ended.stdout
    first = next(event for event in ended.events if event["status"] == "training")
    assert first["epoch"] == epochs_run + 1


@pytest.mark.parametrize("graph", [FULL_BATCH, SAMPLED], ids=["full batch", "sampled"])
def test_a_finished_run_is_not_trained_again(run_main: RunMain, tmp_path: Path, graph: tuple[str | Path, ...]) -> None:
    """The second start of a finished QUEUE_ID says finished again, with the same result."""
    flags = (*FLAGS, *graph, "--epochs", "2")
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
    from tests.composed import build_dataset, fit
    from trainer.graph.dump.source import DumpSource
    from trainer.settings.sources import load_settings
    from trainer.training.checkpoint import Checkpointer
    from trainer.training.fingerprint import fingerprint

    flags = ["--graph_path", str(small_dump), "--graph_name", "g", "--output_path", str(tmp_path / "m.pt")]
    settings = load_settings([*flags, "--epochs", "2"], {}, tmp_path / ".env")
    graph = DumpSource(small_dump).load(["g"], EVERYTHING, lambda vertices, edges: None)
    dataset = build_dataset(graph, settings)
    kept: list[bytes] = []
    checkpoints = Checkpointer(kept.append, 0, fingerprint(dataset, settings.learning()))
    # An epoch whose predecessor is still being written is not offered again, so each one waits.
    fit(dataset, settings, on_epoch=lambda record, eta_s: checkpoints.wait(), checkpoints=checkpoints)
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
    with start_forked(tmp_path, *ENDLESS, "--queue_id", "twice", "--checkpoint_every", "0.2") as run:
        run.wait_for("training")
        given = ("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--target", "price_up", "--queue_id", "twice")
        second = run_main(*given, "--epochs", "5", "--resume", "never", "--output_path", tmp_path / "m.pt")
        first = run.wait()
    assert second.exit_code == 0, second.stderr
    assert first.exit_code == 4
    assert "has taken over" in first.stderr
    assert not any(event["finished"] for event in first.events)
    assert json.loads((tmp_path / "metrics.json").read_text())["epochs_run"] == 5
