"""The watch for commands when Kafka is away, refuses, or comes back."""

from __future__ import annotations

import threading
import time

import pytest
from confluent_kafka.admin import AdminClient

from tests.messaging.kafka.conftest import QUEUE_ID, CuttableKafka, RunSettings, Topics, create_both, wait_until
from tests.messaging.kafka.test_control import (
    OUR_STOP,
    OpenControl,
    command,
    open_control,
    send_commands,
)
from tests.standins.endpoints import KafkaEndpoint
from tests.standins.servers import SaslSslKafka
from tests.standins.tansu import TansuBroker
from tests.waits import FOREVER_S, LONG_S, unhurried
from trainer.errors import ServiceError
from trainer.messaging.kafka import patience
from trainer.messaging.kafka.control import KafkaControl
from trainer.process.stop import StopToken

__all__ = ["open_control"]


def test_a_restarted_broker_is_read_on(
    open_control: OpenControl, durable_kafka: TansuBroker, topics: Topics, run_settings: RunSettings
) -> None:
    """After the broker's death reading goes on where it was: the old ping is not seen again, the stop is."""
    create_both(durable_kafka, topics)
    control, stop, pings = open_control(run_settings(durable_kafka.bootstrap_servers))
    control.wait_ready(LONG_S)
    send_commands(durable_kafka, topics.control, command("ping", queue_id=QUEUE_ID))
    assert wait_until(lambda: pings)
    durable_kafka.kill()
    durable_kafka.start()
    send_commands(durable_kafka, topics.control, OUR_STOP)
    assert wait_until(lambda: stop.requested)
    assert len(pings) == 1


def test_a_stop_during_a_cut_is_heard_later(
    open_control: OpenControl, cuttable: CuttableKafka, topics: Topics, run_settings: RunSettings
) -> None:
    """What others send while we are cut off is read once the network is back."""
    control, stop, _ = open_control(run_settings(cuttable.proxy.address))
    control.wait_ready(LONG_S)
    cuttable.proxy.cut()
    # The sender stands on the other side of the cut, which the broker's one address does not allow here.
    restored = threading.Timer(0.5, cuttable.proxy.restore)
    restored.start()
    send_commands(cuttable.broker, topics.control, OUR_STOP)
    assert wait_until(lambda: stop.requested)


def test_kafka_may_come_up_after_the_watch(
    open_control: OpenControl, cuttable: CuttableKafka, run_settings: RunSettings
) -> None:
    """A broker that comes up later is connected to."""
    cuttable.proxy.cut()
    control, _, _ = open_control(run_settings(cuttable.proxy.address))
    time.sleep(0.5)
    cuttable.proxy.restore()
    control.wait_ready(LONG_S)


def test_new_partitions_are_read(
    open_control: OpenControl,
    cuttable: CuttableKafka,
    topics: Topics,
    run_settings: RunSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A stop on a partition that the topic did not have at the start is received."""
    monkeypatch.setattr(patience, "REFRESH_S", 0.3)
    control, stop, _ = open_control(run_settings(cuttable.proxy.address))
    control.wait_ready(LONG_S)
    # Tansu cannot add partitions, so the topic is made anew. Nobody may look meanwhile: its answer to a fetch
    # from a missing topic names no topic, which crashes librdkafka.
    cuttable.proxy.cut()
    cuttable.broker.kill()
    cuttable.broker.start()
    cuttable.broker.create_topic(topics.control, 2)
    cuttable.proxy.restore()
    send_commands(cuttable.broker, topics.control, OUR_STOP, partition=1)
    assert wait_until(lambda: stop.requested)


def test_an_absent_kafka_is_named(open_control: OpenControl, run_settings: RunSettings) -> None:
    """Waiting for an absent Kafka ends within the bound, with the reason."""
    control, _, _ = open_control(run_settings("127.0.0.1:9"))
    with pytest.raises(ServiceError, match="cannot be reached: Connection refused"):
        control.wait_ready(unhurried(1.5))


def test_a_requested_stop_ends_the_wait(open_control: OpenControl, run_settings: RunSettings) -> None:
    """Who asks the run to stop does not wait for Kafka."""
    control, stop, _ = open_control(run_settings("127.0.0.1:9"))
    stop.request("SIGTERM", 143)
    control.wait_ready(FOREVER_S)


def test_a_missing_topic_is_named_at_once(
    open_control: OpenControl, kafka: KafkaEndpoint, run_settings: RunSettings, topic: str
) -> None:
    """Without the control topic the wait ends early with its name, and the topic is not created."""
    control, _, _ = open_control(run_settings(kafka.bootstrap_servers, queue_control_topic=topic))
    with pytest.raises(ServiceError, match=f"shows no topic QUEUE_CONTROL_TOPIC={topic}"):
        control.wait_ready(FOREVER_S)
    assert topic not in AdminClient(kafka.client_config()).list_topics(timeout=LONG_S).topics


def test_a_wrong_password_is_named_at_once(
    open_control: OpenControl,
    kafka_sasl_ssl: SaslSslKafka,
    run_settings: RunSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A refused login ends the wait early, and the password is nowhere."""
    caplog.set_level("DEBUG")
    wrong = {"kafka_user": kafka_sasl_ssl.username, "kafka_password": "a-wrong-password"}
    settings = run_settings(kafka_sasl_ssl.bootstrap_servers, ca_path=str(kafka_sasl_ssl.ca_path), **wrong)
    control, _, _ = open_control(settings)
    with pytest.raises(ServiceError, match="KAFKA_USER or KAFKA_PASSWORD is wrong") as caught:
        control.wait_ready(FOREVER_S)
    assert "a-wrong-password" not in f"{caught.value} {[record.__dict__ for record in caplog.records]}"


def test_closing_is_quick_without_kafka(run_settings: RunSettings) -> None:
    """An absent Kafka does not keep the process from ending."""
    settings = run_settings("127.0.0.1:9")
    control = KafkaControl(settings.kafka, settings.queue, StopToken(), lambda _ping: None)
    control.start()
    time.sleep(0.3)
    control.close()
