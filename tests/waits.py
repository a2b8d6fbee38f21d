"""How long a test waits for what must come, and how long the program may wait in a test."""

from __future__ import annotations

import os

import pytest

LONG_S = 300.0
"""Seconds that only something that hangs takes: how busy a machine is must not decide."""
FOREVER_S = 3600.0
"""Seconds of a silence, or of a patience, that nothing must wait for: longer than the time-out of a test."""
_USUAL_LOAD = 3.0
"""Processes for each CPU that want to compute where a machine runs these tests and nothing else."""


def unhurried(seconds: float) -> float:
    """A limit within which the program has work to do: what would be enough on a machine that does nothing else, stretched.

    A machine with twice as many processes for each CPU gives the program half the time. Where nothing has to be done within
    a limit, it need not be stretched: that it passes is only seen later.
    """
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1) / _USUAL_LOAD)


def retries(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged of further tries: none where the first answer is final."""
    return [message for message in caplog.messages if message.startswith("Trying again in")]
