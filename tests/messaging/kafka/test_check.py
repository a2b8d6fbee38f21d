"""The error at the start of a run when Kafka cannot be used, and the check that passes when it can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from tests.messaging.kafka.conftest import CuttableKafka, OpenBus, RunSettings, Topics, create_both, read_events
from tests.standins.endpoints import KafkaEndpoint
from tests.standins.kafka_gateway import SaslSslGateway
from tests.standins.pki import Pki, server_context
from tests.standins.servers import SaslSslKafka
from tests.waits import FOREVER_S, LONG_S, unhurried
from trainer.errors import ServiceError
from trainer.messaging.kafka import patience
from trainer.messaging.kafka.bus import KafkaBus
from trainer.process.stop import StopRequested, StopToken
from trainer.settings.definition import Settings

WRONG_PASSWORD = "a-password-that-is-wrong"


@pytest.fixture(autouse=True)
def no_secret_in_the_log(kafka_sasl_ssl: SaslSslKafka, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever goes wrong, no password is logged."""
    caplog.set_level("DEBUG")
    yield
    for password in (kafka_sasl_ssl.password, WRONG_PASSWORD):
        assert not [record for record in caplog.get_records("call") if password in f"{record.__dict__}"]


@pytest.fixture(autouse=True)
def final_answers_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for is waited for without end, unless a test says how long."""
    monkeypatch.setattr(patience, "START_TIMEOUT_S", FOREVER_S)


@pytest.fixture
def secured(run_settings: RunSettings, kafka_sasl_ssl: SaslSslKafka) -> RunSettings:
    """Settings that open the gateway, but for what a test gets wrong."""

    def build(bootstrap_servers: str = kafka_sasl_ssl.bootstrap_servers, **values: str) -> Settings:
        right = {
            "kafka_user": kafka_sasl_ssl.username,
            "kafka_password": kafka_sasl_ssl.password,
            "ca_path": str(kafka_sasl_ssl.ca_path),
        }
        return run_settings(bootstrap_servers, **right | values)

    return build


def refusal(open_bus: OpenBus, settings: Settings) -> str:
    """The error of `check`."""
    bus, _ = open_bus(settings)
    with pytest.raises(ServiceError) as caught:
        bus.check()
    assert settings.kafka.kafka_password.get_secret_value() not in str(caught.value) or not settings.kafka.kafka_user
    return str(caught.value)


def test_over_tls_and_with_a_password_started_arrives(
    open_bus: OpenBus, secured: RunSettings, kafka_sasl_ssl: SaslSslKafka, topics: Topics
) -> None:
    """With the right user, password and CA the first event is on the topic."""
    create_both(kafka_sasl_ssl.endpoint(), topics)
    bus, telemetry = open_bus(secured())
    bus.check()
    telemetry.started()
    (event,) = read_events(kafka_sasl_ssl.endpoint(), topics.events, 1)
    assert event["status"] == "started"


@pytest.mark.parametrize("wrong", [{"kafka_user": "nobody"}, {"kafka_password": WRONG_PASSWORD}])
def test_a_wrong_user_or_password(open_bus: OpenBus, secured: RunSettings, wrong: dict[str, str]) -> None:
    """A refused login names the variables of both."""
    assert refusal(open_bus, secured(**wrong)).endswith("refused the login: KAFKA_USER or KAFKA_PASSWORD is wrong.")


def test_a_mechanism_that_is_not_offered(open_bus: OpenBus, secured: RunSettings) -> None:
    """Another mechanism than the broker's is named together with those that it has."""
    sentence = refusal(open_bus, secured(kafka_sasl_mechanism="SCRAM-SHA-256"))
    assert sentence.endswith("does not offer KAFKA_SASL_MECHANISM=SCRAM-SHA-256, only SCRAM-SHA-512.")


def test_another_authority(open_bus: OpenBus, secured: RunSettings, pki: Pki) -> None:
    """A certificate of an unknown authority is not trusted."""
    sentence = refusal(open_bus, secured(ca_path=str(pki.other_ca_path)))
    assert f"is not trusted: it is not signed by the CA in CA_PATH={pki.other_ca_path}" in sentence


