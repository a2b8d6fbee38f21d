"""A moment means the same in every unit, whoever sends it."""

from __future__ import annotations

import pytest

from tests.settings.conftest import Load
from tests.settings.test_problems import refusal
from trainer.queue.command import Stop, parse_command

MOMENT = {
    "s": "1717200000.123457",
    "ms": "1717200000123.457",
    "us": "1717200000123457",
    "ns": "1717200000123457000",
}


@pytest.mark.parametrize("ordered", MOMENT)
@pytest.mark.parametrize("sent", MOMENT)
def test_a_stop_of_the_very_moment_counts_in_every_unit(load: Load, ordered: str, sent: str) -> None:
    """JOB_TIMESTAMP and the command are divided exactly, so that neither seems to be the older one."""
    since = load(environ={"JOB_TIMESTAMP": MOMENT[ordered]}).queue.job_timestamp
    command = parse_command(f'{{"command": "stop", "queue_id": "q", "timestamp": {MOMENT[sent]}}}')
    assert isinstance(command, Stop)
    assert since == command.timestamp == 1717200000.123457
    assert command.concerns("q", None, since)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("1717200000", 1717200000.0), ("1.7172e9", 1717200000.0), (" 1717200000001 ", 1717200000.001), ("1", 1.0)],
)
def test_moments_are_numbers_in_any_spelling(load: Load, given: str, seconds: float) -> None:
    """Whole, with an exponent, with blanks around."""
    assert load(environ={"JOB_TIMESTAMP": given}).queue.job_timestamp == seconds


@pytest.mark.parametrize(
    "given", ["0", "-1717200000", "nan", "inf", "1e400", "1e-400", "2024-06-01T00:00:00Z", "1" * 30, "1" * 9000, "true"]
)
def test_what_is_no_moment_is_refused(load: Load, given: str) -> None:
    """Rather than taken for a time that no command is older than."""
    assert "JOB_TIMESTAMP" in refusal(load, environ={"JOB_TIMESTAMP": given})
