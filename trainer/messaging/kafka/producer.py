"""One idempotent producer, served by a thread of its own.

librdkafka hands out delivery reports, errors and log lines only inside `poll`, and the training does not
stop to call it. A producer can also get stuck for good: a broker that lost its state refuses the producer's identity for ever.
So producers are made to be replaced: `retire` drops what is unsent, and none of it reaches the
topic afterwards.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from trainer.messaging.kafka import patience
from trainer.messaging.kafka.answers import is_answer, passes_by_itself
from trainer.messaging.kafka.client_log import ClientLog
from trainer.messaging.kafka.config import ClientConfig, client_config
from trainer.messaging.kafka.failures import Failures
from trainer.messaging.kafka.raised import RAISED, error_in
from trainer.settings.groups.kafka import KafkaSettings

_FORGOTTEN = (KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT)


class Delivery:
    """One message in flight."""

    def __init__(self, on_end: Callable[[KafkaError | None], None] | None = None) -> None:
        """Call `on_end` with the outcome, in the producer's thread."""
        self.error: KafkaError | None = None
        self._on_end = on_end
        self._ended = threading.Event()

    @property
    def delivered(self) -> bool:
        """Whether the broker has acknowledged it."""
        return self._ended.is_set() and self.error is None

    @property
    def failed(self) -> bool:
        """Whether its producer has given it up."""
        return self._ended.is_set() and self.error is not None

    def wait(self, timeout_s: float) -> None:
        """Wait until it is delivered or given up."""
        self._ended.wait(timeout_s)

    def end(self, error: KafkaError | None) -> None:
        """Take the producer's report."""
        self.error = error
        self._ended.set()
        if self._on_end is not None:
            self._on_end(error)


class EventProducer:
    """Sends events to their topic, in order."""

    def __init__(self, kafka: KafkaSettings, client_id: str, failures: Failures) -> None:
        """Begin to connect.

        Raises:
            ServiceError: the configuration is unusable, such as a CA file that cannot be read.
        """
        self.is_spent = False
        """Whether it failed to deliver something, so that a fresh producer is the better choice."""
        self.topic = kafka.queue_events_topic
        self._failures = failures
        self._waiting: set[Delivery] = set()
        self._retired = False
        try:
            self._producer = Producer(
                _producer_config(kafka, client_id), error_cb=self._on_error, logger=ClientLog(failures.note_line)
            )
        except KafkaException as error:
            raise failures.unusable_config(error.args[0]) from None
        self._thread = threading.Thread(target=self._serve, name="kafka-events", daemon=True)
        self._thread.start()

    @property
    def num_waiting(self) -> int:
        """How many messages are not yet delivered."""
        return len(self._waiting)

    def send(self, key: str, value: bytes, on_end: Callable[[KafkaError | None], None] | None = None) -> Delivery:
        """Send a message; never blocks, never raises."""
        delivery = Delivery(on_end)
        self._waiting.add(delivery)

        def report(error: KafkaError | None, _message: Message | None = None) -> None:
            self._waiting.discard(delivery)
            if error is not None and error.code() not in _FORGOTTEN:
                # What the broker says of one message says nothing of the producer.
                self.is_spent = self.is_spent or not is_answer(error.code()) or passes_by_itself(error.code())
                self._failures.note(error)
            delivery.end(error)

        try:
            self._producer.produce(self.topic, value, key=key, on_delivery=report)
        except KafkaException as error:
            report(error.args[0])
        except BufferError:
            report(KafkaError(KafkaError._QUEUE_FULL))
        return delivery

    def topics(self, timeout_s: float) -> set[str] | None:
        """The topics that the brokers show, or None when they do not answer; creates none."""
        try:
            topics = self._producer.list_topics(timeout=timeout_s).topics
        except RAISED as raised:
            self._failures.note(error_in(raised))
            return None
        return set(topics)

    def flush(self, timeout_s: float) -> None:
        """Wait until everything is delivered or given up."""
        try:
            self._producer.flush(timeout_s)
        except RAISED as raised:
            self._on_error(error_in(raised))

    def retire(self, wait_s: float = 0.0) -> None:
        """Drop what is unsent and end; after a long enough wait every delivery has its report."""
        self._retired = True
        if wait_s:
            self._thread.join(wait_s)

    def _on_error(self, error: KafkaError) -> None:
        self._failures.note(error)
        self.is_spent = self.is_spent or error.fatal()

    def _serve(self) -> None:
        try:
            while not self._retired:
                self._producer.poll(patience.POLL_S)
        except RAISED as raised:
            self.is_spent = True
            self._on_error(error_in(raised))
        # Whoever waits for a delivery waits no longer. A fatal error is raised once more, and is noted already.
        with contextlib.suppress(*RAISED):
            self._producer.purge()
        with contextlib.suppress(*RAISED):
            self._producer.flush(patience.LAST_REPORTS_S)
        for delivery in tuple(self._waiting):
            self._waiting.discard(delivery)
            delivery.end(KafkaError(KafkaError._PURGE_QUEUE))


def _producer_config(kafka: KafkaSettings, client_id: str) -> ClientConfig:
    config = client_config(kafka, client_id)
    config |= {
        "enable.idempotence": True,
        "acks": "all",
        "debug": "msg",  # where the broker's reason stands for what librdkafka tries again; see `ClientLog`
        "linger.ms": 0,  # an event a second: there is nothing to wait for
        "message.timeout.ms": int(patience.MESSAGE_TIMEOUT_S * 1000),
        "request.timeout.ms": config["socket.timeout.ms"],
    }
    return config
