"""`make ranks`: two interpreters on this machine, as a reader of the documentation starts them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

import main
from tests.conftest import EXAMPLE, ROOT, clean_environment
from tests.runs.running import start_forked
from tests.waits import LONG_S


def test_the_example_trains_in_two_processes(tmp_path: Path) -> None:
    """One model, one record, and both ranks end with 0."""
    flags = ["--graph_path", str(EXAMPLE), "--target", "price_up", "--epochs", "2", "--output_path", "m.pt"]
    command = [sys.executable, str(ROOT / "examples" / "run_ranks.py"), "--ranks", "2", *flags]
    ended = subprocess.run(
        command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=LONG_S, check=False
    )
    assert ended.returncode == 0, ended.stderr + ended.stdout
    assert "exit codes by rank: [0, 0]" in ended.stdout
    assert json.loads((tmp_path / "metrics.json").read_text())["environment"]["ranks"] == 2


def test_make_starts_the_example() -> None:
    """With the number of ranks that is asked for."""
    ended = subprocess.run(["make", "-n", "ranks", "RANKS=3"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "examples/run_ranks.py --ranks 3 " in ended.stdout


def names_of_several(flags: Sequence[str]) -> int:
    """The program; prints which modules of several ranks were imported on the way."""
    code = main.main(flags)
    assert not torch.distributed.is_initialized(), "torch brings it along, and nobody begins it"
    several = ("trainer.ranks.board", "trainer.ranks.together", "trainer.job.follow")
    sys.stdout.write(f"loaded: {[name for name in several if name in sys.modules]}\n")
    return code


def test_a_single_run_imports_nothing_of_several(tmp_path: Path) -> None:
    """Neither the board nor the group: what one process does, it does as before."""
    flags = ("--graph_path", EXAMPLE, "--target", "price_up", "--epochs", "1", "--output_path", tmp_path / "m.pt")
    with start_forked(tmp_path, *flags, door=names_of_several) as run:
        ended = run.wait()
    assert ended.exit_code == 0, ended.stderr
    assert "loaded: []" in ended.stdout
