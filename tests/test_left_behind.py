"""What a test has started ends with it."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.conftest import ROOT
from tests.left_behind import end_all, start_process
from tests.runs.running import ENDLESS, start_forked, start_program
from tests.waits import LONG_S


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
        "time.sleep(6000)\n"
    )
    out = tmp_path / "out"
    with out.open("w") as stream:
        tests = start_process([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, stdout=stream)
    deadline = time.monotonic() + LONG_S
    while not (written := out.read_text()).endswith("\n"):
        assert tests.poll() is None, "it ended before its runs had started"
        assert time.monotonic() < deadline, "its runs do not start"
        time.sleep(0.05)
    pids = [int(pid) for pid in written.split()]
    tests.kill()
    tests.wait()
    assert len(pids) == 2
    while any(_runs(pid) for pid in pids):
        assert time.monotonic() < deadline, "a run goes on without its test"
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_processes_are_started_where_their_end_is_seen_to() -> None:
    """No test starts one in a way of its own."""
    starting = {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("*.py") if "Popen(" in path.read_text()}
    assert starting == {
        f"tests/{name}" for name in ("left_behind.py", "standins/server_process.py", "test_left_behind.py")
    }
