"""One request to stop: the first reason wins, and signal handlers are restored."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from tests.conftest import ROOT, clean_environment
from tests.waits import LONG_S
from trainer.process import stop
from trainer.process.stop import STOP_COMMAND, StopRequested, StopToken, call_interruptibly, stop_on_signals

SIGNALS = {signal.SIGTERM: ("SIGTERM", 143), signal.SIGINT: ("SIGINT", 130)}


def test_nothing_is_requested_at_first() -> None:
    """A fresh token lets the run go."""
    token = StopToken()
    token.check()
    assert (token.requested, token.reason, token.exit_code) == (False, None, 0)


def test_request_ends_the_run() -> None:
    """`check` leaves the phase; the reason and the exit code are kept."""
    token = StopToken()
    token.request(STOP_COMMAND)
    with pytest.raises(StopRequested):
        token.check()
    assert (token.requested, token.reason, token.exit_code) == (True, "stop command", 0)


def test_first_reason_wins() -> None:
    """A SIGTERM that follows a stop command changes neither reason nor exit code, nor the other way round."""
    token = StopToken()
    token.request("SIGTERM", 143)
    token.request(STOP_COMMAND)
    token.request("SIGINT", 130)
    assert (token.reason, token.exit_code) == ("SIGTERM", 143)


@pytest.mark.parametrize("signum", SIGNALS)
def test_signal_requests_a_stop(signum: signal.Signals) -> None:
    """SIGTERM and SIGINT end the run the normal way, each with its exit code."""
    token = StopToken()
    with stop_on_signals(token):
        os.kill(os.getpid(), signum)
    assert (token.reason, token.exit_code) == SIGNALS[signum]


def test_first_signal_wins() -> None:
    """Ctrl+C after SIGTERM is too late to be the reason."""
    token = StopToken()
    with stop_on_signals(token):
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
    assert (token.reason, token.exit_code) == ("SIGTERM", 143)


@pytest.mark.parametrize("ending", ["well", "badly", "by a signal"])
def test_handlers_are_restored(ending: str) -> None:
    """Whatever happens inside, the handlers are the old ones afterwards, and SIGINT's too."""
    before = {signum: signal.getsignal(signum) for signum in SIGNALS}
    inside = {}
    try:
        with stop_on_signals(StopToken()):
            inside = {signum: signal.getsignal(signum) for signum in SIGNALS}
            if ending == "badly":
                raise RuntimeError
            if ending == "by a signal":
                os.kill(os.getpid(), signal.SIGINT)
    except RuntimeError:
        assert ending == "badly"
    assert {signum: signal.getsignal(signum) for signum in SIGNALS} == before
    assert all(inside[signum] != before[signum] for signum in SIGNALS)


def test_a_result_that_is_there_is_not_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop that comes while an action ends is left to whoever looks next: what was done counts."""
    monkeypatch.setattr(stop, "_CHECK_EVERY_S", 30)
    token = StopToken()

    def action() -> str:
        threading.Event().wait(0.1)  # until it is waited for
        token.request(STOP_COMMAND)
        return "done"

    assert call_interruptibly(token, action) == "done"


def test_an_action_that_takes_its_time_is_left_behind() -> None:
    """A stop does not wait for an answer that may never come."""
    token, released = StopToken(), threading.Event()

    def action() -> None:
        token.request(STOP_COMMAND)
        released.wait()

    try:
        with pytest.raises(StopRequested):
            call_interruptibly(token, action)
    finally:
        released.set()


def test_error_of_an_action_is_raised() -> None:
    """As if it had been called here."""

    def action() -> None:
        raise KeyError("nothing of this name")

    with pytest.raises(KeyError, match="nothing of this name"):
        call_interruptibly(StopToken(), action)


def test_second_interrupt_kills() -> None:
    """Who presses Ctrl+C twice does not want to wait."""
    code = (
        "import os, signal\n"
        "from trainer.process.stop import StopToken, stop_on_signals\n"
        "token = StopToken()\n"
        "with stop_on_signals(token):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print(token.reason, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('still here', flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("SIGINT\n", -signal.SIGINT)
