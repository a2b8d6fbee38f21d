"""No process outlives its test, whether that passes, fails or is killed itself."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Protocol

_PR_SET_PDEATHSIG = 1


class Process(Protocol):
    """What can be ended."""

    def poll(self) -> int | None: ...
    def kill(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


_started: list[Process] = []


def start_process(command: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """Start a command that ends with its test; the options are those of `subprocess.Popen`."""
    process = subprocess.Popen(command, preexec_fn=die_with_parent, **options)
    end_with_test(process)
    return process


def end_with_test(process: Process) -> None:
    """Let `end_all` end a process that its test has started."""
    _started.append(process)


def end_all() -> None:
    """Kill every process of the test that still runs."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            process.kill()
            process.wait()


def die_with_parent() -> None:
    """Called in a child: the kernel kills it when the process that started it is gone, even by SIGKILL."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
