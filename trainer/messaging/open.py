"""Which bus the events of a run go to, and how the log looks beside it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trainer.events import Bus, Event, Telemetry
from trainer.messaging.throttle import ThrottledBus
from trainer.process.stop import StopToken
from trainer.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console

_READY_TIMEOUT_S = 20.0
"""How long the control topic may take to be read."""


def is_text(settings: Settings) -> bool:
    """Whether a person reads the output, rather than a log collector."""
    return settings.log_format == "text" or (settings.log_format == "auto" and sys.stdout.isatty())


def open_bus(settings: Settings, stop: StopToken) -> Bus:
    """The terminal for a person, the log for everybody else, and Kafka where it is set; also sets up the log."""
    shown = _open_text(settings) if is_text(settings) else _open_json(settings)
    if settings.kafka_bootstrap_servers is None:
        return shown
    from trainer.messaging.kafka.bus import KafkaBus

    return Buses(shown, ThrottledBus(KafkaBus(settings, stop)))


@contextmanager
def open_control(settings: Settings, stop: StopToken, telemetry: Telemetry) -> Iterator[Callable[[], None]]:
    """Listen for commands while the `with` block runs, where Kafka is set.

    Gives a function that waits until commands are heard; it raises `ServiceError` when the topic cannot be read.
    """
    if settings.kafka_bootstrap_servers is None:
        yield lambda: None
        return
    from trainer.messaging.kafka.control import KafkaControl

    control = KafkaControl(settings, stop, lambda ping: telemetry.pong(ping.sent_at))
    control.start()
    try:
        yield lambda: control.wait_ready(_READY_TIMEOUT_S)
    finally:
        control.close()


class Buses:
    """Several buses as one."""

    def __init__(self, *buses: Bus) -> None:
        """Pass everything to each of `buses`, in this order."""
        self._buses = buses

    def publish(self, event: Event) -> None:
        """See `Bus.publish`."""
        for bus in self._buses:
            bus.publish(event)

    def close(self) -> None:
        """See `Bus.close`."""
        for bus in self._buses:
            bus.close()


def _open_json(settings: Settings) -> Bus:
    from pythonjsonlogger.json import JsonFormatter

    from trainer.messaging.log import LogBus

    formatter = JsonFormatter(
        "%(levelname)s %(name)s %(message)s",
        rename_fields={"levelname": "level", "name": "logger"},
        timestamp=True,
        json_ensure_ascii=False,
    )
    _set_up_logging(settings, logging.StreamHandler(sys.stdout), formatter)
    return ThrottledBus(LogBus())


def _open_text(settings: Settings) -> Bus:
    from rich.logging import RichHandler

    from trainer.messaging.terminal import LineBus, TerminalBus

    console = open_console()
    if console.is_terminal:
        _set_up_logging(settings, RichHandler(console=console, show_path=False), logging.Formatter("%(message)s"))
        return TerminalBus(console)
    lines = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    _set_up_logging(settings, logging.StreamHandler(sys.stdout), lines)
    return ThrottledBus(LineBus(console))


def open_console() -> Console:
    """Standard output for a person."""
    from rich.console import Console

    return Console(file=sys.stdout)


def _set_up_logging(settings: Settings, handler: logging.Handler, formatter: logging.Formatter) -> None:
    handler.setFormatter(formatter)
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # a reader of the log that went away is no reason to spill tracebacks
