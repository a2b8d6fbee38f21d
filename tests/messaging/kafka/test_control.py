"""Commands that a run obeys, and all the messages that it does not."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import Producer

from tests.messaging.kafka.conftest import QUEUE_ID, OpenBus, RunSettings, Topics, read_events, statuses, wait_until
from tests.standins.endpoints import KafkaEndpoint
from tests.waits import LONG_S
from trainer.bounds import kafka as bounds
from trainer.messaging.kafka.control import KafkaControl
from trainer.process.stop import STOP_COMMAND, StopToken
from trainer.queue.command import Ping
from trainer.settings.definition import Settings

OpenControl = Callable[..., tuple[KafkaControl, StopToken, list[Ping]]]


@pytest.fixture
def open_control() -> Iterator[OpenControl]:
    """A control that runs, its token and the pings it passed on; closed at the end."""
    opened: list[KafkaControl] = []

    def build(
        settings: Settings, on_ping: Callable[[Ping], None] | None = None
    ) -> tuple[KafkaControl, StopToken, list[Ping]]:
        stop, pings = StopToken(), list[Ping]()
        control = KafkaControl(settings.kafka, settings.queue, stop, on_ping or pings.append)
        opened.append(control)
        control.start()
        return control, stop, pings

    yield build
    for control in opened:
        control.close()


def command(name: str, **fields: Any) -> bytes:
    """A command as queue-manager writes it."""
    return json.dumps({"command": name, **fields}).encode()


OUR_STOP = command("stop", queue_id=QUEUE_ID)


def send_commands(
    endpoint: KafkaEndpoint, topic: str, *values: bytes | None, at_s: float | None = None, partition: int = 0
) -> None:
    """Put commands on the topic, recorded now or at a given time."""
    producer = Producer(endpoint.client_config())
    for value in values:
        producer.produce(topic, value, partition=partition, timestamp=int((at_s or time.time()) * 1000))
    assert producer.flush(30) == 0


def test_a_stop_is_heard(
    open_control: OpenControl, topics_there: KafkaEndpoint, topics: Topics, run_settings: RunSettings
) -> None:
    """A stop for our queue asks the run to end, with exit code 0."""
    control, stop, _ = open_control(run_settings(topics_there.bootstrap_servers))
    control.wait_ready(LONG_S)
    send_commands(topics_there, topics.control, OUR_STOP, partition=2)
    assert wait_until(lambda: stop.requested)
    assert (stop.reason, stop.exit_code) == (STOP_COMMAND, 0)


@pytest.mark.parametrize("partition", [0, 1, 2])
def test_a_stop_from_before_the_start_counts(
    open_control: OpenControl, topics_there: KafkaEndpoint, topics: Topics, run_settings: RunSettings, partition: int
) -> None:
    """A stop that was sent after the run was ordered but before it came up is received before `wait_ready` returns."""
    ordered_at_s = time.time() - 3600
    send_commands(topics_there, topics.control, OUR_STOP, at_s=ordered_at_s + 5, partition=partition)
    control, stop, _ = open_control(run_settings(topics_there.bootstrap_servers, job_timestamp=ordered_at_s))
    control.wait_ready(LONG_S)
    assert stop.requested


def test_a_stop_from_before_the_order_does_not_count(
    open_control: OpenControl, topics_there: KafkaEndpoint, topics: Topics, run_settings: RunSettings
) -> None:
    """A stop that is older than `JOB_TIMESTAMP` was meant for an earlier run of the queue."""
    ordered_at_s = time.time() - 3600
    send_commands(topics_there, topics.control, OUR_STOP, at_s=ordered_at_s - 5)
    control, stop, _ = open_control(run_settings(topics_there.bootstrap_servers, job_timestamp=ordered_at_s))
    control.wait_ready(LONG_S)
    assert not stop.requested


@pytest.mark.parametrize(("age_s", "counts"), [(540, True), (660, False)])
def test_without_an_order_time_the_last_ten_minutes_count(
    open_control: OpenControl,
    topics_there: KafkaEndpoint,
    topics: Topics,
    run_settings: RunSettings,
    age_s: float,
    counts: bool,
) -> None:
    """Where `JOB_TIMESTAMP` is not set, a stop of nine minutes ago counts and one of eleven does not."""
    send_commands(topics_there, topics.control, OUR_STOP, at_s=time.time() - age_s)
    control, stop, _ = open_control(run_settings(topics_there.bootstrap_servers))
    control.wait_ready(LONG_S)
    assert stop.requested is counts


@pytest.mark.parametrize("with_own_time", [True, False])
def test_without_an_order_time_a_stop_that_comes_meanwhile_counts_whatever_the_clocks_say(
    open_control: OpenControl,
    topics_there: KafkaEndpoint,
    topics: Topics,
    run_settings: RunSettings,
    with_own_time: bool,
) -> None:
    """This machine's clock was an hour ahead when the run started, or the sender's is an hour behind."""
    control, stop, _ = open_control(run_settings(topics_there.bootstrap_servers))
    control.wait_ready(LONG_S)
    at_s = time.time() - 3600
    own_time = {"timestamp": at_s} if with_own_time else {}
    send_commands(topics_there, topics.control, command("stop", queue_id=QUEUE_ID, **own_time), at_s=at_s)
    assert wait_until(lambda: stop.requested)


def test_a_stop_that_comes_meanwhile_and_is_passed_over_is_said(
    open_control: OpenControl,
    topics_there: KafkaEndpoint,
    topics: Topics,
    run_settings: RunSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """JOB_TIMESTAMP decides, but whoever waits for the stop learns why nothing happens."""
    control, stop, pings = open_control(run_settings(topics_there.bootstrap_servers, job_timestamp=time.time() - 60))
    control.wait_ready(LONG_S)
    send_commands(topics_there, topics.control, OUR_STOP, at_s=time.time() - 3600)
    send_commands(topics_there, topics.control, command("ping", queue_id=QUEUE_ID))
    assert wait_until(lambda: pings)
    assert not stop.requested
    assert "A stop command to this run is passed over: its time lies before JOB_TIMESTAMP" in caplog.text


@pytest.mark.parametrize(
    ("ahead_s", "is_warned_of"), [(7200, True), (10 * 365 * 86400, True), (60, False), (-60, False)]
)
def test_an_order_from_the_future_is_warned_of(
    open_control: OpenControl,
    topics_there: KafkaEndpoint,
    run_settings: RunSettings,
    caplog: pytest.LogCaptureFixture,
    ahead_s: float,
    is_warned_of: bool,
) -> None:
    """No stop would be obeyed for a while, which is said at the start; two clocks may differ by less."""
    at_s = time.time() + ahead_s
    control, _, _ = open_control(run_settings(topics_there.bootstrap_servers, job_timestamp=at_s))
    control.wait_ready(LONG_S)
    warnings = [record.getMessage() for record in caplog.records if record.name == "gnn_trainer.messaging"]
    assert len(warnings) == is_warned_of, warnings
    if is_warned_of:
        assert f"JOB_TIMESTAMP={at_s:.3f} is " in warnings[0]
        assert "in the future: stop commands from before that time are ignored" in warnings[0]


@pytest.mark.parametrize("ours_at", [0, 9_999, 20_000])
def test_a_backlog_of_others_is_read_to_its_end(
    open_control: OpenControl, topics_there: KafkaEndpoint, topics: Topics, run_settings: RunSettings, ours_at: int
) -> None:
    """A stop for us is found wherever it stands among 20,000 commands to others."""
    others = [command("stop", queue_id=f"another-{number}", reason="x" * 100) for number in range(20_000)]
    ordered_at_s = time.time() - 60
    send_commands(topics_there, topics.control, *others[:ours_at], OUR_STOP, *others[ours_at:])
    control, stop, pings = open_control(run_settings(topics_there.bootstrap_servers, job_timestamp=ordered_at_s))
    control.wait_ready(LONG_S)
    assert wait_until(lambda: stop.requested)
    send_commands(topics_there, topics.control, command("ping", queue_id=QUEUE_ID))
    assert wait_until(lambda: pings), "what comes after the backlog is heard"


def test_messages_of_others_change_nothing(
    open_control: OpenControl,
    topics_there: KafkaEndpoint,
    topics: Topics,
    run_settings: RunSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Other queues, unknown commands, other JSON, deletions and broken JSON are passed over, with one warning."""
    noise = random.Random(7)
    foreign = (
        command("stop", queue_id="another"),
        command("stop", queue_id="another", telemetry_id="gnn-trainer__abc123"),
        command("stop"),
        command("ping", queue_id="another"),
        command("start", queue_id=QUEUE_ID, graph_name="g"),
        command("dance", queue_id=QUEUE_ID),
        b"[1, 2]",
        b'{"command": 5}',
        b"null",
        b"",
        b"{broken",
        b"\xff\xfe\x00",
        None,
        *(noise.randbytes(noise.randrange(1, 200)) for _ in range(100)),
    )
    control, stop, pings = open_control(run_settings(topics_there.bootstrap_servers))
    control.wait_ready(LONG_S)
    send_commands(topics_there, topics.control, *foreign, command("ping", queue_id=QUEUE_ID, sent_at=1.5))
    assert wait_until(lambda: pings)
    assert not stop.requested
    assert len(pings) == 1
    (warning,) = [record.getMessage() for record in caplog.records if record.name == "gnn_trainer.messaging"]
    assert warning.startswith("Ignored: a message on queue-control is not")


