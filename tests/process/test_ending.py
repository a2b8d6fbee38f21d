"""The process ends when the run does, whoever is still busy in it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT, clean_environment
from tests.waits import LONG_S

CODE = """
import sys, threading
from trainer.process.ending import leave
threading.Thread(target=threading.Event().wait, daemon={daemon}).start()
print("said")
print("the last line", file=sys.stderr)
leave(7)
"""


@pytest.mark.parametrize("daemon", [True, False])
def test_no_thread_is_waited_for(daemon: bool) -> None:
    """The output is flushed, the exit code is the run's, and a thread that never ends keeps nobody."""
    code = CODE.format(daemon=daemon)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=LONG_S
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, "said\n", "the last line\n")


def test_torch_may_be_computing() -> None:
    """A prediction that is stopped half-way ends with the code of the signal; `sys.exit` would abort in C++."""
    code = (
        "import threading, torch\n"
        "from trainer.process.ending import leave\n"
        "begun = threading.Event()\n"
        "def compute():\n"
        "    weight = torch.rand(400, 400, requires_grad=True)\n"
        "    while True:\n"
        "        (weight @ weight).sum().backward()\n"
        "        begun.set()\n"
        "threading.Thread(target=compute, daemon=True).start()\n"
        "begun.wait()\n"
        "leave(143)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=clean_environment(), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (143, "")


def test_nothing_is_torn_down() -> None:
    """What libraries do at Python's exit, such as torch's seconds of tearing down, keeps nobody."""
    code = "import atexit, time\nfrom trainer.process.ending import leave\natexit.register(time.sleep, 600)\nleave(3)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=clean_environment(), timeout=LONG_S)
    assert done.returncode == 3
