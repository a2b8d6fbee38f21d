"""What is done with each message of the control topic: nearly all of them are for others."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import NamedTuple

import orjson

from trainer.bounds import kafka as bounds
from trainer.bounds.bound import shown
from trainer.messaging.stop_memory import StopMemory
from trainer.process.stop import STOP_COMMAND, StopToken
from trainer.queue.command import BrokenCommandError, CommandFilter, Ping, Stop, parse_command
from trainer.queue.stops import StopMark
from trainer.settings.groups.queue import QueueSettings

_log = logging.getLogger("gnn_trainer.messaging")


class Received(NamedTuple):
    """A message and where it stood; `was_there` before we began to read."""

    value: bytes
    topic: str
    partition: int
    offset: int
    recorded_at_s: float | None
    was_there: bool


class Inbox:
    """Finds the commands to one run among all messages, and passes them on."""

    def __init__(
        self,
        queue: QueueSettings,
        since_s: float,
        stop: StopToken,
        on_ping: Callable[[Ping], None],
        memory: StopMemory | None,
    ) -> None:
        """See `KafkaControl`; what is older than `since_s` is not for us."""
        self.is_asking = False
        """Whether the store is being asked for obeyed stops, which may take a while."""
        self._queue = queue
        self._since_s = since_s
        self._stop = stop
        self._on_ping = on_ping
        self._memory = memory
        self._filter = CommandFilter(queue.queue_id, queue.telemetry_producer_id)
        self._received: list[StopMark] = []
        self._late_ping: Ping | None = None
        self._is_open = False
        self._has_warned = False

    def open(self) -> None:
        """Everything that was there has been taken: pings are answered from now on."""
        self._is_open = True
        # A restarted pod finds the pings of hours; one answer is enough.
        if self._late_ping is not None:
            self._on_ping(self._late_ping)

    def take(self, message: Received) -> None:
        """Look at one message."""
        recorded_at_s, since_s = message.recorded_at_s, self._since(message)
        is_old = recorded_at_s is not None and _is_before(recorded_at_s, since_s)
        if len(message.value) > bounds.LONGEST_COMMAND_BYTES:
            if not is_old and not self._has_warned:
                self._has_warned = True
                longest = shown(bounds.LONGEST_COMMAND_BYTES)
                _log.warning(
                    "Ignored: a message on queue-control of more than %s; further ones are not mentioned", longest
                )
            return
        if not self._filter.passes(message.value) and (self._has_warned or is_old or _is_json(message.value)):
            return
        try:
            command = parse_command(message.value, recorded_at_s)
        except BrokenCommandError as error:
            if not is_old and not self._has_warned:
                self._has_warned = True
                _log.warning("Ignored: %s; further ones are not mentioned", error)
            return
        queue_id, telemetry_id = self._queue.queue_id, self._queue.telemetry_producer_id
        if isinstance(command, Stop) and command.concerns(queue_id, telemetry_id):
            if not _is_too_old(command, recorded_at_s, since_s):
                self._obey(message)
            elif not message.was_there:
                _log.warning(
                    "A stop command to this run is passed over: its time lies before JOB_TIMESTAMP; compare the clocks of"
                    " their senders"
                )
        elif isinstance(command, Ping) and not is_old and command.concerns(queue_id, telemetry_id):
            if self._is_open:
                self._on_ping(command)
            else:
                self._late_ping = command

    def remember_stops(self) -> None:
        """Store which stops were received."""
        if self._memory is not None:
            self._memory.remember(list(self._received))

    def _since(self, message: Received) -> float:
        """What is older than this is not for us; what comes while we read is new, if only clocks say otherwise."""
        is_new = not message.was_there and self._queue.job_timestamp is None
        return -math.inf if is_new else self._since_s

    def _obey(self, message: Received) -> None:
        mark = StopMark(
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            timestamp=message.recorded_at_s or 0.0,
        )
        if message.was_there and self._memory is not None:
            self.is_asking = True
            try:
                was_obeyed = self._memory.holds(mark)
            finally:
                self.is_asking = False
            if was_obeyed:
                _log.info("A stop command that an earlier run of this queue has obeyed is passed over")
                return
        self._received.append(mark)
        self._stop.request(STOP_COMMAND)


def _is_too_old(stop: Stop, recorded_at_s: float | None, since_s: float) -> bool:
    if stop.timestamp is None:
        return False
    if stop.timestamp == recorded_at_s:  # it has no time of its own
        return _is_before(stop.timestamp, since_s)
    return stop.timestamp < since_s


def _is_before(recorded_at_s: float, since_s: float) -> bool:
    """Whether a record is older; Kafka dates records in whole milliseconds, so one of the same millisecond is not."""
    return math.isfinite(since_s) and round(recorded_at_s * 1000) < math.floor(since_s * 1000)


def _is_json(value: bytes) -> bool:
    """A quick look at what cannot be ours, only to say once that something on the topic is broken."""
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    return True
