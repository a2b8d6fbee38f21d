"""A broker for benchmarks, and what is seen of a run from outside."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.standins.endpoints import KafkaEndpoint
from tests.standins.kafka_clients import open_reader, send
from tests.standins.tansu import TansuBroker

EVENTS, CONTROL = "queue-events", "queue-control"


@contextmanager
def broker(folder: Path) -> Iterator[KafkaEndpoint]:
    """A broker with both topics."""
    with TansuBroker(folder) as kafka:
        for topic in (EVENTS, CONTROL):
            kafka.create_topic(topic)
        yield kafka


def kafka_flags(kafka: KafkaEndpoint, queue_id: str) -> list[str]:
    """What a run needs to talk to the broker."""
    return ["--kafka_bootstrap_servers", kafka.bootstrap_servers, "--queue_id", queue_id]


def stop(kafka: KafkaEndpoint, queue_id: str) -> None:
    """Send the stop command."""
    send(kafka, CONTROL, [json.dumps({"command": "stop", "queue_id": queue_id}).encode()])


class Listener:
    """Hears the events of all runs from now on."""

    def __init__(self, kafka: KafkaEndpoint) -> None:
        """Read from the beginning of the topic."""
        self._reader = open_reader(kafka, EVENTS)

    def wait_for(self, queue_id: str, status: str, timeout_s: float = 300) -> dict[str, Any]:
        """The first event of a run with this status.

        Raises:
            TimeoutError: it does not come.
        """
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            message = self._reader.poll(0.01)
            if message is None or message.error() is not None:
                continue
            event: dict[str, Any] = json.loads(message.value() or b"{}")
            if event["queue_id"] == queue_id and event["status"] == status:
                return event
        raise TimeoutError(f"{queue_id} never said {status}")

    def close(self) -> None:
        """Leave."""
        self._reader.close()