def test_another_host_name(open_bus: OpenBus, secured: RunSettings, kafka_sasl_ssl: SaslSslKafka, pki: Pki) -> None:
    """A certificate for another host is not trusted."""
    users = {kafka_sasl_ssl.username: kafka_sasl_ssl.password}
    tls = server_context(pki.wrong_host_path)
    with SaslSslGateway("127.0.0.1", kafka_sasl_ssl.broker.port, users=users, tls=tls) as gateway:
        assert "or it was made for another host name" in refusal(open_bus, secured(gateway.address))


def test_a_ca_file_without_a_certificate(open_bus: OpenBus, secured: RunSettings, tmp_path: Path) -> None:
    """A file that holds no certificate is named."""
    path = tmp_path / "ca.pem"
    path.write_text("not a certificate")
    assert refusal(open_bus, secured(ca_path=str(path))) == (
        f"CA_PATH={path} cannot be read as a PEM file with a CA certificate."
    )


def test_no_tls_at_a_tls_listener(
    open_bus: OpenBus, run_settings: RunSettings, kafka_sasl_ssl: SaslSslKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client without CA and user at a secured listener hears what the listener should be."""
    monkeypatch.setattr(patience, "START_TIMEOUT_S", unhurried(2.0))
    sentence = refusal(open_bus, run_settings(kafka_sasl_ssl.bootstrap_servers))
    assert "hung up; it should be a PLAINTEXT listener, since KAFKA_USER is not set and CA_PATH is not set" in sentence


def test_nobody_listens(open_bus: OpenBus, run_settings: RunSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """An absent Kafka is waited for within the bound, and then named with its address."""
    monkeypatch.setattr(patience, "START_TIMEOUT_S", unhurried(1.0))
    assert refusal(open_bus, run_settings("127.0.0.1:9")) == (
        "Kafka at KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:9 cannot be reached: Connection refused."
    )


def test_a_host_that_does_not_exist(
    open_bus: OpenBus, run_settings: RunSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that cannot be resolved is part of the sentence."""
    monkeypatch.setattr(patience, "START_TIMEOUT_S", unhurried(1.0))
    assert "Failed to resolve 'kafka.invalid:9092'" in refusal(open_bus, run_settings("kafka.invalid:9092"))


def test_kafka_that_comes_up_late_is_waited_for(
    open_bus: OpenBus, cuttable: CuttableKafka, run_settings: RunSettings
) -> None:
    """A broker that is there within the bound is good."""
    cuttable.broker.kill()
    bus, _ = open_bus(run_settings(cuttable.proxy.address, queue_events_topic="late", queue_control_topic="late"))
    cuttable.broker.start()
    cuttable.broker.create_topic("late")
    bus.check()


def test_a_stop_ends_the_wait(run_settings: RunSettings) -> None:
    """Somebody who asks the run to stop does not wait for an absent Kafka."""
    stop = StopToken()
    stop.request("SIGTERM", 143)
    with closing(KafkaBus(run_settings("127.0.0.1:9").kafka, "trainer-1", stop)) as bus, pytest.raises(StopRequested):
        bus.check()


@pytest.mark.parametrize("missing", ["QUEUE_EVENTS_TOPIC", "QUEUE_CONTROL_TOPIC"])
def test_a_missing_topic_is_named_and_not_made(
    open_bus: OpenBus, topics_there: KafkaEndpoint, run_settings: RunSettings, topic: str, missing: str
) -> None:
    """A topic that is not there is named with its variable, and looking for it does not create it."""
    settings = run_settings(topics_there.bootstrap_servers, **{missing.lower(): topic})
    assert f"shows no topic {missing}={topic}: it does not exist" in refusal(open_bus, settings)
    assert topic not in AdminClient(topics_there.client_config()).list_topics(timeout=LONG_S).topics
