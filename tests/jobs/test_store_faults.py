"""The object store fails before, while and after a run trains."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import torch

from tests.jobs.world import SECRETS, World, assert_no_secret, assert_well_told
from tests.runs.running import WithLimits
from tests.standins.ports import free_port
from tests.standins.s3_front import Fault, Request, S3Front, refusal
from tests.standins.tcp_proxy import CuttableProxy

PATIENCE = "trainer.artifacts.s3_patience"
IMPATIENT = WithLimits({f"{PATIENCE}.{name}_PATIENCE_S": 2.0 for name in ("QUICK", "PUT", "END")})
"""How long the program really tries is tested with the store."""
SOON = {"TARGET": "price_up", "MODEL_TYPE": "GraphSAGE", "EPOCHS": "1000", "CHECKPOINT_EVERY": "0.3"}


@pytest.fixture
def network(world: World) -> Iterator[CuttableProxy]:
    """The network to the store."""
    place = urlsplit(world.s3.endpoint)
    assert place.hostname is not None
    assert place.port is not None
    with CuttableProxy(place.hostname, place.port) as proxy:
        yield proxy


def test_away_before_the_training_starts(world: World) -> None:
    """Nobody trains for a store that is not there."""
    port = free_port()
    ended = world.run(IMPATIENT, **SOON, MINIO_ENDPOINT=f"127.0.0.1:{port}")
    assert ended.exit_code == 4, ended.stderr
    assert str(port) in ended.last_error_line
    events = world.events()
    assert_well_told(events, "error")
    assert "training" not in {event["status"] for event in events}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"MINIO_SECRET_KEY": "wrong-Sk9x"}, "MINIO_SECRET_KEY"),
        ({"MINIO_BUCKET": "no-such-bucket"}, "no-such-bucket"),
    ],
)
def test_refused_before_the_training_starts(world: World, changes: dict[str, str], word: str) -> None:
    """Wrong keys and a missing bucket are found before anything is loaded."""
    ended = world.run(**SOON | changes)
    assert ended.exit_code == 4, ended.stderr
    assert word in ended.last_error_line
    assert "wrong-Sk9x" not in ended.stderr + ended.stdout
    assert {"loading", "training"}.isdisjoint(event["status"] for event in world.events())


def test_away_for_a_while_during_the_training(world: World, network: CuttableProxy) -> None:
    """Checkpoints that cannot be stored do not stop the training."""
    run = world.start(**SOON, MINIO_ENDPOINT=f"127.0.0.1:{network.port}")
    run.wait_for("training")
    network.cut()
    run.wait_until(lambda: '"epoch": 1000' in run.log.read_text(), "the last epoch was trained")
    network.restore()
    ended = run.wait()
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    assert_well_told(world.events(), "finished")
    assert sorted(world.stored()) == [".pt", "/metrics.json", "/report.html"]


def test_gone_when_the_model_is_to_be_stored(world: World, network: CuttableProxy) -> None:
    """After several tries the run says where the copy is, and ends with 4."""
    run = world.start(IMPATIENT, **SOON, MINIO_ENDPOINT=f"127.0.0.1:{network.port}", TMPDIR=str(world.folder))
    run.wait_for("training")
    network.cut()
    ended = run.wait()
    assert ended.exit_code == 4, ended.stderr
    assert "goes with the pod" in ended.last_error_line
    copies = world.folder / "gnn-trainer" / world.queue_id
    assert str(copies) in ended.last_error_line
    assert sorted(path.name for path in copies.iterdir()) == ["metrics.json", "model.pt", "report.html"]
    assert_well_told(world.events(), "error")


@pytest.mark.parametrize("by", ["command", "signal"])
def test_stopped_while_the_model_is_being_stored(world: World, network: CuttableProxy, by: str) -> None:
    """What is complete is stored and said to be finished, whoever asks to stop meanwhile."""
    run = world.start(**SOON, MINIO_ENDPOINT=f"127.0.0.1:{network.port}")
    run.wait_for("training")
    network.cut()
    run.wait_until(lambda: '"epoch": 1000' in run.log.read_text(), "the last epoch was trained")
    if by == "command":
        world.send({"command": "stop", "queue_id": world.queue_id})
    else:
        run.process.terminate()
    network.restore()
    ended = run.wait()
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    assert_well_told(world.events(), "finished")
    memory = {"/checkpoints/stop.json"} if by == "command" else set()  # it was meant for this run, not for the next
    assert set(world.stored()) == {".pt", "/metrics.json", "/report.html"} | memory


def test_kill_9_between_services_changes_nothing(world: World) -> None:
    """Pods killed while they train, with checkpoints in the bucket: the weights are those of one quiet run."""
    quiet = dataclasses.replace(world, queue_id=f"{world.queue_id}-quiet")
    settings = {"TARGET": "price_up", "DROPOUT": "0.2", "EPOCHS": "400", "CHECKPOINT_EVERY": "0.1", "HEADS": "2"}
    assert quiet.run(**settings).exit_code == 0
    for _ in range(3):
        run = world.start(**settings)
        run.wait_for("training")
        run.wait_until(lambda: "/checkpoints/last.ckpt" in world.stored(), "a checkpoint is there")
        assert run.process.poll() is None, "the run was over before it could be killed"
        run.process.kill()
        run.process.wait()
    ended = world.run(**settings)
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    assert "goes on after epoch" in ended.stdout
    ours, theirs = (torch.load(io.BytesIO(made.stored()[".pt"]), weights_only=True) for made in (world, quiet))
    assert ours["best_epoch"] == theirs["best_epoch"]
    assert all(torch.equal(ours["state_dict"][name], theirs["state_dict"][name]) for name in theirs["state_dict"])
    events = world.events()
    last_start = max(place for place, event in enumerate(events) if event["status"] == "started")
    assert_well_told(events[last_start:], "finished")


def test_a_finished_run_needs_no_right_to_write(world: World) -> None:
    """Asked again with a key that may only read, it says that it is finished."""
    keys = world.s3.reader()
    if keys is None:
        pytest.skip("the named store gives no temporary keys")
    settings = SOON | {"EPOCHS": "2"}
    assert world.run(**settings).exit_code == 0
    reader = keys.variables()
    ended = world.run(**settings, **reader)
    assert ended.exit_code == 0, ended.stderr
    assert world.events()[-1]["status"] == "finished"
    ended = world.run(**settings | {"EPOCHS": "3"}, **reader)
    assert ended.exit_code == 4
    assert "s3:PutObject" in ended.last_error_line
    assert "training" not in {event["status"] for event in world.events()[-3:]}


def test_temporary_keys_that_end_in_the_middle(world: World) -> None:
    """It is said, the checkpoint stays, and a run with new keys continues from it."""
    place = urlsplit(world.s3.endpoint)
    seen: list[str] = []

    def expire(request: Request) -> Fault | None:
        over = any("last.ckpt?uploadId" in path for path in seen)  # the first checkpoint is complete
        if request.method == "POST":
            seen.append(request.path)
        return refusal(400, "ExpiredToken") if over else None

    settings = SOON | {"EPOCHS": "200", "CHECKPOINT_EVERY": "0.1"}
    with S3Front(place.hostname or "", place.port or 80, expire) as front:
        ended = world.run(**settings, MINIO_ENDPOINT=front.endpoint, TMPDIR=str(world.folder))
    assert ended.exit_code == 4, ended.stderr
    assert "have expired" in ended.last_error_line
    assert "goes on from the last checkpoint" in ended.last_error_line
    assert "/checkpoints/last.ckpt" in world.stored()
    assert_well_told(world.events(), "error")
    ended = world.run(**settings)
    assert ended.exit_code == 0, ended.stderr
    assert "goes on after epoch" in ended.stdout


def test_a_session_token_is_shown_nowhere(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither when the store refuses it, nor in the settings of a record, nor in an event."""
    monkeypatch.setitem(SECRETS, "MINIO_SESSION_TOKEN", "session-token-Vw73")
    refused = world.run(**SOON, MINIO_SESSION_TOKEN=SECRETS["MINIO_SESSION_TOKEN"])
    assert refused.exit_code == 4
    local = {"OUTPUT_PATH": str(world.folder / "m.pt"), "EPOCHS": "2"}
    assert world.run(**SOON | local, MINIO_SESSION_TOKEN=SECRETS["MINIO_SESSION_TOKEN"]).exit_code == 0
    world.events()
    assert_no_secret(world)


