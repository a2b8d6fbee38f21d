"""The sentence that is made of librdkafka's reports."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from tests.conftest import make_settings
from trainer.messaging.kafka.failures import Failures

REFUSED = "h:1/bootstrap: Connect to ipv4#10.0.0.1:1 failed: Connection refused (after 0ms in state CONNECT)"


@pytest.fixture
def failures() -> Failures:
    """Those of a producer at `h:1`."""
    settings = make_settings(queue_id="q", kafka_bootstrap_servers="h:1", kafka_user="u", kafka_password="p")
    return Failures(settings.kafka, "QUEUE_EVENTS_TOPIC", "write to")


def test_silence_is_a_reason_too(failures: Failures) -> None:
    """Without any report the sentence names the expected protocol of the listener."""
    assert str(failures.error()) == (
        "Kafka at KAFKA_BOOTSTRAP_SERVERS=h:1 did not answer in time; it should be a SASL_PLAINTEXT listener,"
        " since KAFKA_USER is set and CA_PATH is not set."
    )


def test_an_empty_report_does_not_hide_the_reason(failures: Failures) -> None:
    """`_ALL_BROKERS_DOWN` before or after the reason changes nothing."""
    empty = KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down")
    for error in (empty, KafkaError(KafkaError._TRANSPORT, REFUSED), empty):
        failures.note(error)
    assert str(failures.error()) == "Kafka at KAFKA_BOOTSTRAP_SERVERS=h:1 cannot be reached: Connection refused."
    assert not failures.is_refusal


def test_a_refusal_outweighs_the_network(failures: Failures) -> None:
    """A wrong password stays the reason when another broker cannot be reached."""
    failures.note(KafkaError(KafkaError._AUTHENTICATION, "h:1/bootstrap: SASL authentication error"))
    failures.note(KafkaError(KafkaError._TRANSPORT, REFUSED))
    assert failures.is_refusal
    assert "KAFKA_PASSWORD" in str(failures.error())


def test_success_makes_old_reasons_void(failures: Failures) -> None:
    """What was wrong before something succeeded explains nothing later."""
    failures.note(KafkaError(KafkaError._AUTHENTICATION, "no"))
    failures.clear()
    assert not failures.is_refusal


@pytest.mark.parametrize("code", [KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED])
def test_a_missing_right_names_user_and_topic(failures: Failures, code: int) -> None:
    """Without the right to write, the sentence names the variables of user and topic."""
    failures.note(KafkaError(code))
    assert failures.is_refusal
    assert "does not let KAFKA_USER write to QUEUE_EVENTS_TOPIC=queue-events" in str(failures.error())


def test_a_hang_up_is_known_from_the_log(failures: Failures) -> None:
    """A closed connection is reported only in librdkafka's log."""
    failures.note_line("FAIL [x#producer-1] h:1/bootstrap: connection closed by peer (in state APIVERSION_QUERY)")
    failures.note(KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down"))
    assert "hung up; it should be a SASL_PLAINTEXT listener" in str(failures.error())
