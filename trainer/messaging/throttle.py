"""At most one progress event a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from trainer.events import Event, Loading, Training
from trainer.messaging.bus import Bus

INTERVAL_S = 1.0


class ThrottledBus:
    """Forwards at most one progress event a second, and everything else at once.

    The first and the last epoch always pass: an epoch that was held back is published before the event
    that ends the training.
    """

    def __init__(self, bus: Bus, clock: Callable[[], float] = time.monotonic) -> None:
        """Throttle the events to `bus`."""
        self._bus = bus
        self._clock = clock
        self._last: dict[type[Event], float] = {}
        self._held_back: Training | None = None

    def publish(self, event: Event) -> None:
        """See `Bus.publish`."""
        if isinstance(event, Loading | Training):
            elapsed = self._clock() - self._last.get(type(event), float("-inf"))
            if elapsed < INTERVAL_S and not (isinstance(event, Training) and event.epoch in (1, event.epochs)):
                self._held_back = event if isinstance(event, Training) else None
                return
            self._last[type(event)] = self._clock()
        elif self._held_back is not None:
            self._bus.publish(self._held_back)
        self._held_back = None
        self._bus.publish(event)

    def close(self) -> None:
        """See `Bus.close`."""
        self._bus.close()
