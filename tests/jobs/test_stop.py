"""Commands while a run goes: stop at any moment, ping, and what is none of our business."""

from __future__ import annotations

import json
import time

import pytest

from tests.jobs.world import World, assert_well_told
from tests.standins.arango import Fault, When
from tests.waits import FOREVER_S

LONG = {"EPOCHS": "100000", "TARGET": "price_up"}


def test_stop_in_the_middle_of_the_training(world: World) -> None:
    """interrupted, exit code 0, the best epoch stored, and a checkpoint to go on from."""
    run = world.start(**LONG)
    run.wait_for("training")
    world.send({"command": "stop", "queue_id": world.queue_id})
    ended = run.wait()
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    events = world.events()
    assert_well_told(events, "interrupted")
    assert events[-1]["reason"] == "stop command"
    assert events[-1]["model_path"] == f"s3://gnn-checkpoints/{world.queue_id}.pt"
    assert world.metrics()["status"] == "interrupted"
    assert "/checkpoints/last.ckpt" in world.stored()


def test_a_stop_that_was_sent_before_the_run_came_up_counts(world: World) -> None:
    """queue-manager may stop a Job whose pod is not there yet."""
    sent = time.time()
    world.send({"command": "stop", "queue_id": world.queue_id})
    ended = world.run(**LONG, JOB_TIMESTAMP=str(sent - 5))
    assert ended.exit_code == 0, ended.stderr
    assert_well_told(world.events(), "interrupted")


def test_a_stop_of_an_earlier_run_does_not_count(world: World) -> None:
    """A stop older than the start message was meant for somebody else."""
    world.send({"command": "stop", "queue_id": world.queue_id, "timestamp": time.time() - 100})
    ended = world.run(JOB_TIMESTAMP=str(time.time() - 50))
    assert ended.exit_code == 0, ended.stderr
    assert_well_told(world.events(), "finished")


@pytest.mark.parametrize("place", ["bucket", "folder", "folder of another model"])
def test_an_obeyed_stop_does_not_end_the_next_start(world: World, place: str) -> None:
    """Without JOB_TIMESTAMP the stop of a minute ago is still on the topic: the queue trains on, until a newer stop."""
    block = LONG | {"JOB_TIMESTAMP": ""}
    folder = world.folder / "out"
    if place != "bucket":
        block |= dict.fromkeys(("MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", "MINIO_BUCKET"), "")
        block |= {"OUTPUT_PATH": str(folder / "m.pt")}
    if place == "folder of another model":
        folder.mkdir(parents=True)
        (folder / "first.pt").write_bytes(b"a model")
        (folder / "metrics.json").write_text(json.dumps({"schema_version": 1, "settings": {"output_path": "first.pt"}}))
    for number in range(2):
        run = world.start(**block)
        run.wait_for("training")
        world.send({"command": "stop", "queue_id": world.queue_id})
        ended = run.wait()
        assert ended.exit_code == 0, ended.stderr + ended.stdout
        assert '"reason": "stop command"' in ended.stdout
        assert ("goes on after epoch" in ended.stdout) == (number > 0)
    if place == "bucket":
        assert "/checkpoints/stop.json" in world.stored()
    else:
        name = "stop.json" if place == "folder" else "m.stop.json"
        assert [path.name for path in (folder / "checkpoints").glob("*stop.json")] == [name]


def test_a_stop_that_nobody_obeyed_yet_counts_after_one_that_was(world: World) -> None:
    """The second stop comes while no run is there: the next start obeys it."""
    run = world.start(**LONG)
    run.wait_for("training")
    world.send({"command": "stop", "queue_id": world.queue_id})
    assert run.wait().exit_code == 0
    world.send({"command": "stop", "queue_id": world.queue_id})
    ended = world.run(**LONG)
    assert ended.exit_code == 0, ended.stderr
    assert '"status": "training"' not in ended.stdout


def test_stop_while_the_graph_loads(world: World) -> None:
    """The run does not wait for a slow database to answer."""
    world.arango.faults.add(Fault("slow", When("cursor-create", nth=3), seconds=FOREVER_S))
    run = world.start_program(**LONG)
    run.wait_for("started")
    world.send({"command": "stop", "queue_id": world.queue_id})
    ended = run.wait()
    assert ended.exit_code == 0, ended.stderr
    events = world.events()
    assert_well_told(events, "interrupted")
    assert events[-1]["model_path"] is None


def test_other_queues_and_noise_change_nothing(world: World) -> None:
    """Messages of others, broken JSON and unknown commands leave a run alone; a ping is answered, a stop is obeyed."""
    run = world.start(**LONG, MODEL_TYPE="GraphSAGE")
    run.wait_for("training")
    world.send(
        {"command": "stop", "queue_id": "somebody-else"},
        b"{broken",
        b"\xff\xfe",
        b"[1, 2]",
        {"command": "dance", "queue_id": world.queue_id},
        {"command": "ping", "queue_id": world.queue_id, "sent_at": 12.5},
    )
    run.wait_until(lambda: '"event": "pong"' in run.log.read_text(), "the ping was answered")
    seen = run.log.read_text().count('"status": "training"')
    run.wait_until(lambda: run.log.read_text().count('"status": "training"') > seen, "the training went on")
    world.send({"command": "stop", "queue_id": world.queue_id})
    ended = run.wait()
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    events = world.events()
    assert_well_told(events, "interrupted")
    pongs = [event for event in events if event.get("event") == "pong"]
    assert [pong["ping_ts"] for pong in pongs] == [12.5]
    assert ended.stdout.count("further ones are not mentioned") == 1, "broken messages are to be logged once"


def test_a_signal_while_the_graph_loads(world: World) -> None:
    """SIGTERM before anything was learned: interrupted, 143, nothing in the bucket."""
    world.arango.faults.add(Fault("slow", When("cursor-create", nth=3), seconds=FOREVER_S))
    run = world.start_program(**LONG)
    run.wait_for("loading")
    run.process.terminate()
    ended = run.wait()
    assert ended.exit_code == 143, ended.stderr
    assert_well_told(world.events(), "interrupted")
    assert world.stored() == {}


@pytest.mark.parametrize("number", [15, 2])
def test_a_signal_stores_the_state_and_the_next_pod_goes_on(world: World, number: int) -> None:
    """SIGTERM: interrupted, 143, and the same queue id ends well later."""
    run = world.start(**LONG)
    run.wait_for("training")
    run.process.send_signal(number)
    ended = run.wait()
    assert ended.exit_code == 128 + number, ended.stderr
    assert_well_told(world.events(), "interrupted")
    epochs = world.metrics()["epochs_run"]
    again = world.run(**LONG | {"EPOCHS": str(epochs + 3)})
    assert again.exit_code == 0, again.stderr
    assert f"goes on after epoch {epochs} " in again.stdout
    assert "/checkpoints/last.ckpt" not in world.stored()
