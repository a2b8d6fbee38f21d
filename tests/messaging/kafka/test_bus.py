"""Events as a reader of the topic finds them."""

from __future__ import annotations

from tests.messaging.kafka.conftest import QUEUE_ID, OpenBus, RunSettings, Topics, emit_epochs, read_events, statuses
from tests.standins.endpoints import KafkaEndpoint


def test_events_arrive_in_order_under_the_queue(
    open_bus: OpenBus, topics_there: KafkaEndpoint, topics: Topics, run_settings: RunSettings
) -> None:
    """On a topic of several partitions, all events keep their order under the queue's key, without a `close`."""
    _, telemetry = open_bus(run_settings(topics_there.bootstrap_servers))
    telemetry.started()
    telemetry.loading(10, 20)
    emit_epochs(telemetry, *range(1, 31))
    telemetry.finished("s3://b/q.pt", "s3://b/q/metrics.json", 30, {"loss": 0.5, "accuracy": 0.75})
    events = read_events(topics_there, topics.events, 33, num_partitions=3)
    assert statuses(events) == ["started", "loading", *range(1, 31), "finished"]
    assert {event["key"] for event in events} == {QUEUE_ID}


def test_the_value_is_the_event_as_json(
    open_bus: OpenBus, topics_there: KafkaEndpoint, topics: Topics, run_settings: RunSettings
) -> None:
    """The fields of the contract are there, a measure that is not a number is null."""
    settings = run_settings(topics_there.bootstrap_servers, symbol="BTCUSDT")
    _, telemetry = open_bus(settings)
    telemetry.started()
    telemetry.training(1, 10, float("nan"), None, 2.5, {"accuracy": 0.75})
    _, event = read_events(topics_there, topics.events, 2, num_partitions=3)
    assert event.pop("timestamp") > 1.7e9
    assert event == {
        "key": QUEUE_ID,
        "queue_id": QUEUE_ID,
        "telemetry_id": "gnn-trainer__abc123",
        "producer": "gnn-trainer__abc123",
        "symbol": "BTCUSDT",
        "type": "gnn_trainer",
        "graph_name": "g",
        "model_type": "GraphSAGE",
        "status": "training",
        "message": "Epoch 1/10. Loss: nan. Acc: 0.75.",
        "finished": False,
        "epoch": 1,
        "epochs": 10,
        "loss": None,
        "val_loss": None,
        "eta_s": 2.5,
        "accuracy": 0.75,
    }


def test_closing_delivers_progress(
    open_bus: OpenBus, topics_there: KafkaEndpoint, topics: Topics, run_settings: RunSettings
) -> None:
    """Events emitted just before the end of the process are not lost."""
    bus, telemetry = open_bus(run_settings(topics_there.bootstrap_servers))
    emit_epochs(telemetry, 1, 2, 3)
    bus.close()
    assert statuses(read_events(topics_there, topics.events, 3, num_partitions=3)) == [1, 2, 3]
