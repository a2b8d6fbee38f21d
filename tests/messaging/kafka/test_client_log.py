"""librdkafka's complaints in our log."""

from __future__ import annotations

import logging

import pytest

from trainer.messaging.kafka.client_log import REPEAT_AFTER_S, ClientLog, RepeatFilter

FIRST = "[a#producer-1] [thrd:h:1/bootstrap]: h:1/bootstrap: Connect to ipv4#10.0.0.1:1 failed: refused (after 0ms in state CONNECT)"
AGAIN = "[a#consumer-2] [thrd:h:1/1]: h:1/1: Connect to ipv4#10.0.0.1:1 failed: refused (after 9ms in state CONNECT, 3 identical error(s) suppressed)"
OTHER = "[a#producer-1] [thrd:h:1/1]: h:1/1: Connect to ipv4#10.0.0.2:1 failed: refused (after 0ms in state CONNECT)"


def record(text: str) -> logging.LogRecord:
    """A line of the log."""
    return logging.LogRecord("gnn_trainer.kafka", logging.ERROR, "", 0, text, None, None)


def test_a_complaint_is_said_once_in_a_while() -> None:
    """The same trouble of another client, thread and duration is not repeated before its time."""
    now = [0.0]
    lines = RepeatFilter(lambda: now[0])
    assert lines.filter(record(FIRST))
    assert not lines.filter(record(AGAIN))
    now[0] = REPEAT_AFTER_S
    assert lines.filter(record(AGAIN))


def test_another_complaint_is_said() -> None:
    """Trouble with another address is news."""
    lines = RepeatFilter()
    assert lines.filter(record(FIRST))
    assert lines.filter(record(OTHER))


def test_what_is_not_repeated_is_still_noticed(caplog: pytest.LogCaptureFixture) -> None:
    """Every line reaches whoever looks for reasons, also when the log has had it."""
    noticed: list[str] = []
    log = ClientLog(noticed.append)
    for _ in range(3):
        log.log(logging.ERROR, "%s [%s] %s", "FAIL", "x#producer-1", "a complaint of this test alone")
    assert noticed == ["FAIL [x#producer-1] a complaint of this test alone"] * 3
    assert len(caplog.records) == 1
