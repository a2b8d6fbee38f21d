"""Events as lines of the log."""

from __future__ import annotations

import logging

from trainer.events import Event, Failed

_log = logging.getLogger("gnn_trainer.events")


class LogBus:
    """Writes each event to the log, whole, under the key `event`."""

    def publish(self, event: Event) -> None:
        """See `Bus.publish`."""
        level = logging.ERROR if isinstance(event, Failed) else logging.INFO
        _log.log(level, event.message, extra={"event": event.fields()})

    def close(self) -> None:
        """See `Bus.close`."""
