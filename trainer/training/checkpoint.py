"""When the state of a training is stored: every so often, off the training thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from trainer.errors import ServiceError
from trainer.training.state import TrainingState

_log = logging.getLogger("gnn_trainer")


class Checkpointer:
    """Stores states one at a time."""

    def __init__(
        self,
        put: Callable[[bytes], None],
        every_s: float,
        fingerprint: str,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Hand serialised states of the run with this fingerprint and these settings to `put`."""
        self._put, self._every_s, self._fingerprint, self._settings = put, every_s, fingerprint, settings
        self._last = time.monotonic()
        self._writer: threading.Thread | None = None
        self._has_warned = False
        self._failure: Exception | None = None

    def offer(self, make_state: Callable[[], TrainingState]) -> None:
        """Store a state when it is time for one and no other is being stored."""
        self._raise_failure()
        busy = self._writer is not None and self._writer.is_alive()
        if busy or time.monotonic() - self._last < self._every_s:
            return
        self._last = time.monotonic()
        self._writer = threading.Thread(target=self._write, args=(make_state(),), name="checkpoint", daemon=True)
        self._writer.start()

    def put_now(self, state: TrainingState) -> None:
        """Store a state and wait until it is there."""
        self.wait()
        self._write(state)
        self._raise_failure()

    def wait(self) -> None:
        """Wait until the state that is being stored is there."""
        if self._writer is not None:
            self._writer.join()
        self._raise_failure()

    def _write(self, state: TrainingState) -> None:
        try:
            self._put(state.to_bytes(self._fingerprint, self._settings))
        except ServiceError as error:
            if not self._has_warned:
                _log.warning(f"A checkpoint could not be stored; training goes on without: {error}")
            self._has_warned = True
        except Exception as error:  # raised again on the training thread
            self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
