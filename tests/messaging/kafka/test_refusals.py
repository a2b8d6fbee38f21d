"""What a broker answers is told as its answer: at once where it is final, with its own words, never as silence."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from tests.messaging.kafka.conftest import (
    OpenBus,
    RunSettings,
    Topics,
    emit_epochs,
    read_events,
    statuses,
    wait_until,
)
from tests.standins.endpoints import KafkaEndpoint
from tests.standins.kafka_refusals import CONTROLLER, INIT_PRODUCER_ID, PRODUCE, SASL_HANDSHAKE, RefusingProxy
from tests.standins.tansu import TansuBroker
from tests.waits import FOREVER_S, LONG_S, unhurried
from trainer.errors import ServiceError
from trainer.messaging.kafka import patience
from trainer.messaging.telemetry import Telemetry

FINAL = {10: "Message size too large", 32: "Invalid timestamp", 87: "failed to validate record", 44: "Policy violation"}
PASSING = {19: "Not enough in-sync replicas", 56: "Disk error", 89: "quota"}


@pytest.fixture(autouse=True)
def final_answers_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for is waited for without end, unless a test says how long."""
    monkeypatch.setattr(patience, "START_TIMEOUT_S", FOREVER_S)
    monkeypatch.setattr(patience, "END_TIMEOUT_S", FOREVER_S)


def refusal(telemetry: Telemetry) -> str:
    """What `started` ends with."""
    with pytest.raises(ServiceError) as caught:
        telemetry.started()
    assert "did not answer" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("code", FINAL)
def test_a_refused_event_is_an_error_at_once(
    open_bus: OpenBus, refusing: tuple[RefusingProxy, TansuBroker], run_settings: RunSettings, code: int
) -> None:
    """A message that the broker will never take ends the run with the broker's words."""
    proxy, _ = refusing
    proxy.refuse(PRODUCE, code)
    _, telemetry = open_bus(run_settings(proxy.address))
    sentence = refusal(telemetry)
    assert "refused to let us write to QUEUE_EVENTS_TOPIC=" in sentence
    assert FINAL[code] in sentence


def test_a_missing_right_is_an_error_at_once(
    open_bus: OpenBus, refusing: tuple[RefusingProxy, TansuBroker], run_settings: RunSettings
) -> None:
    """Without the right to write, user and topic are named."""
    proxy, _ = refusing
    proxy.refuse(PRODUCE, 29)
    _, telemetry = open_bus(run_settings(proxy.address))
    assert "does not let a client without KAFKA_USER write to QUEUE_EVENTS_TOPIC=" in refusal(telemetry)


@pytest.mark.parametrize("code", PASSING)
def test_a_refusal_that_may_pass_is_waited_for_and_then_told(
    open_bus: OpenBus,
    refusing: tuple[RefusingProxy, TansuBroker],
    run_settings: RunSettings,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
) -> None:
    """The client retries it without a word, but the reason at the end of the time is the broker's."""
    monkeypatch.setattr(patience, "START_TIMEOUT_S", unhurried(3.0))
    proxy, _ = refusing
    proxy.refuse(PRODUCE, code)
    _, telemetry = open_bus(run_settings(proxy.address))
    with pytest.raises(ServiceError) as caught:
        telemetry.started()
    assert PASSING[code] in str(caught.value)
    assert "did not answer" not in str(caught.value)


