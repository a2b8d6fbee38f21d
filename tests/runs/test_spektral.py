"""Whole runs with FRAMEWORK=spektral: what they leave, how they are stopped and go on, and what they say."""

from __future__ import annotations

import ctypes
import hashlib
import json
import signal
import subprocess
from pathlib import Path

import pytest
import torch

from tests.conftest import EXAMPLE, RunMain, clean_environment, command
from tests.frameworks.spektral.carried import MODELS
from tests.runs.here import assert_same_predictions, finished_here, predict_here, predicted_here, run_here
from tests.runs.running import start_forked

pytestmark = pytest.mark.spektral

_CLONE_NEWNET = 0x40000000

GRAPH = ("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--target", "price_up", "--framework", "spektral")
SHORT = ("--hidden_channels", "8", "--epochs", "3", "--dropout", "0.2", "--save_predictions", "true")


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("model_type", MODELS)
def test_a_run_leaves_both_forms_of_its_model_and_predicts_again(tmp_path: Path, model_type: str) -> None:
    """The record has framework, versions and hashes; `trainer.predict` says what the run said."""
    run = finished_here(tmp_path / "out", *GRAPH, *SHORT, "--model_type", model_type)
    record = run.metrics
    names = {"model": "m.pt", "weights": "m.weights.h5", "report": "report.html", "predictions": "predictions.csv.gz"}
    assert record["artifacts"] == {role: hash_of(run.folder / name) for role, name in names.items()}
    assert {path.name for path in run.folder.iterdir()} == {*names.values(), "metrics.json"}
    environment = record["environment"]
    assert (environment["framework"], environment["device"]) == ("spektral", "cpu")
    assert environment["framework_packages"].keys() == {"tensorflow", "tf-keras", "spektral"}
    assert run.saved["model"]["framework"] == "spektral"
    assert record["model"]["num_parameters"] == sum(weight.numel() for weight in run.weights.values())
    assert bool(record["model"]["notes"]) == (model_type == "GraphSAGE")
    assert record["baselines"]
    again = predicted_here(tmp_path / "again", "--model", run.folder / "m.pt", *GRAPH[:4])
    assert_same_predictions(run, again, 1e-6, parts=False)


def test_weights_of_edges_reach_the_layers(tmp_path: Path) -> None:
    """GCN with EDGE_WEIGHT learns something else than without."""
    graph = (*GRAPH, *SHORT, "--model_type", "GCN")
    plain = finished_here(tmp_path / "plain", *graph)
    weighted = finished_here(tmp_path / "weighted", *graph, "--edge_weight", "weight")
    assert any(not torch.equal(weight, weighted.weights[name]) for name, weight in plain.weights.items())


def test_a_pyg_model_in_its_place_leaves_no_weights_of_spektrals(tmp_path: Path) -> None:
    """They would be taken for the new model's."""
    finished_here(tmp_path / "out", *GRAPH, *SHORT)
    assert (tmp_path / "out" / "m.weights.h5").exists()
    again = finished_here(tmp_path / "out", *GRAPH, *SHORT, "--framework", "pyg")
    assert not (tmp_path / "out" / "m.weights.h5").exists()
    assert "weights" not in again.metrics["artifacts"]


def test_a_result_whose_weights_are_lost_does_not_count(tmp_path: Path) -> None:
    """A second start trains anew, and then the result is whole."""
    flags = (*GRAPH, *SHORT, "--queue_id", "one")
    finished_here(tmp_path / "out", *flags)
    (tmp_path / "out" / "m.weights.h5").write_bytes(b"cut")
    again = finished_here(tmp_path / "out", *flags)
    assert any("is not the weights of" in warning for warning in again.warnings)
    whole = finished_here(tmp_path / "out", *flags)
    assert '"status": "training"' not in whole.stdout


def test_several_models_in_a_folder_keep_their_own_weights(run_main: RunMain, tmp_path: Path) -> None:
    """Each under the name of its model."""
    for seed in ("1", "2"):
        ended = run_main(*GRAPH, *SHORT, "--seed", seed, "--output_path", tmp_path / f"s{seed}.pt")
        assert ended.exit_code == 0, ended.stderr
    for seed, metrics in (("1", "metrics.json"), ("2", "s2.metrics.json")):
        record = json.loads((tmp_path / metrics).read_text())
        assert record["artifacts"]["weights"] == hash_of(tmp_path / f"s{seed}.weights.h5")


def test_a_run_that_was_killed_goes_on_and_leaves_the_same_bytes(run_main: RunMain, tmp_path: Path) -> None:
    """SIGKILL after a checkpoint, twice; GAT has dropout in its attention too."""
    model = ("--model_type", "GAT", "--hidden_channels", "8", "--dropout", "0.3", "--epochs", "150")
    flags = (*GRAPH, *model, "--save_predictions", "true", "--queue_id", "killed")
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert run_main(*flags, "--output_path", whole / "m.pt").exit_code == 0
    checkpoint, seen = broken / "checkpoints" / "last.ckpt", b""
    often = (*flags, "--checkpoint_every", "0.1", "--output_path", broken / "m.pt")
    for _ in range(2):
        with start_forked(tmp_path / "logs", *often) as run:
            before = seen
            run.wait_until(lambda: checkpoint.exists() and checkpoint.read_bytes() != before, "a checkpoint is there")  # noqa: B023
            run.process.send_signal(signal.SIGKILL)
            run.process.wait()
            seen = checkpoint.read_bytes()
    last = run_main(*often)
    assert last.exit_code == 0, last.stderr
    assert "goes on after epoch" in last.stdout
    for name in ("m.pt", "m.weights.h5", "predictions.csv.gz"):
        assert (whole / name).read_bytes() == (broken / name).read_bytes(), name
    one, other = (json.loads((folder / "metrics.json").read_text()) for folder in (whole, broken))
    assert (one["history"], one["metrics"]) == (other["history"], other["metrics"])


