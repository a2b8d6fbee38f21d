"""Kafka outages during a run: progress is dropped, the first and the terminal event are not."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

import pytest

from tests.messaging.kafka.conftest import (
    CuttableKafka,
    OpenBus,
    RunSettings,
    Topics,
    create_both,
    emit_epochs,
    read_events,
    statuses,
    wait_until,
)
from tests.standins.tansu import TansuBroker
from tests.waits import FOREVER_S, LONG_S, unhurried
from trainer.errors import ServiceError
from trainer.messaging.kafka import bus as bus_module
from trainer.messaging.kafka import patience
from trainer.messaging.kafka import producer as producer_module


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Our own warnings, not librdkafka's complaints."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "gnn_trainer.messaging" and record.levelno >= logging.WARNING
    ]


def num_threads() -> int:
    """How many producers are served."""
    return sum(thread.name == "kafka-events" for thread in threading.enumerate())


def test_progress_is_dropped_with_one_warning(
    open_bus: OpenBus,
    cuttable: CuttableKafka,
    topics: Topics,
    run_settings: RunSettings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """During a cut, progress costs no time and one warning; afterwards the last event is the last, and there once."""
    monkeypatch.setattr(bus_module, "MAX_WAITING", 3)
    monkeypatch.setattr(patience, "MESSAGE_TIMEOUT_S", FOREVER_S)
    _, telemetry = open_bus(run_settings(cuttable.proxy.address))
    telemetry.started()
    cuttable.proxy.cut()
    emit_epochs(telemetry, *range(1, 51))
    cuttable.proxy.restore()
    telemetry.interrupted("SIGTERM", None, 50)
    events = read_events(cuttable.broker, topics.events, 5)
    assert statuses(events) == ["started", 1, 2, 3, "interrupted"]
    (warning,) = warnings(caplog)
    assert warning.startswith("Progress events are dropped until Kafka is back: Kafka at KAFKA_BOOTSTRAP_SERVERS=")


def test_progress_that_waited_too_long_is_dropped(
    open_bus: OpenBus,
    cuttable: CuttableKafka,
    topics: Topics,
    run_settings: RunSettings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stale progress is dropped with one warning, and what is emitted once Kafka is back arrives."""
    monkeypatch.setattr(patience, "MESSAGE_TIMEOUT_S", unhurried(1.0))
    caplog.set_level(logging.INFO)
    _, telemetry = open_bus(run_settings(cuttable.proxy.address))
    telemetry.started()
    cuttable.proxy.cut()
    emit_epochs(telemetry, 1, 2, 3)
    assert wait_until(lambda: warnings(caplog))
    monkeypatch.undo()
    cuttable.proxy.restore()
    emit_epochs(telemetry, 4)
    assert statuses(read_events(cuttable.broker, topics.events, 2)) == ["started", 4]
    assert len(warnings(caplog)) == 1
    assert wait_until(lambda: "Kafka is back; progress events are sent again" in caplog.messages)


def test_the_last_event_waits_for_kafka(
    open_bus: OpenBus, cuttable: CuttableKafka, topics: Topics, run_settings: RunSettings
) -> None:
    """A cut of some seconds at the end of the run delays the last event, after the progress before it."""
    _, telemetry = open_bus(run_settings(cuttable.proxy.address))
    telemetry.started()
    cuttable.proxy.cut()
    emit_epochs(telemetry, 1)
    back = threading.Timer(1.0, cuttable.proxy.restore)
    back.start()
    telemetry.finished("model.pt", "metrics.json", 1, {"loss": 0.5, "accuracy": 0.75})
    back.join()
    assert statuses(read_events(cuttable.broker, topics.events, 3)) == ["started", 1, "finished"]


def test_an_unanswered_event_is_not_doubled(
    open_bus: OpenBus, cuttable: CuttableKafka, topics: Topics, run_settings: RunSettings
) -> None:
    """An event that was sent but not acknowledged before the connection broke is on the topic once."""
    _, telemetry = open_bus(run_settings(cuttable.proxy.address))
    telemetry.started()
    cuttable.proxy.stall()

    def break_and_mend() -> None:
        cuttable.proxy.cut()
        cuttable.proxy.resume()
        cuttable.proxy.restore()

    mended = threading.Timer(0.5, break_and_mend)
    mended.start()
    telemetry.error(3, "no labels")
    mended.join()
    assert statuses(read_events(cuttable.broker, topics.events, 2)) == ["started", "error"]


