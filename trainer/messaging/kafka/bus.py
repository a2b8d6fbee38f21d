"""Events on `queue-events`: progress on a best-effort basis, the first and the terminal event guaranteed or an error."""

from __future__ import annotations

import contextlib
import logging
import threading
import time

from confluent_kafka import KafkaError

from trainer.errors import ServiceError
from trainer.events import Event, Started
from trainer.messaging.kafka import patience
from trainer.messaging.kafka.answers import MISSING_TOPIC, is_answer, passes_by_itself
from trainer.messaging.kafka.failures import Failures
from trainer.messaging.kafka.producer import Delivery, EventProducer
from trainer.process.deadline import Until, seconds_left
from trainer.process.stop import StopToken
from trainer.settings.groups.kafka import KafkaSettings

MAX_WAITING = 100
"""Progress events that may wait for Kafka to come back."""

_log = logging.getLogger("gnn_trainer.messaging")


class KafkaBus:
    """Sends the events of a run to Kafka, under its queue as the key."""

    def __init__(self, kafka: KafkaSettings, client_id: str, stop: StopToken | None = None) -> None:
        """Begin to connect; publishing the first event raises what went wrong.

        Args:
            kafka: the brokers and topics.
            client_id: our name in the logs of the brokers.
            stop: checked while the first event waits for Kafka.
        """
        self._kafka, self._client_id = kafka, client_id
        self._stop = stop
        self._failures = Failures(kafka, "QUEUE_EVENTS_TOPIC", "write to")
        self._outage = _Outage(self._failures)
        self._given_up = False
        self._producer: EventProducer | None = None
        with contextlib.suppress(ServiceError):
            self._producer = EventProducer(kafka, client_id, self._failures)

    def check(self) -> None:
        """Wait until Kafka answers, and check that both topics exist, without creating them.

        Raises:
            ServiceError: why Kafka cannot be used; a refusal at once, a timeout later.
            StopRequested: a stop was requested meanwhile.
        """
        try:
            self._wait_for_topic("QUEUE_EVENTS_TOPIC")
        except Exception:
            self._given_up = True
            raise
        self._wait_for_topic("QUEUE_CONTROL_TOPIC")

    def publish(self, event: Event) -> None:
        """See `Bus.publish`."""
        if event.finished:
            timeout_s = patience.LAST_CHANCE_S if self._given_up else patience.END_TIMEOUT_S
            self._deliver(event, min(timeout_s, self._seconds_left()))
        elif isinstance(event, Started):
            self.check()
            self._deliver(event, patience.START_TIMEOUT_S)
        else:
            self._send_progress(event)

    def close(self) -> None:
        """See `Bus.close`."""
        if self._producer is not None:
            if not self._given_up:
                self._producer.flush(patience.CLOSE_TIMEOUT_S)
            self._producer.retire(patience.RETIRE_S)
            self._producer = None

    def _seconds_left(self) -> float:
        if self._stop is None:
            return patience.END_TIMEOUT_S
        return seconds_left(self._stop, Until.EVENT) or seconds_left(self._stop, Until.END) / 2

    def _wait_for_topic(self, variable: str) -> None:
        """Wait until the brokers show the topic of a variable; one that is missing is looked for twice."""
        topic = getattr(self._kafka, variable.lower())
        producer = self._usable_producer()
        deadline = time.monotonic() + patience.START_TIMEOUT_S
        timeout_s = patience.FIRST_METADATA_TIMEOUT_S
        while True:
            topics = producer.topics(_until(deadline, timeout_s))
            if topics is not None and topic in topics:
                self._failures.clear()
                return
            if self._stop is not None:
                self._stop.check()
            if topics is not None:
                self._failures.note_missing_topic(variable)
            if self._failures.is_refusal or time.monotonic() >= deadline:
                raise self._failures.error()
            if topics is not None:
                time.sleep(_until(deadline, patience.STEP_S))
            timeout_s = min(2 * timeout_s, patience.METADATA_TIMEOUT_S)

    def _send_progress(self, event: Event) -> None:
        try:
            producer = self._usable_producer()
        except ServiceError:
            self._outage.begin()
            return
        if producer.num_waiting >= MAX_WAITING:
            self._outage.begin()
        else:
            producer.send(event.queue_id, event.to_json(), self._outage.report)

    def _deliver(self, event: Event, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        producer = self._usable_producer(patience.RETIRE_S)
        delivery = producer.send(event.queue_id, event.to_json())
        while not self._is_delivered(delivery, producer, deadline, fails_fast=isinstance(event, Started)):
            # Purged, the old producer can neither double this event nor send older ones after it.
            producer.retire(patience.RETIRE_S)
            if delivery.delivered:
                break
            _log.info("The event %r is sent through a fresh Kafka producer", event.status)
            producer = self._producer = EventProducer(self._kafka, self._client_id, self._failures)
            delivery = producer.send(event.queue_id, event.to_json())
        self._outage.report(None)

    def _is_delivered(self, delivery: Delivery, producer: EventProducer, deadline: float, fails_fast: bool) -> bool:
        """Wait for the outcome; False means that another producer is needed."""
        connected_since: float | None = None
        while True:
            delivery.wait(_until(deadline, patience.STEP_S))
            if delivery.delivered:
                return True
            if time.monotonic() >= deadline or (fails_fast and self._failures.is_refusal):
                self._given_up = True
                raise self._failures.error()
            if delivery.error is not None and _is_final(delivery.error):
                self._given_up = True
                raise self._failures.error()
            if delivery.failed:
                time.sleep(_until(deadline, patience.STEP_S))  # not to try again in a tight loop
                return False
            topics = producer.topics(_until(deadline, patience.STEP_S))
            if topics is None:
                connected_since = None
            elif producer.topic not in topics:
                self._failures.note_missing_topic()
                connected_since = None
            elif connected_since is None:
                connected_since = time.monotonic()
            elif time.monotonic() - connected_since >= patience.STUCK_AFTER_S:
                return False

    def _usable_producer(self, retire_s: float = 0.0) -> EventProducer:
        if self._producer is None or self._producer.is_spent:
            if self._producer is not None:
                self._producer.retire(retire_s)
            self._producer = EventProducer(self._kafka, self._client_id, self._failures)
        return self._producer


def _until(deadline: float, at_most_s: float) -> float:
    """The time left, at most one step; a little even when there is none, so that the call is made at all."""
    return min(at_most_s, max(deadline - time.monotonic(), patience.LEAST_CALL_S))


def _is_final(error: KafkaError) -> bool:
    """Whether the broker refused a message for good; a topic may come back."""
    code = error.code()
    return is_answer(code) and not passes_by_itself(code) and code not in MISSING_TOPIC


class _Outage:
    """Logs once that progress is dropped, and once that Kafka is back."""

    def __init__(self, failures: Failures) -> None:
        self._failures = failures
        self._lock = threading.Lock()
        self._is_on = False

    def report(self, error: KafkaError | None) -> None:
        if error is None:
            self._end()
        elif error.code() not in (KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT):
            self.begin()

    def begin(self) -> None:
        with self._lock:
            was_on, self._is_on = self._is_on, True
        if not was_on:
            _log.warning("Progress events are dropped until Kafka is back: %s", self._failures.error())

    def _end(self) -> None:
        self._failures.clear()
        with self._lock:
            was_on, self._is_on = self._is_on, False
        if was_on:
            _log.info("Kafka is back; progress events are sent again")
