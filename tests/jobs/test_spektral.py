"""The first environment block with FRAMEWORK=spektral: the same words, the same artifacts and one more, the same ends."""

from __future__ import annotations

import hashlib
import io
import signal

import pytest
import torch

from tests.jobs.world import BUCKET, World, assert_well_told

pytestmark = pytest.mark.spektral
FRAMEWORK = {"FRAMEWORK": "spektral"}
ARTIFACTS = ["/metrics.json", "/report.html", ".pt", ".weights.h5"]


def assert_hashes_are_right(world: World) -> None:
    """The metrics hold the SHA-256 of each file beside them."""
    stored = {name: hashlib.sha256(content).hexdigest() for name, content in world.stored().items()}
    names = {"model": ".pt", "weights": ".weights.h5", "report": "/report.html"}
    assert world.metrics()["artifacts"] == {role: stored[name] for role, name in names.items()}


def forget_the_result(world: World) -> None:
    """Without metrics no run of the queue has finished."""
    client = world.s3.client()
    client.delete_object(Bucket=BUCKET, Key=f"{world.queue_id}/metrics.json")
    client.close()


def test_the_block_runs_to_finished(world: World) -> None:
    """Interpreter and all: events in order on the topic, four artifacts in the bucket, nothing on standard error."""
    ended = world.run_program(**FRAMEWORK)
    assert (ended.exit_code, ended.stderr) == (0, ""), ended.stdout
    events = world.events()
    assert_well_told(events, "finished")
    assert {"loading", "training"} <= {event["status"] for event in events}
    assert sorted(world.stored()) == sorted(ARTIFACTS)
    assert_hashes_are_right(world)
    saved = torch.load(io.BytesIO(world.stored()[".pt"]), weights_only=True)
    assert (saved["model"]["type"], saved["model"]["framework"]) == ("GAT", "spektral")


def test_a_stop_command_ends_it_with_what_it_has_learned(world: World) -> None:
    """Exit code 0, `interrupted`, and both forms of the model in the bucket."""
    with world.start(**FRAMEWORK, EPOCHS="100000") as run:
        run.wait_for("training")
        world.send({"command": "stop", "queue_id": world.queue_id})
        ended = run.wait()
    assert ended.exit_code == 0, ended.stderr
    assert_well_told(world.events(), "interrupted")
    assert set(ARTIFACTS) <= set(world.stored())
    assert_hashes_are_right(world)


def test_a_killed_run_goes_on_and_leaves_the_same_bytes(world: World) -> None:
    """SIGKILL once a checkpoint is in the bucket; the run after it ends where an undisturbed one ends."""
    block = {**FRAMEWORK, "EPOCHS": "150", "DROPOUT": "0.3", "HIDDEN_CHANNELS": "8"}
    assert world.run(**block).exit_code == 0
    whole = world.stored()
    often = {**block, "RESUME": "auto", "CHECKPOINT_EVERY": "0.1"}
    world.s3.client().delete_object(Bucket="gnn-checkpoints", Key=f"{world.queue_id}/metrics.json")
    forget_the_result(world)
    with world.start(**often) as run:
        run.wait_until(lambda: "/checkpoints/last.ckpt" in world.stored(), "a checkpoint is stored")
        run.process.send_signal(signal.SIGKILL)
        run.process.wait()
    last = world.run(**often)
    assert last.exit_code == 0, last.stderr
    assert "goes on after epoch" in last.stdout
    for name in (".pt", ".weights.h5"):
        assert world.stored()[name] == whole[name], name
