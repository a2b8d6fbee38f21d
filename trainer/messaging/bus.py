"""Where the events of a run go: the port; `open.py` chooses the adapters."""

from __future__ import annotations

from typing import Protocol

from trainer.events import Event


class Bus(Protocol):
    """A sink of events."""

    def publish(self, event: Event) -> None:
        """Send an event.

        Progress never raises and never blocks; `started` and the terminal event are delivered when this returns.

        Raises:
            ServiceError: `started` or the terminal event could not be delivered in time.
        """

    def close(self) -> None:
        """Deliver what is still in flight, within a time limit."""
