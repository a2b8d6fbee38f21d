"""Which buses the events of a run go to, where its commands come from, and what its log looks like."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from trainer.events import Event
from trainer.messaging.bus import Bus
from trainer.messaging.kafka import patience
from trainer.messaging.stop_memory import StopMemory
from trainer.messaging.telemetry import Telemetry
from trainer.messaging.throttle import ThrottledBus
from trainer.process.stop import StopToken
from trainer.settings.groups.kafka import KafkaSettings
from trainer.settings.groups.log import LogSettings
from trainer.settings.groups.queue import QueueSettings

if TYPE_CHECKING:
    from rich.console import Console

    from trainer.messaging.kafka.control import KafkaControl


def is_text(log: LogSettings, stream: TextIO | None = None) -> bool:
    """Whether a person reads a stream, standard output without one, rather than a log collector."""
    return log.log_format == "text" or (log.log_format == "auto" and (stream or sys.stdout).isatty())


def open_log(log: LogSettings, stream: TextIO | None = None, rank: int | None = None) -> Bus:
    """Set up the log on a stream, standard output without one.

    The bus shows events in it: drawn for a person, as JSON lines for everybody else. With a rank each line says it.
    """
    stream = stream or sys.stdout
    if is_text(log, stream):
        return _open_text(log.log_level, stream, "" if rank is None else f"rank {rank}: ")
    return _open_json(log.log_level, stream, {} if rank is None else {"rank": rank})


def open_bus(log: LogSettings, kafka: KafkaSettings, client_id: str, stop: StopToken) -> Bus:
    """The log, and Kafka where it is set; see `open_log` and `KafkaBus`."""
    shown = open_log(log)
    if kafka.kafka_bootstrap_servers is None:
        return shown
    from trainer.messaging.kafka.bus import KafkaBus

    return Buses(shown, ThrottledBus(KafkaBus(kafka, client_id, stop)))


def warn_of(doubts: Iterable[str]) -> None:
    """Say what may be another thing than was meant, once, in the log that is open now."""
    for doubt in doubts:
        logging.getLogger("gnn_trainer").warning(doubt)


class Commands:
    """The commands to a run without Kafka: there are none."""

    def wait_ready(self) -> None:
        """Wait until every command sent so far has been read.

        Raises:
            ServiceError: the control topic cannot be read.
        """

    def remember_stops(self) -> None:
        """Let the queue's next run know the stops that this one has obeyed; call it after the terminal event."""


class _KafkaCommands(Commands):
    def __init__(self, control: KafkaControl) -> None:
        self._control = control

    def wait_ready(self) -> None:
        self._control.wait_ready(patience.READY_TIMEOUT_S)

    def remember_stops(self) -> None:
        self._control.remember_stops()


@contextmanager
def open_control(
    kafka: KafkaSettings, queue: QueueSettings, stop: StopToken, telemetry: Telemetry, memory: StopMemory
) -> Iterator[Commands]:
    """Receive commands during the `with` block, where Kafka is set."""
    if kafka.kafka_bootstrap_servers is None:
        yield Commands()
        return
    from trainer.messaging.kafka.control import KafkaControl

    control = KafkaControl(kafka, queue, stop, lambda ping: telemetry.pong(ping.sent_at), memory)
    control.start()
    try:
        yield _KafkaCommands(control)
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


def _open_json(log_level: str, stream: TextIO, more: dict[str, object]) -> Bus:
    from trainer.messaging.log import LogBus
    from trainer.messaging.log_lines import JsonLines

    formatter = JsonLines(
        "%(levelname)s %(name)s %(message)s",
        rename_fields={"levelname": "level", "name": "logger"},
        timestamp=True,
        json_ensure_ascii=False,
        static_fields=more,
    )
    _set_up_logging(log_level, logging.StreamHandler(stream), formatter)
    return ThrottledBus(LogBus())


def _open_text(log_level: str, stream: TextIO, prefix: str) -> Bus:
    from rich.logging import RichHandler

    from trainer.messaging.log_lines import TextLines
    from trainer.messaging.terminal import LineBus, TerminalBus

    console = open_console(stream)
    if console.is_terminal:
        _set_up_logging(log_level, RichHandler(console=console, show_path=False), TextLines(f"{prefix}%(message)s"))
        return TerminalBus(console)
    lines = TextLines(f"%(asctime)s %(levelname)s {prefix}%(message)s")
    _set_up_logging(log_level, logging.StreamHandler(stream), lines)
    return ThrottledBus(LineBus(console))


def open_console(stream: TextIO | None = None) -> Console:
    """A stream for a person, standard output without one."""
    from trainer.messaging.console import PlainConsole

    return PlainConsole(stream or sys.stdout)


def _set_up_logging(log_level: str, handler: logging.Handler, formatter: logging.Formatter) -> None:
    handler.setFormatter(formatter)
    logging.basicConfig(level=log_level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # a reader of the log that went away is no reason to print tracebacks
