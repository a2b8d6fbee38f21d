"""librdkafka's own log, as part of ours.

A client that cannot connect repeats its complaint every second and for every broker thread, so what was
said a moment ago is not said again.
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
    """Lets a line pass when no similar one did for a while; client, thread and durations make no difference."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Remember nothing yet."""
        super().__init__()
        self._clock = clock
        self._said_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log the line."""
        now = self._clock()
        text = _VARYING.sub("", record.getMessage())
        if now - self._said_at.get(text, float("-inf")) < REPEAT_AFTER_S:
            return False
        if len(self._said_at) >= _MAX_REMEMBERED:
            self._said_at.clear()
        self._said_at[text] = now
        return True


_log.addFilter(RepeatFilter())


class ClientLog:
    """What a librdkafka client takes for its logger; it calls `log` from within `poll`."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        """Pass every line to `on_line` too, also those that are not repeated in the log."""
        self._on_line = on_line

    def log(self, level: int, template: str, *values: object) -> None:
        """Write a line of librdkafka's."""
        self._on_line(template % values)
        _log.log(level, template, *values)
