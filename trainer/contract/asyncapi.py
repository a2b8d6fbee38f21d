"""The AsyncAPI 3 document of this service: both topics, every message, with an example that the code itself made.

Message schemas stand inside the document, so that viewers and generators need this one file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import trainer
from trainer.contract.wire import command_schemas, event_schemas
from trainer.events import Event
from trainer.messaging.telemetry import Telemetry
from trainer.settings.groups.queue import QueueSettings

_CONTROL = "queue-control"
_EVENTS = "queue-events"
_READ_BY_A_RUN = ("stop", "ping")
_QUEUE_ID = "gnn-btcusdt-5m-2024_06_01-abc123"
_ORDERED_AT = 1722348000.123
_INFO = (
    "One training run of a graph neural network, started by queue-manager as a Kubernetes Job. "
    "It receives commands on `queue-control` and sends its lifecycle events to `queue-events`. "
    "Exactly one of finished, interrupted and error is sent, as the last event; a pong may come anywhere before it. "
    "Both topics are shared with other services: ignore messages that you do not know."
)
_COMMAND_EXAMPLES: dict[str, dict[str, Any]] = {
    "start": {
        "command": "start",
        "queue_id": _QUEUE_ID,
        "target": "price_up",
        "symbol": "BTCUSDT",
        "type": "gnn_trainer",
        "graph_name": "btc_graph_5m_2024_06_01",
        "model_type": "GraphSAGE",
        "epochs": 20,
        "features": ["price_change", "volume", "rsi", "vwap"],
        "loss_fn": "binary_crossentropy",
        "telemetry_id": "gnn-trainer__abc123",
        "image": "registry.dmz.home/streamforge/gnn-trainer:v0.1.0",
        "timestamp": _ORDERED_AT,
    },
    "stop": {"command": "stop", "queue_id": _QUEUE_ID},
    "ping": {"command": "ping", "queue_id": _QUEUE_ID, "sent_at": _ORDERED_AT},
}


def asyncapi() -> dict[str, Any]:
    """The document, as plain dicts and lists."""
    commands, events = command_schemas(), event_schemas()
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "gnn-trainer", "version": trainer.__version__, "description": _INFO},
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "k3-kafka-bootstrap.kafka:9093",
                "protocol": "kafka-secure",
                "description": "Kafka over TLS with a private CA, as KAFKA_BOOTSTRAP_SERVERS and CA_PATH name it.",
                "security": [{"$ref": "#/components/securitySchemes/saslScram"}],
            }
        },
        "channels": {
            _CONTROL: _channel(_CONTROL, "Commands to all services and queues.", commands),
            _EVENTS: _channel(_EVENTS, "Events of all services and queues.", events),
        },
        "operations": {
            "receiveCommands": {
                "action": "receive",
                "summary": "A run handles the commands that name its queue and are not older than its own start message.",
                **_through(_CONTROL, _READ_BY_A_RUN),
            },
            "receiveStart": {
                "action": "receive",
                "summary": "queue-manager turns a start message into a Job; the run itself reads its environment.",
                **_through(_CONTROL, ("start",)),
            },
            "sendEvents": {
                "action": "send",
                "summary": "A run sends its events with its queue_id as the key, so that they stay in order.",
                **_through(_EVENTS, events),
            },
        },
        "components": {
            "messages": {word: _message(word, schema) for word, schema in (commands | events).items()},
            "schemas": commands | events,
            "securitySchemes": {
                "saslScram": {
                    "type": "scramSha512",
                    "description": "SASL_SSL with SCRAM-SHA-512: KAFKA_USER and KAFKA_PASSWORD, TLS always verified.",
                }
            },
        },
    }


def example_events() -> dict[str, dict[str, Any]]:
    """One event of each class, emitted by `Telemetry` as in a run, by the word that names it."""
    examples: dict[str, dict[str, Any]] = {}
    for number, event in enumerate(_emitted()):
        word = str(getattr(event, "event", event.status))
        times = {name: _ORDERED_AT + number for name in ("timestamp", "ponged_at") if name in event.model_fields_set}
        examples[word] = event.fields() | times
    return examples


class _Recorder:
    """A bus that keeps the events."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def publish(self, event: Event) -> None:
        self.events.append(event)

    def close(self) -> None:
        """Nothing is in flight."""


def _emitted() -> Iterator[Event]:
    start = _COMMAND_EXAMPLES["start"]
    queue = QueueSettings(queue_id=_QUEUE_ID, symbol=start["symbol"], telemetry_producer_id=start["telemetry_id"])
    model, metrics = f"s3://gnn-checkpoints/{_QUEUE_ID}.pt", f"s3://gnn-checkpoints/{_QUEUE_ID}/metrics.json"
    for ending in ("finished", "interrupted", "error"):
        bus = _Recorder()
        telemetry = Telemetry(queue, start["graph_name"], start["model_type"], "ru", bus)
        telemetry.started()
        telemetry.loading(8_640, 51_204)
        telemetry.pong(_ORDERED_AT)
        telemetry.training(7, start["epochs"], 0.5312, 0.5561, 3.9, {"accuracy": 0.874})
        if ending == "finished":
            measures = {"loss": 0.2713, "accuracy": 0.91}
            verdict = "Test accuracy 0.91, 0.03 above gradient boosting without the graph."
            telemetry.finished(model, metrics, 18, measures, 1, verdict, beats_baseline=True)
        elif ending == "interrupted":
            telemetry.interrupted("stop command", model, 7)
        else:
            telemetry.error(
                3, "The graph btc_graph_5m_2024_06_01 is not in the database streamforge; check GRAPH_NAME."
            )
        yield from bus.events


def _channel(topic: str, description: str, messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": topic,
        "description": description,
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {word: {"$ref": f"#/components/messages/{word}"} for word in messages},
        "bindings": {"kafka": {"topic": topic, "bindingVersion": "0.5.0"}},
    }


def _through(topic: str, words: Any) -> dict[str, Any]:
    channel = f"#/channels/{topic}"
    return {"channel": {"$ref": channel}, "messages": [{"$ref": f"{channel}/messages/{word}"} for word in words]}


def _message(word: str, schema: dict[str, Any]) -> dict[str, Any]:
    payload = _COMMAND_EXAMPLES.get(word) or example_events()[word]
    return {
        "name": word,
        "title": schema["title"],
        "summary": schema["description"],
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{word}"},
        "correlationId": {"description": "The queue.", "location": "$message.payload#/queue_id"},
        "bindings": {"kafka": {"key": {"type": "string", "description": "queue_id"}, "bindingVersion": "0.5.0"}},
        "examples": [{"name": word, "payload": payload}],
    }