def test_kafka_gone_at_the_end(
    open_bus: OpenBus, cuttable: CuttableKafka, run_settings: RunSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A last event that cannot be delivered is an error within the bound, with the reason."""
    monkeypatch.setattr(patience, "END_TIMEOUT_S", 1.5)
    monkeypatch.setattr(patience, "MESSAGE_TIMEOUT_S", FOREVER_S)
    _, telemetry = open_bus(run_settings(cuttable.proxy.address))
    telemetry.started()
    cuttable.broker.kill()
    cuttable.proxy.cut()
    began = time.monotonic()
    with pytest.raises(ServiceError, match="cannot be reached: Connection refused"):
        telemetry.finished("model.pt", "metrics.json", 1, {"loss": 0.5, "accuracy": 0.75})
    assert time.monotonic() - began > 1.4


def test_kafka_gone_at_the_start(open_bus: OpenBus, run_settings: RunSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Kafka the first event is an error within its bound, and the last one gets only a short chance."""
    monkeypatch.setattr(patience, "START_TIMEOUT_S", unhurried(1.0))
    monkeypatch.setattr(patience, "LAST_CHANCE_S", 0.5)
    monkeypatch.setattr(patience, "END_TIMEOUT_S", FOREVER_S)
    monkeypatch.setattr(patience, "MESSAGE_TIMEOUT_S", FOREVER_S)
    _, telemetry = open_bus(run_settings("127.0.0.1:9"))
    with pytest.raises(ServiceError, match="cannot be reached"):
        telemetry.started()
    with pytest.raises(ServiceError, match="cannot be reached"):
        telemetry.error(4, "no Kafka")


def test_a_killed_broker_comes_back(
    open_bus: OpenBus, durable_kafka: TansuBroker, topics: Topics, run_settings: RunSettings
) -> None:
    """A broker that dies and returns with its data misses nothing and has nothing twice."""
    create_both(durable_kafka, topics)
    _, telemetry = open_bus(run_settings(durable_kafka.bootstrap_servers))
    telemetry.started()
    emit_epochs(telemetry, 1)
    assert statuses(read_events(durable_kafka, topics.events, 2)) == ["started", 1]
    durable_kafka.kill()
    emit_epochs(telemetry, 2)
    durable_kafka.start()
    emit_epochs(telemetry, 3)
    telemetry.finished("model.pt", "metrics.json", 3, {"loss": 0.5, "accuracy": 0.75})
    assert statuses(read_events(durable_kafka, topics.events, 5)) == ["started", 1, 2, 3, "finished"]


def test_a_stuck_producer_is_replaced(
    open_bus: OpenBus,
    cuttable: CuttableKafka,
    topics: Topics,
    run_settings: RunSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A broker that forgot the producer refuses it for ever; the last event arrives all the same, and alone."""
    monkeypatch.setattr(patience, "STUCK_AFTER_S", unhurried(0.5))
    _, telemetry = open_bus(run_settings(cuttable.proxy.address))
    telemetry.started()
    emit_epochs(telemetry, 1)
    assert statuses(read_events(cuttable.broker, topics.events, 2)) == ["started", 1]
    cuttable.broker.kill()
    cuttable.broker.start()
    create_both(cuttable.broker, topics)
    emit_epochs(telemetry, 2)
    telemetry.finished("model.pt", "metrics.json", 2, {"loss": 0.5, "accuracy": 0.75})
    assert statuses(read_events(cuttable.broker, topics.events, 1)) == ["finished"]


def test_a_full_queue_does_not_keep_the_last_event(
    open_bus: OpenBus,
    cuttable: CuttableKafka,
    topics: Topics,
    run_settings: RunSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When librdkafka takes no more, progress is dropped and the last event goes through a fresh producer."""
    config = producer_module._producer_config
    small = {"queue.buffering.max.messages": 2}
    monkeypatch.setattr(producer_module, "_producer_config", lambda kafka, client_id: config(kafka, client_id) | small)
    _, telemetry = open_bus(run_settings(cuttable.proxy.address))
    telemetry.started()
    cuttable.proxy.cut()
    emit_epochs(telemetry, 1, 2, 3)
    cuttable.proxy.restore()
    telemetry.finished("model.pt", "metrics.json", 3, {"loss": 0.5, "accuracy": 0.75})
    assert statuses(read_events(cuttable.broker, topics.events, 2)) == ["started", "finished"]


def test_producers_leave_no_threads(
    open_bus: OpenBus, run_settings: RunSettings, monkeypatch: pytest.MonkeyPatch, server_dir: Path
) -> None:
    """Over a long absence replaced producers end, and closing ends the last one within its bound."""
    monkeypatch.setattr(patience, "MESSAGE_TIMEOUT_S", 0.2)
    bus, telemetry = open_bus(run_settings("127.0.0.1:9"))
    for epoch in range(3):
        emit_epochs(telemetry, epoch)
        time.sleep(0.9)
    assert wait_until(lambda: num_threads() <= 2)
    bus.close()
    assert wait_until(lambda: not num_threads())


def test_closing_waits_for_no_progress(
    open_bus: OpenBus, run_settings: RunSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an absent Kafka has not taken does not keep the process from ending."""
    monkeypatch.setattr(patience, "MESSAGE_TIMEOUT_S", FOREVER_S)
    monkeypatch.setattr(patience, "CLOSE_TIMEOUT_S", 0.1)
    bus, telemetry = open_bus(run_settings("127.0.0.1:9"))
    emit_epochs(telemetry, 1)
    closing = threading.Thread(target=bus.close, daemon=True)  # librdkafka would not be interrupted by a time-out
    closing.start()
    closing.join(LONG_S)
    assert not closing.is_alive(), "the end waits for Kafka"
    assert wait_until(lambda: not num_threads())
