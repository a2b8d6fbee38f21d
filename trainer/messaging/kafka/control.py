"""Commands on `queue-control`: a thread that receives `stop` and `ping` during the run.

The topic is shared by all queues. Whatever else arrives there, however broken and however much, changes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, KafkaError, KafkaException, Message

from trainer.bounds import kafka as bounds
from trainer.messaging.kafka import patience
from trainer.messaging.kafka.client_log import ClientLog
from trainer.messaging.kafka.config import ClientConfig, client_config
from trainer.messaging.kafka.failures import Failures
from trainer.messaging.kafka.hearing import Hearing
from trainer.messaging.kafka.inbox import Inbox, Received
from trainer.messaging.kafka.partitions import ControlPartitions
from trainer.messaging.kafka.raised import RAISED, error_in
from trainer.messaging.kafka.topic_identity import TopicLook
from trainer.messaging.stop_memory import StopMemory
from trainer.process.stop import StopToken
from trainer.queue.command import Ping
from trainer.settings.groups.kafka import KafkaSettings
from trainer.settings.groups.queue import QueueSettings

LOOK_BACK_S = 600.0
"""How far back commands count when JOB_TIMESTAMP is not set."""

_FIRST_BATCH, _BATCH = 16, 1000
_AHEAD_S = 600.0
"""A JOB_TIMESTAMP so far ahead of our clock is no difference between two clocks."""

_log = logging.getLogger("gnn_trainer.messaging")


class KafkaControl:
    """Dispatches the commands to one run: a stop to the token, a ping to a callback."""

    def __init__(
        self,
        kafka: KafkaSettings,
        queue: QueueSettings,
        stop: StopToken,
        on_ping: Callable[[Ping], None],
        memory: StopMemory | None = None,
    ) -> None:
        """Receive the commands to the run of this queue; `on_ping` is called in the thread that reads.

        Args:
            kafka: the brokers and topics.
            queue: whose commands.
            stop: told of a stop command.
            on_ping: told of a ping.
            memory: knows the stops that earlier runs have obeyed; without one, every stop counts.
        """
        self._kafka = kafka
        self._queue = queue
        self._stop = stop
        self._since_s = queue.job_timestamp or time.time() - LOOK_BACK_S
        self._failures = Failures(kafka, "QUEUE_CONTROL_TOPIC", "read")
        self._hearing = Hearing(self._failures)
        self._inbox = Inbox(queue, self._since_s, stop, on_ping, memory)
        self._progress_at = time.monotonic()
        self._look_at = 0.0
        self._batch = _FIRST_BATCH
        self._is_closing = False
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to read, in a thread.

        Raises:
            ServiceError: the configuration is unusable, such as a CA file that cannot be read.
        """
        self._warn_of_the_future()
        topic, client_id = self._kafka.queue_control_topic, self._queue.telemetry_producer_id
        try:
            look = TopicLook(self._kafka, topic, client_id, self._failures)
            consumer = Consumer(
                _consumer_config(self._kafka, self._queue),
                error_cb=self._failures.note,
                logger=ClientLog(self._failures.note_line),
            )
        except KafkaException as error:
            raise self._failures.unusable_config(error.args[0]) from None
        partitions = ControlPartitions(consumer, topic, self._since_s)
        watch = (consumer, partitions, look)
        self._thread = threading.Thread(target=self._watch, args=watch, name="kafka-control", daemon=True)
        self._thread.start()

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until every command sent so far has been read; a requested stop ends the wait.

        Raises:
            ServiceError: the topic cannot be read; a refusal at once, no progress after `timeout_s`.
        """
        self._progress_at = time.monotonic()
        while not self._ready.wait(patience.POLL_S) and not self._stop.requested:
            waited_s = time.monotonic() - self._progress_at
            if self._failures.is_refusal or (waited_s >= timeout_s and not self._inbox.is_asking):
                raise self._failures.error()

    def remember_stops(self) -> None:
        """Let the queue's next run know the stops that this one has received, so that they do not end that one too."""
        self._inbox.remember_stops()

    def close(self) -> None:
        """Stop reading, within a bound."""
        self._is_closing = True
        if self._thread is not None:
            self._thread.join(patience.CLOSE_TIMEOUT_S)

    def _warn_of_the_future(self) -> None:
        ahead_s = self._since_s - time.time()
        if ahead_s > _AHEAD_S:
            when = f"{ahead_s / 3600:,.1f} hours" if ahead_s < 1e15 else "ages"
            _log.warning(
                "JOB_TIMESTAMP=%s is %s in the future: stop commands from before that time are ignored, so none is"
                " obeyed until then; correct it, or the clock of this machine",
                f"{self._since_s:.3f}",
                when,
            )

    def _watch(self, consumer: Consumer, partitions: ControlPartitions, look: TopicLook) -> None:
        while not self._is_closing:
            try:
                if time.monotonic() >= self._look_at:
                    self._look_at = time.monotonic() + patience.RETRY_S
                    self._look(partitions, look)
                    soon = self._hearing.is_lost
                    self._look_at = time.monotonic() + (patience.PROOF_S if soon else patience.REFRESH_S)
                self._read(consumer, partitions)
            except RAISED as raised:
                self._fail(error_in(raised), partitions)
        consumer.close()

    def _look(self, partitions: ControlPartitions, look: TopicLook) -> None:
        """See whether the topic can be read and is the same as before.

        Raises:
            KafkaException: it cannot.
        """
        was_lost = self._hearing.is_lost
        if partitions.take(look.describe()):
            _log.warning(
                "The topic QUEUE_CONTROL_TOPIC=%s was deleted and made anew; it is read from its beginning, or from"
                " JOB_TIMESTAMP",
                self._kafka.queue_control_topic,
            )
        elif was_lost:
            partitions.read_again()
        elif self._ready.is_set():
            partitions.probe()

    def _fail(self, error: KafkaError, partitions: ControlPartitions) -> None:
        self._failures.note(error)
        if not self._ready.is_set():
            return
        if not self._hearing.is_lost:
            partitions.doubt()
            self._look_at = min(self._look_at, time.monotonic() + patience.RETRY_S)
        self._hearing.lose()

    def _read(self, consumer: Consumer, partitions: ControlPartitions) -> None:
        num_bytes = 0
        messages = consumer.consume(self._batch, patience.POLL_S)
        for message in messages:
            num_bytes += len(message)
            error = message.error()
            if error is None:
                self._take(message, partitions)
            elif error.code() == KafkaError._PARTITION_EOF:
                partitions.reached_end(message.partition() or 0)
            else:
                self._fail(error, partitions)
        if messages:  # the next ones are as long, as far as anybody knows
            room = bounds.FULL_BATCH_BYTES // max(1, num_bytes // len(messages))
            self._batch = min(_BATCH, max(1, room), 2 * self._batch)
        if self._hearing.is_lost:
            if partitions.caught_up:
                self._hearing.regain()
            else:
                self._hearing.lose()
        if partitions.caught_up and not self._ready.is_set():
            self._failures.clear()
            self._ready.set()
            try:
                self._inbox.open()
            except Exception:
                _log.exception("A command could not be handled")

    def _take(self, message: Message, partitions: ControlPartitions) -> None:
        partition, offset = message.partition() or 0, message.offset() or 0
        partitions.passed(partition, offset)
        self._progress_at = time.monotonic()
        value = message.value()
        if value is None:  # how Kafka spells a deletion
            return
        kind, timestamp_ms = message.timestamp()
        recorded_at_s = None if kind == TIMESTAMP_NOT_AVAILABLE else timestamp_ms / 1000
        was_there = partitions.was_there(partition, offset)
        topic = self._kafka.queue_control_topic
        try:
            self._inbox.take(Received(value, topic, partition, offset, recorded_at_s, was_there))
        except Exception:
            # A defect in the handling of one message must not keep the next from being handled.
            _log.exception("A command could not be handled")


def _consumer_config(kafka: KafkaSettings, queue: QueueSettings) -> ClientConfig:
    config = client_config(kafka, queue.telemetry_producer_id)
    config |= {
        "group.id": f"gnn-trainer-{queue.queue_id}-{uuid.uuid4().hex[:12]}",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "auto.offset.reset": "earliest",  # where retention has deleted our offset, commands are filtered by time
        # A backlog of others' commands is read as it comes, not collected in memory first.
        "queued.min.messages": 20_000,
        "fetch.queue.backoff.ms": 10,
        "fetch.wait.max.ms": patience.FETCH_WAIT_MS,
        "queued.max.messages.kbytes": 8_192,
        "fetch.max.bytes": 8_388_608,
    }
    return config
