"""Says once that the commands of a run are not heard, and once that they are again."""

from __future__ import annotations

import logging
import time

from trainer.messaging.kafka import patience
from trainer.messaging.kafka.failures import Failures

_log = logging.getLogger("gnn_trainer.messaging")


class Hearing:
    """Whether commands are heard, once they were."""

    def __init__(self, failures: Failures) -> None:
        """Everything is well; `failures` knows the reason when it is not."""
        self._failures = failures
        self._lost_at: float | None = None
        self._is_said = False

    @property
    def is_lost(self) -> bool:
        """Whether it has to be proved that commands are heard."""
        return self._lost_at is not None

    def lose(self) -> None:
        """Something failed."""
        now = time.monotonic()
        if self._lost_at is None:
            self._lost_at = now
        if not self._is_said and (self._failures.is_refusal or now - self._lost_at >= patience.DEAF_AFTER_S):
            self._is_said = True
            _log.warning(
                "Commands are not heard until this is over, a stop command neither: %s", self._failures.error()
            )

    def regain(self) -> None:
        """The topic was read to its end."""
        self._failures.clear()
        if self._is_said:
            _log.warning("Commands are heard again")
        self._lost_at, self._is_said = None, False
