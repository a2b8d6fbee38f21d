"""SIGTERM and SIGINT end a run the normal way, with what was learned stored."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.runs.running import ENDLESS, start_program


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_while_training_keeps_the_best_epoch(tmp_path: Path, number: signal.Signals, exit_code: int) -> None:
    """The run ends as interrupted, stores the model, and exits with the code of the signal."""
    with start_program(tmp_path, *ENDLESS) as run:
        run.wait_for("training")
        run.process.send_signal(number)
        ended = run.wait()
    assert ended.exit_code == exit_code, ended.stderr
    last = ended.events[-1]
    assert (last["status"], last["reason"]) == ("interrupted", number.name)
    assert (tmp_path / last["model_path"]).is_file()
    assert json.loads((tmp_path / "metrics.json").read_text())["status"] == "interrupted"


def test_a_signal_while_loading_leaves_nothing(tmp_path: Path) -> None:
    """Before the first epoch nothing is learned: no artifact, one terminal event, exit code 143."""
    with start_program(tmp_path, *ENDLESS) as run:
        run.wait_for("started")
        run.process.send_signal(signal.SIGTERM)
        ended = run.wait()
    assert ended.exit_code == 143, ended.stderr
    assert [event["status"] for event in ended.events][-1] == "interrupted"
    assert list(tmp_path.glob("*.pt")) == []
    assert not (tmp_path / "metrics.json").exists()
