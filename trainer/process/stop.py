"""One request to stop, whoever makes it: the first reason wins.

Signal handlers and the control topic both write to a `StopToken`; the run checks it between
its steps and then ends normally. The token is plain attributes on purpose: taking a lock
inside a signal handler can deadlock against the code that it interrupted.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar, cast

Result = TypeVar("Result")
_CHECK_EVERY_S = 0.05

STOP_COMMAND = "stop command"
SIGNAL_EXIT_CODES = {signal.SIGTERM: 143, signal.SIGINT: 130}


class StopRequested(Exception):
    """Raised by `StopToken.check` to leave a phase that has nothing to keep yet."""


class StopToken:
    """Whether a stop was requested, why, and the exit code that follows."""

    def __init__(self) -> None:
        """Start with no request."""
        self.reason: str | None = None
        self.exit_code = 0
        self.deadline_s = 90.0
        """The setting STOP_DEADLINE: seconds that all that follows a request may take."""
        self._requested_at = math.inf

    @property
    def requested(self) -> bool:
        """Whether the run should end."""
        return self.reason is not None

    def request(self, reason: str, exit_code: int = 0) -> None:
        """Ask the run to end; later requests change nothing."""
        if self.reason is None:
            self._requested_at = time.monotonic()
            self.exit_code = exit_code
            self.reason = reason

    @property
    def seconds_since_request(self) -> float:
        """The age of the request; minus infinity as long as there is none."""
        return time.monotonic() - self._requested_at

    def check(self) -> None:
        """Raise `StopRequested` when the run should end."""
        if self.requested:
            raise StopRequested


def call_interruptibly(token: StopToken, action: Callable[[], Result]) -> Result:
    """Wait for `action`, which may block on a service, but no longer than until a stop is requested.

    Raises:
        StopRequested: a stop was requested first.
        Exception: whatever `action` raised.
    """
    return call_while(token.check, action)


def call_while(check: Callable[[], None], action: Callable[[], Result]) -> Result:
    """Wait for `action` until `check`, which is called again and again meanwhile, raises.

    The action runs in a thread of its own, which is then abandoned: the process ends soon.

    Raises:
        Exception: whatever `check` or `action` raised.
    """
    outcome: list[tuple[Result | None, BaseException | None]] = []

    def run() -> None:
        try:
            outcome.append((action(), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=run, name="call-while", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_CHECK_EVERY_S)
        if thread.is_alive():
            check()
    result, error = outcome[0]
    if error is not None:
        raise error
    return cast(Result, result)


@contextmanager
def stop_on_signals(token: StopToken) -> Iterator[None]:
    """Let SIGTERM and SIGINT request a stop through `token`; restore the old handlers on leaving.

    A second Ctrl+C kills the process as usual, for whoever does not want to wait.
    """

    def handle(signum: int, _frame: FrameType | None) -> None:
        if signum == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        token.request(signal.Signals(signum).name, SIGNAL_EXIT_CODES[signal.Signals(signum)])

    previous = {signum: signal.signal(signum, handle) for signum in SIGNAL_EXIT_CODES}
    try:
        yield
    finally:
        for signum, handler in previous.items():
            signal.signal(signum, handler)
