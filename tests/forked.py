"""The program as a process that has the slow imports behind it: forked from a server that made them once.

Environment, working folder, output, signals and exit code are those of any process; only the seconds of importing torch
are not spent again. What is about the start or the end of the interpreter itself (what is imported when, hash seeds,
threads that are left behind) needs a process of its own: see `conftest.command`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Protocol

from tests.left_behind import die_with_parent

Door = Callable[[Sequence[str]], int]
"""A program: takes its command line, returns its exit code."""

_SERVER = multiprocessing.get_context("forkserver")
# Nothing is computed before a fork, so that no pool of threads is inherited.
_SERVER.set_forkserver_preload(
    [
        "tests.forkserver_end",
        "torch_geometric.nn",
        "boto3.s3.inject",
        "s3transfer.subscribers",
        "dotenv",
        "pythonjsonlogger.json",
        "confluent_kafka",
        "main",
        "trainer.artifacts.metrics_file",
        "trainer.report",
        "trainer.artifacts.s3",
        "trainer.graph.arango.source",
        "trainer.graph.dump.source",
        "trainer.messaging.kafka.bus",
        "trainer.messaging.kafka.control",
        "trainer.frameworks.pyg.backend",
        "trainer.frameworks.spektral.backend",  # where it is installed; importing TensorFlow starts no thread of its own
        "trainer.prediction.rows",
        "trainer.training.evaluate",
        "trainer.training.fit",
        "tests.runs.running",
        "tests.forkserver_ready",
    ]
)


class Process(Protocol):
    """What tests do with a process, whoever started it."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, signum: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class Forked:
    """A forked process, handled like one of `subprocess`."""

    def __init__(
        self, door: Door, flags: Sequence[str], *, cwd: Path, env: Mapping[str, str], out: Path, err: Path
    ) -> None:
        """Start `door` with this environment and nothing else; its output goes to files."""
        self._process: ForkServerProcess = _SERVER.Process(
            target=_enter, args=(door, list(flags), str(cwd), dict(env), str(out), str(err))
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, None while it runs; a signal that killed it is negative."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it is there."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("a forked run", timeout or 0)
        return self._process.exitcode

    def send_signal(self, signum: int, /) -> None:
        """Send a signal, unless the process is gone."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def _enter(door: Door, flags: list[str], cwd: str, env: dict[str, str], out: str, err: str) -> None:
    die_with_parent()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None  # found out anew from TMPDIR
    for stream, path in ((sys.stdout, out), (sys.stderr, err)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, stream.fileno())
        os.close(opened)
    sys.exit(door(flags))
