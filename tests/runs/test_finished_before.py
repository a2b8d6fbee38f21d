"""Whether a second start of a run trains again, or only says what the first one left."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE, events_in
from tests.runs.here import finished_here

GRAPH = ("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--target", "price_up", "--epochs", "2")
OWN = ("--queue_id", "own")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that has finished under a QUEUE_ID of its own."""
    folder = tmp_path_factory.mktemp("finished")
    finished_here(folder, *GRAPH, *OWN)
    return folder


def trains_again(finished: Path, folder: Path, *flags: str, change: Callable[[Path], object] | None = None) -> bool:
    """Whether a run with these flags trains where the finished one has left its artifacts."""
    shutil.copytree(finished, folder, dirs_exist_ok=True)
    if change is not None:
        change(folder / "metrics.json")
    run = finished_here(folder, *GRAPH, *flags)
    statuses = [event["status"] for event in events_in(run.stdout)]
    assert statuses[-1] == "finished"
    assert run.metrics["status"] == "finished"
    return "training" in statuses


def test_the_same_run_is_not_trained_again(finished: Path, tmp_path: Path) -> None:
    """It says finished at once, with what the first one found."""
    assert not trains_again(finished, tmp_path, *OWN)
    assert (tmp_path / "metrics.json").read_bytes() == (finished / "metrics.json").read_bytes()


@pytest.mark.parametrize(
    "flags",
    [
        (*OWN, "--epochs", "3"),
        (*OWN, "--learning_rate", "0.02"),
        (*OWN, "--resume", "never"),
        (*OWN, "--save_predictions", "true"),
    ],
    ids=["more epochs", "another learning rate", "told to start anew", "predictions are asked for"],
)
def test_another_run_is_trained(finished: Path, tmp_path: Path, flags: tuple[str, ...]) -> None:
    """Whatever would leave another result, or more of it."""
    assert trains_again(finished, tmp_path, *flags)


def test_a_run_without_a_queue_id_is_trained_each_time(tmp_path: Path) -> None:
    """Who starts it by hand wants to see it train."""
    finished_here(tmp_path / "first", *GRAPH)
    assert trains_again(tmp_path / "first", tmp_path / "second")


def interrupted(metrics: Path) -> None:
    """As if the run had been stopped."""
    metrics.write_text(json.dumps(json.loads(metrics.read_text()) | {"status": "interrupted"}))


def cut_off(metrics: Path) -> None:
    """As if a file system had lost the end of it."""
    metrics.write_bytes(metrics.read_bytes()[:-20])


@pytest.mark.parametrize("change", [interrupted, cut_off, Path.unlink])
def test_a_run_that_did_not_finish_is_trained(finished: Path, tmp_path: Path, change: Callable[[Path], object]) -> None:
    """Stopped, or left without a whole metrics.json."""
    assert trains_again(finished, tmp_path, *OWN, change=change)
