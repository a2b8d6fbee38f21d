"""What tests do with Kafka from the outside: send, read a topic, ask why a connection fails."""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from tests.waits import LONG_S

from .endpoints import KafkaEndpoint


def send(
    endpoint: KafkaEndpoint, topic: str, values: Iterable[bytes], settings: Mapping[str, Any] | None = None
) -> None:
    """Produce the values in order and wait for the broker's word that it has them all."""
    failures: list[KafkaError] = []
    producer = Producer(endpoint.client_config() | dict(settings or {}))
    for value in values:
        producer.produce(topic, value, on_delivery=lambda error, _: failures.append(error) if error else None)
    undelivered = producer.flush(LONG_S)
    if undelivered or failures:
        raise RuntimeError(f"{undelivered} messages are undelivered, failures: {failures}.")


def open_reader(endpoint: KafkaEndpoint, topic: str, num_partitions: int = 1) -> Consumer:
    """Return a consumer at the beginning of every partition, without joining a group."""
    settings = {
        "group.id": "test-reader",
        "enable.auto.commit": False,
        "fetch.wait.max.ms": 50,
        "reconnect.backoff.max.ms": 300,
    }
    reader = Consumer(endpoint.client_config() | settings)
    with suppress(KafkaException):  # a reader that does not know the leaders yet asks for offsets half a second later
        reader.list_topics(timeout=1.0)
    reader.assign([TopicPartition(topic, index, OFFSET_BEGINNING) for index in range(num_partitions)])
    return reader


def next_messages(reader: Consumer, count: int, timeout_s: float = LONG_S) -> list[Message]:
    """Return the next messages, as many as came in time; errors of the connection are passed over."""
    messages: list[Message] = []
    deadline = time.monotonic() + timeout_s
    while len(messages) < count and time.monotonic() < deadline:
        message = reader.poll(0.1)
        if message is not None and message.error() is None:
            messages.append(message)
    return messages


def read(endpoint: KafkaEndpoint, topic: str, count: int, num_partitions: int = 1) -> list[Message]:
    """Return the first messages of a topic, as many as came in time."""
    reader = open_reader(endpoint, topic, num_partitions)
    try:
        return next_messages(reader, count)
    finally:
        reader.close()


def connection_error(endpoint: KafkaEndpoint, code: int, settings: Mapping[str, Any] | None = None) -> KafkaError:
    """Return the first error with this code that a client reports while it tries to connect.

    Calls such as `list_topics` only say that they failed; librdkafka tells the reason to `error_cb`, and that
    runs inside `poll` and `flush` alone. Other codes are passed over, because a TLS handshake that fails
    is reported now as `_SSL`, now as `_TRANSPORT`.
    """
    errors: list[KafkaError] = []
    producer = Producer(endpoint.client_config() | {"error_cb": errors.append} | dict(settings or {}))
    producer.produce("never-created", b"")
    deadline = time.monotonic() + LONG_S
    while time.monotonic() < deadline and not any(error.code() == code for error in errors):
        producer.poll(0.05)
    producer.purge()
    producer.flush(1)
    found = [error for error in errors if error.code() == code]
    if not found:
        raise TimeoutError(f"No error with code {code} was reported, only {errors}.")
    return found[0]
