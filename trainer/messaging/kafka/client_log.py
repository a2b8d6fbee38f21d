"""librdkafka's own log, as part of ours.

A client that cannot connect logs the same error every second and for every broker thread, so repetitions are
left out for a while.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

REPEAT_AFTER_S = 30.0

_log = logging.getLogger("gnn_trainer.kafka")
_MAX_REMEMBERED = 200
_VARYING = re.compile(r"\[[^\]]*\]:?|\(after .*|\S+/(bootstrap|\d+): |GroupCoordinator: ")


class RepeatFilter(logging.Filter):
    """Lets a line pass when no similar one did for a while; client, thread and durations are ignored."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with no lines."""
        super().__init__()
        self._clock = clock
        self._logged_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log the line."""
        now = self._clock()
        text = _VARYING.sub("", record.getMessage())
        if now - self._logged_at.get(text, float("-inf")) < REPEAT_AFTER_S:
            return False
        if len(self._logged_at) >= _MAX_REMEMBERED:
            self._logged_at.clear()
        self._logged_at[text] = now
        return True


_log.addFilter(RepeatFilter())


class ClientLog:
    """The logger of a librdkafka client, which calls `log` from within `poll`."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        """Pass every line to `on_line` too, also those that the log leaves out."""
        self._on_line = on_line

    def log(self, level: int, template: str, *values: object) -> None:
        """Write a line of librdkafka's; those for debugging are only looked through for reasons."""
        self._on_line(template % values)
        if level > logging.DEBUG:
            _log.log(level, template, *values)