def test_a_stop_in_the_middle_leaves_a_whole_result(tmp_path: Path) -> None:
    """SIGTERM: what was learned so far, in both forms, and the code of the signal."""
    endless = (*GRAPH, "--epochs", "100000", "--queue_id", "stopped", "--output_path", tmp_path / "m.pt")
    with start_forked(tmp_path / "logs", *endless) as run:
        run.wait_for("training")
        run.process.terminate()
        ended = run.wait()
    assert ended.exit_code == 143, ended.stderr
    assert ended.events[-1]["status"] == "interrupted"
    record = json.loads((tmp_path / "metrics.json").read_text())
    assert (record["status"], record["artifacts"]["weights"]) == ("interrupted", hash_of(tmp_path / "m.weights.h5"))


def test_a_dry_run_knows_the_model_and_says_that_it_knows_no_memory(run_main: RunMain) -> None:
    """The number of parameters is the training's; TensorFlow is not loaded for it."""
    ended = run_main(*GRAPH, "--dry_run", "true")
    assert ended.exit_code == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["model"]["framework"] == "spektral"
    assert told["model"]["num_parameters"] == 9793
    memory = told["memory"]
    assert (memory["training_bytes"], memory["total_bytes"]) == (None, None)
    assert memory["reckoned"]["training_bytes"] == "not known: no training with FRAMEWORK=spektral was measured"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--batch_size", "64"), "BATCH_SIZE=64: its layers take one square matrix; set BATCH_SIZE=0"),
        (("--device", "cuda"), "DEVICE=cuda: it runs on TensorFlow's build for CPUs; set DEVICE=cpu"),
        (
            ("--model_type", "PNA"),
            "MODEL_TYPE=PNA: it has no such model; set MODEL_TYPE to one of GCN, GAT, GraphSAGE, GIN",
        ),
        (
            ("--model_type", "GAT", "--edge_weight", "weight"),
            "EDGE_WEIGHT=weight: its GAT takes no weights; set MODEL_TYPE=GCN",
        ),
    ],
)
def test_what_it_cannot_do_is_refused_before_the_start(tmp_path: Path, flags: tuple[str, ...], said: str) -> None:
    """Exit code 2 and no event."""
    run = run_here(tmp_path, *GRAPH, *flags)
    assert run.exit_code == 2
    assert f"FRAMEWORK='spektral' cannot take {said}" in run.sentence
    assert "started" not in run.stdout


def test_several_types_are_refused_once_the_graph_is_known(tmp_path: Path) -> None:
    """The event and the exit code are those of a wrong setting."""
    days = EXAMPLE.parent / "streamforge_5m"
    run = run_here(tmp_path, *GRAPH, "--graph_path", days, "--graph_name", "streamforge_5m")
    assert run.exit_code == 2
    assert "FRAMEWORK='spektral' takes one vertex type with features and one relation" in run.sentence


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--batch_size", "64"), "A model of FRAMEWORK='spektral' cannot take BATCH_SIZE=64"),
        (("--device", "cuda"), "A model of FRAMEWORK='spektral' cannot take DEVICE=cuda"),
    ],
)
def test_predictions_refuse_what_the_model_cannot_take(tmp_path: Path, flags: tuple[str, ...], said: str) -> None:
    """Which framework it is, only the model file says."""
    run = finished_here(tmp_path / "out", *GRAPH, *SHORT)
    refused = predict_here(tmp_path / "again", "--model", run.folder / "m.pt", *GRAPH[:4], *flags)
    assert refused.exit_code == 2
    assert said in refused.sentence


@pytest.mark.parametrize("change", ["a weight is missing", "a weight is wider", "another framework"])
def test_a_model_file_that_does_not_fit_is_refused(tmp_path: Path, change: str) -> None:
    """One sentence, exit code 3; whatever its weights are."""
    run = finished_here(tmp_path / "out", *GRAPH, *SHORT)
    saved, weights = run.saved, run.weights
    name = next(iter(weights))
    if change == "a weight is missing":
        del weights[name]
    elif change == "a weight is wider":
        weights[name] = torch.zeros(7, 7)
    else:
        saved["model"].pop("framework")
    torch.save(saved | {"state_dict": weights}, tmp_path / "m.pt")
    refused = predict_here(tmp_path / "again", "--model", tmp_path / "m.pt", *GRAPH[:4])
    assert refused.exit_code == 3
    assert "The model file does not hold the weights of the model that it names" in refused.sentence


def test_three_processes_say_nothing_of_their_own_and_learn_the_same(tmp_path: Path) -> None:
    """Without a network, a home, or site-packages that can be written; nothing on standard error."""
    left = []
    for number in range(3):
        out = tmp_path / str(number)
        flags = (*GRAPH, *SHORT, "--model_type", "GIN", "--output_path", out / "m.pt")
        done = subprocess.run(
            command(*flags),
            cwd=tmp_path,
            env=clean_environment({"HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}),
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=_without_network,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert all(line.startswith("{") for line in done.stdout.splitlines()), done.stdout
        left.append([(out / name).read_bytes() for name in ("m.pt", "m.weights.h5", "predictions.csv.gz")])
    assert left[0] == left[1] == left[2]


def _without_network() -> None:
    """A network of its own without any interface; where that needs a right that we lack, the one that there is."""
    ctypes.CDLL(None).unshare(_CLONE_NEWNET)
