"""The first environment block of the documentation with FRAMEWORK=dgl: told, stored, stopped and gone on with as with PyG."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch

from tests.conftest import EXAMPLE, run_forked
from tests.jobs.world import World, assert_well_told
from tests.registry.test_one_more_model import scores_in
from trainer import predict

QUICK = {"FRAMEWORK": "dgl", "HIDDEN_CHANNELS": "16"}


def test_the_first_block_runs_to_finished(world: World, tmp_path: Path) -> None:
    """Interpreter and all: events in order, artifacts, the framework in each of them, and the stored model predicts the same."""
    ended = world.run_program(**QUICK, SAVE_PREDICTIONS="true")
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    assert ended.stderr == ""
    events = world.events()
    assert_well_told(events, "finished")
    assert {"loading", "training"} <= {event["status"] for event in events}
    stored = world.stored()
    assert sorted(stored) == [".pt", "/metrics.json", "/predictions.csv.gz", "/report.html"]
    environment = world.metrics()["environment"]
    assert (environment["framework"], environment["framework_packages"]) == ("dgl", {"dgl": "1.1.3"})
    model = torch.load(io.BytesIO(stored[".pt"]), weights_only=True)["model"]
    assert (model["framework"], model["type"], model["class"]) == ("dgl", "GAT", "GATConv")
    (tmp_path / "m.pt").write_bytes(stored[".pt"])
    (tmp_path / "own.csv.gz").write_bytes(stored["/predictions.csv.gz"])
    flags = ("--model", tmp_path / "m.pt", "--graph_path", EXAMPLE, "--output_path", tmp_path / "p.csv.gz")
    again = run_forked(predict.main, tmp_path, *flags)
    assert again.exit_code == 0, again.stderr
    np.testing.assert_allclose(scores_in(tmp_path / "p.csv.gz"), scores_in(tmp_path / "own.csv.gz"), rtol=0, atol=1e-6)


def test_kill_9_and_a_stop_change_nothing(world: World) -> None:
    """Killed when there is a checkpoint, stopped by command, then run to the end: the bytes are those of one run."""
    block = QUICK | {"EPOCHS": "100000", "DROPOUT": "0.3", "CHECKPOINT_EVERY": "0.1"}
    killed = world.start(**block)
    killed.wait_until(lambda: "/checkpoints/last.ckpt" in world.stored(), "there is a checkpoint")
    killed.process.kill()
    killed.process.wait()
    stopped = world.start(**block)
    stopped.wait_for("training")
    world.send({"command": "stop", "queue_id": world.queue_id})
    ended = stopped.wait()
    assert ended.exit_code == 0, ended.stderr
    assert "goes on after epoch" in ended.stdout
    metrics = world.metrics()
    assert metrics["status"] == "interrupted"
    block["EPOCHS"] = str(metrics["epochs_run"] + 2)
    last = world.run(**block)
    assert last.exit_code == 0, last.stderr
    assert "goes on after epoch" in last.stdout
    disturbed = world.stored()[".pt"]
    whole = world.run(**block, RESUME="never")
    assert whole.exit_code == 0, whole.stderr
    assert "goes on after epoch" not in whole.stdout
    assert world.stored()[".pt"] == disturbed