@pytest.mark.parametrize("service", ["S3", "ArangoDB"])
def test_a_redirect_ends_the_run_with_its_address(world: World, service: str) -> None:
    """Nobody but the configured server gets keys or a password; the line says what to set."""
    place = urlsplit(world.s3.endpoint)
    fault = Fault(307, headers={"Location": "https://elsewhere.example:9443/x?secret=Xy5"})
    with S3Front(place.hostname or "", place.port or 80, lambda request: fault) as front:
        variable = {"S3": "MINIO_ENDPOINT", "ArangoDB": "ARANGO_URL"}[service]
        ended = world.run(**SOON | {variable: front.endpoint})
    assert ended.exit_code == 4, ended.stderr
    assert "redirects" in ended.last_error_line
    assert "https://elsewhere.example:9443, which is not followed" in ended.last_error_line
    assert "Xy5" not in ended.stderr + ended.stdout


def test_a_local_path_needs_no_store(world: World, tmp_path: Path) -> None:
    """OUTPUT_PATH wins over MINIO_ENDPOINT: the bucket stays empty."""
    ended = world.run(**SOON | {"EPOCHS": "2"}, OUTPUT_PATH=str(tmp_path / "m.pt"))
    assert ended.exit_code == 0, ended.stderr
    assert (tmp_path / "m.pt").is_file()
    assert world.stored() == {}