def test_a_producer_that_gets_no_identity_is_told_why(
    open_bus: OpenBus,
    refusing: tuple[RefusingProxy, TansuBroker],
    run_settings: RunSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The client asks again and again, and says so only in its log."""
    monkeypatch.setattr(patience, "START_TIMEOUT_S", unhurried(3.0))
    proxy, _ = refusing
    proxy.refuse(INIT_PRODUCER_ID, 42)
    _, telemetry = open_bus(run_settings(proxy.address))
    with pytest.raises(ServiceError, match="Invalid request"):
        telemetry.started()


def test_a_refusal_that_passes_is_no_error(
    open_bus: OpenBus, refusing: tuple[RefusingProxy, TansuBroker], topics: Topics, run_settings: RunSettings
) -> None:
    """Replicas that come back let the first event through, once."""
    proxy, broker = refusing
    proxy.refuse(PRODUCE, 19)
    _, telemetry = open_bus(run_settings(proxy.address))

    def relent_later() -> None:
        wait_until(lambda: proxy.num_refused > 1)
        proxy.relent()

    relent = threading.Thread(target=relent_later)
    relent.start()
    telemetry.started()
    relent.join()
    assert statuses(read_events(broker, topics.events, 1)) == ["started"]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (31, "does not let a client without KAFKA_USER write to"),
        (53, "authorization failed"),
        (50, "Transaction timeout"),
    ],
)
def test_a_fatal_error_of_the_client_is_an_error_at_once(
    open_bus: OpenBus,
    refusing: tuple[RefusingProxy, TansuBroker],
    run_settings: RunSettings,
    capfd: pytest.CaptureFixture[str],
    code: int,
    words: str,
) -> None:
    """confluent-kafka raises it out of `poll`: it is handled there, and no thread dies of it."""
    proxy, _ = refusing
    proxy.refuse(INIT_PRODUCER_ID, code)
    bus, telemetry = open_bus(run_settings(proxy.address))
    assert words in refusal(telemetry)
    bus.close()
    assert "Traceback" not in capfd.readouterr().err


def test_a_fatal_error_in_the_middle_costs_progress_only(
    open_bus: OpenBus, refusing: tuple[RefusingProxy, TansuBroker], topics: Topics, run_settings: RunSettings
) -> None:
    """The client is of no use any more: the last event goes through a fresh producer."""
    proxy, broker = refusing
    bus, telemetry = open_bus(run_settings(proxy.address))
    telemetry.started()
    proxy.refuse(PRODUCE, 45)  # a sequence that the broker does not know is fatal to a producer
    emit_epochs(telemetry, 1)
    assert wait_until(lambda: proxy.num_refused)
    proxy.relent()
    telemetry.finished("model.pt", "metrics.json", 1, {"loss": 0.5, "accuracy": 0.75})
    bus.close()
    assert statuses(read_events(broker, topics.events, 2))[-1] == "finished"


def test_a_last_event_that_is_refused_does_not_wait(
    open_bus: OpenBus, refusing: tuple[RefusingProxy, TansuBroker], run_settings: RunSettings
) -> None:
    """What the broker will never take is not offered for half a minute."""
    proxy, _ = refusing
    _, telemetry = open_bus(run_settings(proxy.address))
    telemetry.started()
    proxy.refuse(PRODUCE, 10)
    with pytest.raises(ServiceError, match="Message size too large"):
        telemetry.finished("model.pt", "metrics.json", 1, {"loss": 0.5, "accuracy": 0.75})


@pytest.mark.parametrize(
    ("advertised", "reason"), [("127.0.0.1:9", "Connection refused"), ("gone.invalid:9092", "Failed to resolve")]
)
def test_an_advertised_address_that_fails_is_named(
    open_bus: OpenBus,
    server_dir: Path,
    topics: Topics,
    run_settings: RunSettings,
    monkeypatch: pytest.MonkeyPatch,
    advertised: str,
    reason: str,
) -> None:
    """The bootstrap address answers, so it is not the culprit."""
    monkeypatch.setattr(patience, "START_TIMEOUT_S", unhurried(3.0))
    with TansuBroker(server_dir, advertised=advertised) as broker:
        broker.create_topic(topics.events)
        broker.create_topic(topics.control)
        _, telemetry = open_bus(run_settings(broker.address))
        with pytest.raises(ServiceError) as caught:
            telemetry.started()
    sentence = str(caught.value)
    assert f"names {advertised} as the address of broker " in sentence
    assert f"(its advertised.listeners), which cannot be reached: {reason}" in sentence
    assert sentence.endswith(".")
    assert ")." not in sentence


@pytest.mark.parametrize("code", [33, 34])
def test_a_login_at_a_listener_without_one_is_told(
    open_bus: OpenBus, refusing: tuple[RefusingProxy, TansuBroker], run_settings: RunSettings, code: int
) -> None:
    """A broker that offers no mechanism at all (Apache Kafka's error 34) is not one that offers another."""
    proxy, _ = refusing
    proxy.refuse(SASL_HANDSHAKE, code)
    _, telemetry = open_bus(run_settings(proxy.address, kafka_user="u", kafka_password="p"))
    sentence = refusal(telemetry)
    assert (
        "takes no login (SASL) at this listener: name a SASL_PLAINTEXT listener, or do not set KAFKA_USER" in sentence
    )
    assert "only ." not in sentence


def test_the_port_of_a_controller_is_told_as_one(
    open_bus: OpenBus, refusing: tuple[RefusingProxy, TansuBroker], run_settings: RunSettings
) -> None:
    """It answers, and knows nothing of what clients ask."""
    proxy, _ = refusing
    proxy.offer_only(CONTROLLER)
    _, telemetry = open_bus(run_settings(proxy.address))
    assert "name the port of a broker's listener, not that of a controller" in refusal(telemetry)


def test_nothing_is_sent_to_a_topic_that_is_not_there(
    open_bus: OpenBus, kafka: KafkaEndpoint, topics: Topics, run_settings: RunSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error of a run with a mistyped topic does not create it, so that the retry ends the same way."""
    monkeypatch.setattr(patience, "LAST_CHANCE_S", unhurried(1.0))
    kafka.create_topic(topics.control)
    _, telemetry = open_bus(run_settings(kafka.bootstrap_servers))
    with pytest.raises(ServiceError, match=f"shows no topic QUEUE_EVENTS_TOPIC={topics.events}"):
        telemetry.started()
    with pytest.raises(ServiceError, match=f"shows no topic QUEUE_EVENTS_TOPIC={topics.events}"):
        telemetry.error(4, "no such topic")
    assert topics.events not in AdminClient(kafka.client_config()).list_topics(timeout=LONG_S).topics


@pytest.mark.parametrize("late", ["events", "control"])
def test_a_topic_that_was_just_created_is_looked_for_twice(
    open_bus: OpenBus, kafka: KafkaEndpoint, topics: Topics, run_settings: RunSettings, late: str
) -> None:
    """Brokers learn of a topic one after the other, so the first look may miss it."""
    kafka.create_topic(topics.control if late == "events" else topics.events)
    bus, _ = open_bus(run_settings(kafka.bootstrap_servers))
    creation = threading.Timer(0.3, kafka.create_topic, [getattr(topics, late)])
    creation.start()
    bus.check()
    creation.join()