@pytest.mark.parametrize("filling", [b" ", b'{"":0},', b"["], ids=["blanks", "objects", "deep"])
def test_very_long_messages_change_nothing(
    open_control: OpenControl,
    topics_there: KafkaEndpoint,
    topics: Topics,
    run_settings: RunSettings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    filling: bytes,
) -> None:
    """They are not parsed, with one warning that names the bound, and taken a few at a time."""
    monkeypatch.setattr(bounds, "LONGEST_COMMAND_BYTES", 100_000)
    monkeypatch.setattr(bounds, "FULL_BATCH_BYTES", 200_000)
    long = command("stop", queue_id=QUEUE_ID) + filling * (150_000 // len(filling))
    send_commands(topics_there, topics.control, *[long] * 10)
    control, stop, pings = open_control(run_settings(topics_there.bootstrap_servers))
    control.wait_ready(LONG_S)
    send_commands(topics_there, topics.control, *[long] * 10, command("ping", queue_id=QUEUE_ID, sent_at=1.5))
    assert wait_until(lambda: pings)
    assert not stop.requested
    (warning,) = [record.getMessage() for record in caplog.records if record.name == "gnn_trainer.messaging"]
    assert warning.startswith("Ignored: a message on queue-control of more than 100,000 bytes")


def test_a_ping_is_answered(
    open_bus: OpenBus,
    open_control: OpenControl,
    topics_there: KafkaEndpoint,
    topics: Topics,
    run_settings: RunSettings,
) -> None:
    """A ping for us is followed by a pong among the events, with the time that it carried."""
    settings = run_settings(topics_there.bootstrap_servers)
    _, telemetry = open_bus(settings)
    telemetry.started()
    control, _, _ = open_control(settings, lambda ping: telemetry.pong(ping.sent_at))
    control.wait_ready(LONG_S)
    send_commands(topics_there, topics.control, command("ping", queue_id=QUEUE_ID, sent_at=12.5))
    events = read_events(topics_there, topics.events, 2, num_partitions=3)
    assert statuses(events) == ["started", "started"]
    assert (events[1]["event"], events[1]["ping_ts"], events[1]["finished"]) == ("pong", 12.5, False)


def test_many_early_pings_get_one_answer(
    open_control: OpenControl, topics_there: KafkaEndpoint, topics: Topics, run_settings: RunSettings
) -> None:
    """A run that comes up after hours answers the newest of the pings that wait for it, and not the old ones."""
    ordered_at_s = time.time() - 3600
    pings_sent = [command("ping", queue_id=QUEUE_ID, sent_at=number) for number in range(20)]
    send_commands(topics_there, topics.control, *pings_sent, at_s=ordered_at_s + 60)
    control, _, pings = open_control(run_settings(topics_there.bootstrap_servers, job_timestamp=ordered_at_s))
    control.wait_ready(LONG_S)
    assert wait_until(lambda: pings)
    assert [ping.sent_at for ping in pings] == [19]


def test_a_failing_answer_does_not_end_the_watch(
    open_control: OpenControl,
    topics_there: KafkaEndpoint,
    topics: Topics,
    run_settings: RunSettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A defect in the answer to a ping is logged, and the stop after it is received."""

    def fail(_ping: Ping) -> None:
        raise ArithmeticError("a defect")

    control, stop, _ = open_control(run_settings(topics_there.bootstrap_servers), fail)
    control.wait_ready(LONG_S)
    send_commands(topics_there, topics.control, command("ping", queue_id=QUEUE_ID), OUR_STOP)
    assert wait_until(lambda: stop.requested)
    assert "A command could not be handled" in caplog.messages
