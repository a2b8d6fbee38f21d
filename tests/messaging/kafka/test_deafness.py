"""A control topic that cannot be read any more: said, and said again when it can; no stop is lost in between."""

from __future__ import annotations

import logging
import os
import time

import pytest
from confluent_kafka.admin import AdminClient

from tests.messaging.kafka.conftest import QUEUE_ID, CuttableKafka, RunSettings, Topics, create_both, wait_until
from tests.messaging.kafka.test_control import OUR_STOP, OpenControl, command, open_control, send_commands
from tests.standins.endpoints import KafkaEndpoint, named_kafka
from tests.standins.kafka_refusals import FETCH, RefusingProxy
from tests.standins.tansu import TansuBroker
from tests.waits import LONG_S, unhurried
from trainer.messaging.kafka import patience

__all__ = ["open_control"]

DEAF, AGAIN, ANEW = "Commands are not heard", "Commands are heard again", "was deleted and made anew"


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """The topic is looked at more often than in a run."""
    monkeypatch.setattr(patience, "REFRESH_S", 0.5)
    monkeypatch.setattr(patience, "PROOF_S", unhurried(1.0))
    monkeypatch.setattr(patience, "DEAF_AFTER_S", unhurried(1.0))


@pytest.fixture
def apache_kafka() -> KafkaEndpoint:
    """The broker that the variables name; deleting a topic on the embedded one crashes the client (exit code 139)."""
    named = named_kafka(os.environ)
    if named is None:
        pytest.skip("needs Apache Kafka in TEST_KAFKA_BOOTSTRAP_SERVERS")
    return named


def said(caplog: pytest.LogCaptureFixture, text: str) -> list[str]:
    """Our warnings with this text."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "gnn_trainer.messaging" and record.levelno >= logging.WARNING and text in record.getMessage()
    ]


def delete(kafka: KafkaEndpoint, topic: str) -> None:
    """Delete a topic, and wait until it is gone."""
    admin = AdminClient(kafka.client_config())
    admin.delete_topics([topic])[topic].result(LONG_S)
    assert wait_until(lambda: topic not in admin.list_topics(timeout=LONG_S).topics)


@pytest.mark.parametrize(("code", "words"), [(29, "does not let"), (87, "validate record")])
def test_a_topic_that_is_refused_in_the_middle_is_said(
    open_control: OpenControl,
    refusing: tuple[RefusingProxy, TansuBroker],
    topics: Topics,
    run_settings: RunSettings,
    caplog: pytest.LogCaptureFixture,
    code: int,
    words: str,
) -> None:
    """A right that is taken away is one warning with the broker's reason; given back, another, and the stop counts."""
    proxy, broker = refusing
    control, stop, _ = open_control(run_settings(proxy.address))
    control.wait_ready(LONG_S)
    proxy.refuse(FETCH, code)
    assert wait_until(lambda: said(caplog, DEAF))
    send_commands(broker, topics.control, OUR_STOP)
    assert not stop.requested
    proxy.relent()
    assert wait_until(lambda: said(caplog, AGAIN))
    assert wait_until(lambda: stop.requested)
    (warning,) = said(caplog, DEAF)
    assert words in warning
    assert len(said(caplog, AGAIN)) == 1


def test_a_broker_that_falls_silent_is_said(
    open_control: OpenControl,
    cuttable: CuttableKafka,
    topics: Topics,
    run_settings: RunSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A network that swallows packets makes deaf too; what was sent meanwhile is read afterwards."""
    control, stop, _ = open_control(run_settings(cuttable.proxy.address))
    control.wait_ready(LONG_S)
    cuttable.proxy.stall()
    assert wait_until(lambda: said(caplog, DEAF))
    cuttable.proxy.resume()
    assert wait_until(lambda: said(caplog, AGAIN))
    send_commands(cuttable.broker, topics.control, OUR_STOP)
    assert wait_until(lambda: stop.requested)


def test_a_topic_made_anew_behind_our_back_is_read_from_its_beginning(
    open_control: OpenControl,
    cuttable: CuttableKafka,
    topics: Topics,
    run_settings: RunSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A stop at an offset that we had passed in the old topic counts: the id of the topic is another."""
    send_commands(cuttable.broker, topics.control, *[command("stop", queue_id="another")] * 50)
    ordered_at_s = time.time() - 60
    control, stop, _ = open_control(run_settings(cuttable.proxy.address, job_timestamp=ordered_at_s))
    control.wait_ready(LONG_S)
    # Nobody may look meanwhile, see `test_new_partitions_are_read`.
    cuttable.proxy.cut()
    cuttable.broker.kill()
    cuttable.broker.start()
    cuttable.broker.create_topic(topics.control)
    filler = [command("stop", queue_id="another")] * 100
    cuttable.proxy.restore()
    send_commands(cuttable.broker, topics.control, OUR_STOP, *filler)
    assert wait_until(lambda: stop.requested)
    assert said(caplog, ANEW)


def test_deleted_in_the_middle(
    open_control: OpenControl,
    apache_kafka: KafkaEndpoint,
    topics: Topics,
    run_settings: RunSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A topic that is deleted is missed with a warning, and heard again, the stop in it too, once it is back."""
    create_both(apache_kafka, topics)
    control, stop, _ = open_control(run_settings(apache_kafka.bootstrap_servers))
    control.wait_ready(LONG_S)
    delete(apache_kafka, topics.control)
    assert wait_until(lambda: said(caplog, DEAF))
    assert "shows no topic QUEUE_CONTROL_TOPIC" in said(caplog, DEAF)[0]
    apache_kafka.create_topic(topics.control, 2)
    send_commands(apache_kafka, topics.control, OUR_STOP, partition=1)
    assert wait_until(lambda: stop.requested)
    assert wait_until(lambda: said(caplog, AGAIN))


@pytest.mark.parametrize("num_others", [0, 100])
def test_made_anew_and_filled_at_once(
    open_control: OpenControl, apache_kafka: KafkaEndpoint, topics: Topics, run_settings: RunSettings, num_others: int
) -> None:
    """Whether the new topic is shorter or longer than the old one was: the stop at its beginning counts."""
    create_both(apache_kafka, topics)
    foreign = command("stop", queue_id="another")
    send_commands(apache_kafka, topics.control, *[foreign] * 50)
    control, stop, _ = open_control(run_settings(apache_kafka.bootstrap_servers, job_timestamp=time.time() - 60))
    control.wait_ready(LONG_S)
    delete(apache_kafka, topics.control)
    apache_kafka.create_topic(topics.control)
    send_commands(apache_kafka, topics.control, OUR_STOP, *[foreign] * num_others)
    assert wait_until(lambda: stop.requested)


def test_made_anew_with_old_commands(
    open_control: OpenControl, apache_kafka: KafkaEndpoint, topics: Topics, run_settings: RunSettings
) -> None:
    """A restored topic holds stops from before the order: JOB_TIMESTAMP decides, as at the start."""
    create_both(apache_kafka, topics)
    ordered_at_s = time.time() - 60
    control, stop, pings = open_control(run_settings(apache_kafka.bootstrap_servers, job_timestamp=ordered_at_s))
    control.wait_ready(LONG_S)
    delete(apache_kafka, topics.control)
    apache_kafka.create_topic(topics.control)
    send_commands(apache_kafka, topics.control, OUR_STOP, at_s=ordered_at_s - 5)
    send_commands(apache_kafka, topics.control, command("ping", queue_id=QUEUE_ID))
    assert wait_until(lambda: pings)
    assert not stop.requested
