"""A server as a child process whose output goes to a file, so that a failed start can say why it failed."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.left_behind import die_with_parent

_STOP_TIMEOUT_S = 15.0


class ServerProcess:
    """A command that can be started, stopped and killed any number of times."""

    def __init__(self, command: Sequence[str], log_path: Path, environment: Mapping[str, str] | None = None) -> None:
        """Remember what to run; nothing starts yet."""
        self.log_path = log_path
        self._command = list(command)
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the command; its output is appended to the log of earlier starts."""
        if self.running:
            raise RuntimeError(f"{self._command[0]} runs already.")
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env={**os.environ, **self._environment},
                cwd=self.log_path.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=die_with_parent,
            )

    def stop(self) -> None:
        """Ask the process to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once, as a lost node would."""
        self._end(signal.SIGKILL)

    def log_tail(self, num_lines: int = 15) -> str:
        """Return the last lines of what the process printed."""
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-num_lines:])

    def _end(self, signal_number: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal_number)
        try:
            self._process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
