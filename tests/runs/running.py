"""A run in progress: what a test sees of it from outside, and does to it."""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

import main
from tests.conftest import EXAMPLE, Ended, clean_environment, command
from tests.forked import Door, Forked, Process
from tests.left_behind import end_with_test, start_process
from tests.schemas import validate_records_below
from tests.waits import LONG_S

ENDLESS: tuple[str | Path, ...] = (
    *("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--target", "price_up"),
    *("--epochs", "100000", "--output_path", "m.pt"),
)
"""The example graph, with more epochs than a test will ever see."""


@dataclass
class Running:
    """A run in progress; a `with` block leaves none behind."""

    process: Process
    log: Path
    errors: Path

    def __enter__(self) -> Self:
        """The run itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill the run if it still goes."""
        self.process.kill()
        self.process.wait()

    def wait(self, timeout_s: float = LONG_S) -> Ended:
        """How it ended."""
        try:
            code = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"the run does not end: {self.log.read_text()}{self.errors.read_text()}") from None
        validate_records_below(self.log.parent)
        return Ended(code, self.log.read_text(), self.errors.read_text())

    def wait_for(self, status: str, timeout_s: float = LONG_S) -> None:
        """Wait until the log holds an event with this status."""
        self.wait_until(lambda: f'"status": "{status}"' in self.log.read_text(), f"{status} was said", timeout_s)

    def wait_until(self, holds: Callable[[], bool], what: str, timeout_s: float = LONG_S) -> None:
        """Wait until something holds while the run goes on."""
        deadline = time.monotonic() + timeout_s
        while not holds():
            ended = self.process.poll() is not None
            if time.monotonic() > deadline or ended:
                if ended and holds():
                    return
                raise AssertionError(f"it never came that {what}: {self.log.read_text()}{self.errors.read_text()}")
            time.sleep(0.02)


@dataclass(frozen=True)
class WithLimits:
    """The program with other time limits than its own, so that a test need not wait them out.

    Attributes:
        limits: what stands for each constant, by its full name.
    """

    limits: Mapping[str, object]

    def __call__(self, flags: Sequence[str]) -> int:
        """Run the program; returns the exit code."""
        with pytest.MonkeyPatch.context() as constants:
            for name, limit in self.limits.items():
                constants.setattr(name, limit)
            return main.main(flags)


def start_forked(
    folder: Path, *flags: str | Path, env: Mapping[str, str] | None = None, door: Door = main.main
) -> Running:
    """Start a run with an environment and nothing else, forked (see `tests/forked.py`); its output goes to `folder`."""
    out, err = _logs(folder)
    process = Forked(door, [*map(str, flags)], cwd=folder, env=clean_environment(env), out=out, err=err)
    end_with_test(process)
    return Running(process, out, err)


def start_program(folder: Path, *flags: str | Path, env: Mapping[str, str] | None = None) -> Running:
    """Start `main.py` as its users do, interpreter and all."""
    log, errors = _logs(folder)
    with log.open("w") as out, errors.open("w") as err:
        process = start_process(command(*flags), cwd=folder, env=clean_environment(env), stdout=out, stderr=err)
    return Running(process, log, errors)


def _logs(folder: Path) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    mark = uuid.uuid4().hex[:6]
    log, errors = folder / f"{mark}.log", folder / f"{mark}.err"
    for path in (log, errors):
        path.touch()
    return log, errors
