"""A run's two topics on a broker that a test may cut off, and the events that come out of it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.composed import telemetry
from tests.conftest import make_settings
from tests.standins.endpoints import KafkaEndpoint
from tests.standins.kafka_clients import open_reader
from tests.standins.kafka_refusals import RefusingProxy
from tests.standins.ports import free_port
from tests.standins.tansu import TansuBroker
from tests.standins.tcp_proxy import CuttableProxy
from tests.waits import LONG_S
from trainer.messaging.kafka.bus import KafkaBus
from trainer.messaging.telemetry import Telemetry
from trainer.settings.definition import Settings

QUEUE_ID = "gnn-btcusdt-5m-abc123"
_QUIET_S = 0.3


@dataclass(frozen=True)
class Topics:
    """The topics of one test."""

    events: str
    control: str


@dataclass(frozen=True)
class CuttableKafka:
    """A broker behind a proxy."""

    proxy: CuttableProxy
    broker: TansuBroker


RunSettings = Callable[..., Settings]
OpenBus = Callable[[Settings], tuple[KafkaBus, Telemetry]]


@pytest.fixture
def topics() -> Topics:
    """Names that no other test uses."""
    name = uuid.uuid4().hex[:12]
    return Topics(f"events-{name}", f"control-{name}")


@pytest.fixture
def run_settings(topics: Topics) -> RunSettings:
    """Settings of a run on the test's topics, at these brokers."""

    def build(bootstrap_servers: str, **values: Any) -> Settings:
        own = {
            "queue_id": QUEUE_ID,
            "kafka_bootstrap_servers": bootstrap_servers,
            "queue_events_topic": topics.events,
            "queue_control_topic": topics.control,
            "message_lang": "en",
        }
        return make_settings(**own | values)

    return build


@pytest.fixture
def topics_there(kafka: KafkaEndpoint, topics: Topics) -> KafkaEndpoint:
    """The shared broker, with both topics."""
    kafka.create_topic(topics.events, 3)
    kafka.create_topic(topics.control, 3)
    return kafka


@pytest.fixture
def cuttable(server_dir: Path, topics: Topics) -> Iterator[CuttableKafka]:
    """A broker of the test's own behind a proxy, with both topics."""
    port = free_port()
    with (
        CuttableProxy("127.0.0.1", port) as proxy,
        TansuBroker(server_dir, port=port, advertised=proxy.address) as broker,
    ):
        create_both(broker, topics)
        yield CuttableKafka(proxy, broker)


@pytest.fixture
def refusing(server_dir: Path, topics: Topics) -> Iterator[tuple[RefusingProxy, TansuBroker]]:
    """A broker that can be made to refuse, with both topics."""
    port = free_port()
    with (
        RefusingProxy("127.0.0.1", port) as proxy,
        TansuBroker(server_dir, port=port, advertised=proxy.address) as broker,
    ):
        create_both(broker, topics)
        yield proxy, broker


@pytest.fixture
def open_bus() -> Iterator[OpenBus]:
    """A bus and the telemetry that emits to it; closed at the end."""
    opened: list[KafkaBus] = []

    def build(settings: Settings) -> tuple[KafkaBus, Telemetry]:
        bus = KafkaBus(settings.kafka, settings.queue.telemetry_producer_id)
        opened.append(bus)
        return bus, telemetry(settings, bus)

    yield build
    for bus in opened:
        bus.close()


def create_both(broker: KafkaEndpoint, topics: Topics) -> None:
    """Create the topics, with one partition each."""
    broker.create_topic(topics.events)
    broker.create_topic(topics.control)


def wait_until(condition: Callable[[], object], timeout_s: float = LONG_S) -> bool:
    """Whether the condition held in time."""
    deadline = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())


def emit_epochs(telemetry: Telemetry, *epochs: int) -> None:
    """Emit these epochs."""
    for epoch in epochs:
        telemetry.training(epoch, 100, 0.5, 0.25, 1.5, {"accuracy": 0.75})


def read_events(endpoint: KafkaEndpoint, topic: str, count: int, num_partitions: int = 1) -> list[dict[str, Any]]:
    """The first `count` events of a topic, and all that follow them at once: doubles would."""
    reader = open_reader(endpoint, topic, num_partitions)
    events: list[dict[str, Any]] = []
    give_up_at = time.monotonic() + LONG_S
    quiet_at = give_up_at
    try:
        while time.monotonic() < min(quiet_at, give_up_at):
            message = reader.poll(0.1)
            if message is None or message.error() is not None:
                continue
            events.append({"key": (message.key() or b"").decode(), **json.loads(message.value() or b"")})
            if len(events) >= count:
                quiet_at = time.monotonic() + _QUIET_S
    finally:
        reader.close()
    return events


def statuses(events: list[dict[str, Any]]) -> list[str | int]:
    """The epochs of training events, the statuses of others."""
    return [
        event.get("epoch", event["status"]) if event["status"] == "training" else event["status"] for event in events
    ]
