"""What a test has started ends with it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import ROOT
from tests.left_behind import end_all
from tests.runs.running import ENDLESS, start_forked, start_program


def test_runs_of_a_test_end_with_it(tmp_path: Path) -> None:
    """A forked run and a program of its own, neither in a `with` block, as in a test that fails half-way."""
    runs = [start_forked(tmp_path / "a", *ENDLESS), start_program(tmp_path / "b", *ENDLESS)]
    for run in runs:
        run.wait_for("started")
    end_all()
    assert [run.process.poll() for run in runs] == [-9, -9]


def test_runs_end_with_a_killed_test_run(tmp_path: Path) -> None:
    """Kill a process that has started both, as a CI that ran out of time does: neither goes on."""
    code = (
        "from pathlib import Path\n"
        "from tests.runs.running import ENDLESS, start_forked, start_program\n"
        "import sys, time\n"
        "folder = Path(sys.argv[1])\n"
        "runs = [start_forked(folder / 'a', *ENDLESS), start_program(folder / 'b', *ENDLESS)]\n"
        "for run in runs:\n"
        "    run.wait_for('started')\n"
        "print(*(run.process.pid for run in runs), flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout is not None
        pids = [int(pid) for pid in tests.stdout.readline().split()]
        tests.kill()
    assert len(pids) == 2
    deadline = time.monotonic() + 30
    while any(_runs(pid) for pid in pids):
        assert time.monotonic() < deadline, "a run goes on without its test"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
