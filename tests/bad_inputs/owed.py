"""What every refusal owes its user."""

from __future__ import annotations

from tests.conftest import Ended

SETTINGS, DATA = 2, 3


def says_error_once(ended: Ended, exit_code: int) -> None:
    last = [event for event in ended.events if event["finished"]]
    assert [(event["status"], event["error_code"]) for event in last] == [("error", exit_code)]
    assert ended.events[-1] == last[0]
    assert ended.last_error_line == f"gnn-trainer: {last[0]['error_message']}"
