"""How much memory this process holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import clean_environment

TAKE_AND_GIVE_BACK = """
from trainer.process.footprint import current_bytes, peak_bytes
before = current_bytes()
taken = bytearray(200_000_000)
del taken
print(peak_bytes() - before, current_bytes() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say")
def test_the_peak_remembers_what_was_given_back() -> None:
    """And is of this process alone, not of the one that started it, which holds more."""
    held = bytearray(500_000_000)
    done = subprocess.run(
        [sys.executable, "-c", TAKE_AND_GIVE_BACK],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    peak, current = map(int, done.stdout.split())
    assert 190_000_000 < peak < 300_000_000
    assert current < 50_000_000
    assert len(held) == 500_000_000
