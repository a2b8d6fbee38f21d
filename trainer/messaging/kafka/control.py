"""Commands on `queue-control`: a thread that receives `stop` and `ping` during the run.

The topic is shared by all queues. Whatever else arrives there, however broken, changes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, KafkaError, KafkaException, Message

from trainer.messaging.kafka.client_log import ClientLog
from trainer.messaging.kafka.config import ClientConfig, client_config
from trainer.messaging.kafka.failures import Failures
from trainer.messaging.kafka.partitions import ControlPartitions
from trainer.process.stop import STOP_COMMAND, StopToken
from trainer.queue.command import BrokenCommandError, Command, Ping, Stop, parse_command
from trainer.settings.groups.kafka import KafkaSettings
from trainer.settings.groups.queue import QueueSettings

LOOK_BACK_S = 600.0
"""How far back commands count when JOB_TIMESTAMP is not set."""
REFRESH_S = 30.0
"""How often new partitions are discovered."""
CLOSE_TIMEOUT_S = 2.0

_POLL_S = 0.1
_RETRY_S = 0.3

_log = logging.getLogger("gnn_trainer.messaging")


class KafkaControl:
    """Dispatches the commands to one run: a stop to the token, a ping to a callback."""

    def __init__(
        self, kafka: KafkaSettings, queue: QueueSettings, stop: StopToken, on_ping: Callable[[Ping], None]
    ) -> None:
        """Receive the commands to the run of this queue; `on_ping` is called in the thread that reads."""
        self._kafka = kafka
        self._queue = queue
        self._stop = stop
        self._on_ping = on_ping
        self._since_s = queue.job_timestamp or time.time() - LOOK_BACK_S
        self._failures = Failures(kafka, "QUEUE_CONTROL_TOPIC", "read")
        self._late_ping: Ping | None = None
        self._has_warned = False
        self._is_closing = False
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to read, in a thread.

        Raises:
            ServiceError: the configuration is unusable, such as a CA file that cannot be read.
        """
        try:
            consumer = Consumer(
                _consumer_config(self._kafka, self._queue),
                error_cb=self._failures.note,
                logger=ClientLog(self._failures.note_line),
            )
        except KafkaException as error:
            raise self._failures.unusable_config(error.args[0]) from None
        self._thread = threading.Thread(target=self._watch, args=(consumer,), name="kafka-control", daemon=True)
        self._thread.start()

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until every command sent so far has been read; a requested stop ends the wait.

        Raises:
            ServiceError: the topic cannot be read; a refusal at once, no answer after `timeout_s`.
        """
        deadline = time.monotonic() + timeout_s
        while not self._ready.wait(_POLL_S) and not self._stop.requested:
            if self._failures.is_refusal or time.monotonic() >= deadline:
                raise self._failures.error()

    def close(self) -> None:
        """Stop reading, within a bound."""
        self._is_closing = True
        if self._thread is not None:
            self._thread.join(CLOSE_TIMEOUT_S)

    def _watch(self, consumer: Consumer) -> None:
        partitions = ControlPartitions(consumer, self._kafka.queue_control_topic, self._since_s)
        refresh_at = 0.0
        while not self._is_closing:
            try:
                if time.monotonic() >= refresh_at:
                    try:
                        partitions.refresh()
                    finally:
                        refresh_at = time.monotonic() + (REFRESH_S if partitions.assigned else _RETRY_S)
                self._read(consumer, partitions)
            except KafkaException as error:
                self._failures.note(error.args[0])
            except Exception:
                # A defect in the handling of one message must not stop the thread that receives the next.
                _log.exception("A command could not be handled")
        consumer.close()

    def _read(self, consumer: Consumer, partitions: ControlPartitions) -> None:
        message = consumer.poll(_POLL_S)
        if message is None:
            return
        error = message.error()
        if error is None:
            partitions.passed(message.partition() or 0, message.offset() or 0)
            self._handle(message)
        elif error.code() == KafkaError._PARTITION_EOF:
            partitions.reached_end(message.partition() or 0)
        else:
            self._failures.note(error)
        if partitions.caught_up and not self._ready.is_set():
            self._failures.clear()
            self._ready.set()
            self._answer_late_ping()

    def _handle(self, message: Message) -> None:
        timestamp_type, timestamp_ms = message.timestamp()
        recorded_at_s = None if timestamp_type == TIMESTAMP_NOT_AVAILABLE else timestamp_ms / 1000
        is_old = recorded_at_s is not None and recorded_at_s < self._since_s
        try:
            command = parse_command(message.value(), recorded_at_s)
        except BrokenCommandError as error:
            if not is_old and not self._has_warned:
                self._has_warned = True
                _log.warning("Ignored: %s; further ones are not mentioned", error)
            return
        self._dispatch(command, is_old)

    def _dispatch(self, command: Command | None, is_old: bool) -> None:
        queue_id, telemetry_id = self._queue.queue_id, self._queue.telemetry_producer_id
        if isinstance(command, Stop) and command.concerns(queue_id, telemetry_id, self._since_s):
            self._stop.request(STOP_COMMAND)
        elif isinstance(command, Ping) and not is_old and command.concerns(queue_id, telemetry_id):
            if self._ready.is_set():
                self._on_ping(command)
            else:
                self._late_ping = command

    def _answer_late_ping(self) -> None:
        # A restarted pod finds the pings of hours; one answer is enough.
        if self._late_ping is not None:
            self._on_ping(self._late_ping)


def _consumer_config(kafka: KafkaSettings, queue: QueueSettings) -> ClientConfig:
    config = client_config(kafka, queue.telemetry_producer_id)
    config |= {
        "group.id": f"gnn-trainer-{queue.queue_id}-{uuid.uuid4().hex[:12]}",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",  # where retention has deleted our offset, commands are filtered by time
    }
    return config
