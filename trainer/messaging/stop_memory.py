"""The stops that earlier runs of the queue have obeyed, read when one is found that may be among them.

The record is written after the terminal event: a process that dies in between obeys the stop once more, and no stop is
lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from trainer.errors import TrainerError
from trainer.queue.stops import ObeyedStops, StopMark

_log = logging.getLogger("gnn_trainer.messaging")


class StopMemory:
    """Remembers obeyed stops in the store of the queue."""

    def __init__(self, queue_id: str, read: Callable[[], bytes | None], write: Callable[[bytes], None]) -> None:
        """Nothing is read yet.

        Args:
            queue_id: whose stops.
            read: the record in the store, None when there is none; may raise `TrainerError`.
            write: store the record; may raise `TrainerError`.
        """
        self._queue_id = queue_id
        self._read, self._write = read, write
        self._obeyed: ObeyedStops | None = None

    def holds(self, stop: StopMark) -> bool:
        """Whether an earlier run has obeyed this stop; not, when nobody can tell, for a stop must not be lost."""
        try:
            return self._load().cover(stop)
        except TrainerError as error:
            _log.warning("Whether a stop command was obeyed before cannot be read, so it is obeyed: %s", error)
            return False

    def remember(self, stops: list[StopMark]) -> None:
        """Store that these stops were obeyed."""
        if not stops:
            return
        try:
            self._write(self._load().with_marks(stops).to_json())
        except TrainerError as error:
            _log.warning(
                "That the stop command was obeyed could not be stored: a run of this queue that starts within ten"
                " minutes without a newer JOB_TIMESTAMP obeys it again. %s",
                error,
            )

    def _load(self) -> ObeyedStops:
        if self._obeyed is None:
            self._obeyed = ObeyedStops.from_json(self._read(), self._queue_id)
        return self._obeyed
