"""SIGTERM and SIGINT end a run the normal way, with what was learned stored."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE, Ended, clean_environment, command


@contextmanager
def running(tmp_path: Path, *flags: str) -> Iterator[subprocess.Popen[str]]:
    """The program on the example graph, with more epochs than it will ever reach."""
    given: tuple[str | Path, ...] = (
        "--graph_path",
        EXAMPLE,
        "--graph_name",
        "market_5m",
        "--epochs",
        "100000",
        "--target",
        "price_up",
        *flags,
    )
    arguments = command(*given, "--output_path", tmp_path / "m.pt")
    process = subprocess.Popen(
        arguments, cwd=tmp_path, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], status: str) -> str:
    """Read the log until an event with this status."""
    assert process.stdout is not None
    read = ""
    for line in process.stdout:
        read += line
        if f'"status": "{status}"' in line:
            return read
    raise AssertionError(f"no {status} event came: {read}")


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_while_training_keeps_the_best_epoch(tmp_path: Path, number: signal.Signals, exit_code: int) -> None:
    """The run ends as interrupted, stores the model, and exits with the code of the signal."""
    with running(tmp_path) as process:
        read_until(process, "training")
        process.send_signal(number)
        rest, stderr = process.communicate(timeout=60)
    assert process.returncode == exit_code, stderr
    last = Ended(exit_code, rest, stderr).events[-1]
    assert (last["status"], last["reason"]) == ("interrupted", number.name)
    assert Path(last["model_path"]).is_file()
    assert json.loads((tmp_path / "metrics.json").read_text())["status"] == "interrupted"


def test_a_signal_while_loading_leaves_nothing(tmp_path: Path) -> None:
    """Before the first epoch nothing is learned: no artifact, one terminal event, exit code 143."""
    with running(tmp_path) as process:
        read_until(process, "started")
        process.send_signal(signal.SIGTERM)
        rest, stderr = process.communicate(timeout=60)
    assert process.returncode == 143, stderr
    assert [event["status"] for event in Ended(143, rest, stderr).events][-1] == "interrupted"
    assert list(tmp_path.glob("*.pt")) == []
    assert not (tmp_path / "metrics.json").exists()
