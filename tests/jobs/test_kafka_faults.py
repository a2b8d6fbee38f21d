"""Kafka is away, wrong, or dies while a run goes."""

from __future__ import annotations

import dataclasses

import pytest

from tests.jobs.world import CONTROL, EVENTS, World, assert_well_told
from tests.runs.running import WithLimits
from tests.standins.ports import free_port
from tests.standins.tansu import TansuBroker
from tests.standins.tcp_proxy import CuttableProxy

LONG = {"TARGET": "price_up", "MODEL_TYPE": "GraphSAGE", "EPOCHS": "100000"}
SHORT = LONG | {"EPOCHS": "300"}
PATIENCE = "trainer.messaging.kafka.patience"
"""The module of the time limits; that they are kept is tested with the bus."""


def test_nobody_is_told_so_nothing_is_trained(world: World) -> None:
    """Kafka is not there at the start: exit code 4, nothing in the bucket."""
    port = free_port()
    nowhere = {"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{port}", "KAFKA_USER": "", "KAFKA_PASSWORD": "", "CA_PATH": ""}
    ended = world.run(WithLimits({f"{PATIENCE}.START_TIMEOUT_S": 2.0}), **SHORT | nowhere)
    assert ended.exit_code == 4, ended.stderr
    assert "KAFKA_BOOTSTRAP_SERVERS" in ended.last_error_line
    assert world.stored() == {}


def test_a_signal_while_the_run_connects(world: World) -> None:
    """SIGTERM is heard while the run still waits for Kafka."""
    port = free_port()
    nowhere = {"KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{port}", "KAFKA_USER": "", "KAFKA_PASSWORD": "", "CA_PATH": ""}
    run = world.start_program(**SHORT | nowhere)
    run.wait_for("started")
    run.process.terminate()
    ended = run.wait()
    assert ended.exit_code == 143, ended.stderr + ended.stdout
    assert world.stored() == {}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"KAFKA_PASSWORD": "wrong-Kp3"}, "KAFKA_PASSWORD"),
        ({"QUEUE_EVENTS_TOPIC": "no-such-topic"}, "no-such-topic"),
        ({"QUEUE_CONTROL_TOPIC": "no-such-control"}, "no-such-control"),
    ],
)
def test_what_the_broker_refuses_is_named(world: World, changes: dict[str, str], word: str) -> None:
    """Wrong password, missing topics: a sentence with the culprit, exit code 4, and nothing trained."""
    ended = world.run(**SHORT | changes)
    assert ended.exit_code == 4, ended.stderr + ended.stdout
    assert word in ended.last_error_line
    assert "wrong-Kp3" not in ended.stderr + ended.stdout
    assert world.stored() == {}


def test_cut_off_for_a_while_in_the_middle(plain: tuple[World, CuttableProxy]) -> None:
    """Progress is dropped, training goes on, and a stop that comes later is still heard."""
    world, network = plain
    run = world.start(**LONG)
    run.wait_for("training")
    network.cut()
    seen = run.log.read_text().count('"status": "training"')
    run.wait_until(lambda: run.log.read_text().count('"status": "training"') > seen + 2, "training went on")
    network.restore()
    world.send({"command": "stop", "queue_id": world.queue_id})
    ended = run.wait()
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    assert_well_told(world.events(), "interrupted")


def test_killed_and_restarted_in_the_middle(world: World, durable_kafka: TansuBroker) -> None:
    """The broker dies and comes back: started and the last word are both on the topic, once."""
    for topic in (EVENTS, CONTROL):
        durable_kafka.create_topic(topic)
    variables = {"KAFKA_BOOTSTRAP_SERVERS": durable_kafka.bootstrap_servers}
    world = dataclasses.replace(world, kafka=durable_kafka, kafka_variables=variables)
    run = world.start(**LONG)
    run.wait_for("training")
    durable_kafka.kill()
    durable_kafka.start()
    world.send({"command": "stop", "queue_id": world.queue_id})
    ended = run.wait()
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    assert_well_told(world.events(), "interrupted")


def test_gone_at_the_end(plain: tuple[World, CuttableProxy]) -> None:
    """All is stored, but nobody can be told: exit code 4, and the next pod only says finished."""
    world, network = plain
    run = world.start(WithLimits({f"{PATIENCE}.END_TIMEOUT_S": 2.0}), **SHORT | {"EPOCHS": "1000"})
    run.wait_for("training")
    network.cut()
    ended = run.wait()
    assert ended.exit_code == 4, ended.stderr + ended.stdout
    assert sorted(world.stored()) == [".pt", "/metrics.json", "/report.html"]
    model = world.stored()[".pt"]
    network.restore()
    again = world.run(**SHORT | {"EPOCHS": "1000"})
    assert again.exit_code == 0, again.stderr
    assert [event["status"] for event in again.events] == ["started", "finished"]
    assert world.stored()[".pt"] == model
