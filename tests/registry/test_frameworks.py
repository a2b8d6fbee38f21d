"""A framework is one row and a backend: what it cannot do is refused by its row, all else goes through the protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import main
from tests.conftest import Ended, run_forked
from tests.registry import abacus
from tests.registry.test_one_more_model import scores_in
from tests.runs.typed_dump import write_market
from tests.settings.conftest import REQUIRED
from trainer import predict
from trainer.errors import SettingsError
from trainer.frameworks.open import open_backend
from trainer.registry.frameworks import FRAMEWORKS, not_installed
from trainer.settings.definition import Settings
from trainer.settings.sources import load_settings


@pytest.fixture
def made_up() -> Iterator[None]:
    """The framework `abacus`, for one test."""
    before = dict(FRAMEWORKS)
    abacus.register()
    yield
    FRAMEWORKS.clear()
    FRAMEWORKS.update(before)


def load(*flags: str) -> Settings:
    """The settings of a run with the framework."""
    return load_settings(["--framework", "Abacus", *flags], REQUIRED, Path("no.env"))


def refusal(*flags: str) -> str:
    """The sentence that these flags are answered with."""
    with pytest.raises(SettingsError) as caught:
        load(*flags)
    return str(caught.value)


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (
            ("--batch_size", "64"),
            "cannot take BATCH_SIZE=64: its beads need the whole graph; set BATCH_SIZE=0, or FRAMEWORK=pyg.",
        ),
        (
            ("--model_type", "PNA"),
            "cannot take MODEL_TYPE=PNA: it has no such model; set MODEL_TYPE to one of GCN, GAT, GraphSAGE, or FRAMEWORK=pyg.",
        ),
        (
            ("--model_type", "GAT", "--edge_weight", "w"),
            "cannot take EDGE_WEIGHT=w: its GAT takes no weights; set MODEL_TYPE=GCN, or no EDGE_WEIGHT, or FRAMEWORK=pyg.",
        ),
        (
            ("--device", "cuda:1"),
            "cannot take DEVICE=cuda:1: beads are no GPU; set DEVICE=cpu, or FRAMEWORK=pyg.",
        ),
    ],
)
def test_what_a_framework_cannot_do_is_a_wrong_setting(flags: tuple[str, ...], sentence: str) -> None:
    """The sentence names the framework, the setting and both ways out."""
    assert refusal(*flags) == f"FRAMEWORK='abacus' {sentence}"


@pytest.mark.usefixtures("made_up")
def test_refusals_come_with_all_other_problems() -> None:
    """Two of the framework's, one of another setting."""
    sentence = refusal("--batch_size", "64", "--device", "cuda", "--epochs", "ten")
    assert sentence.startswith("3 settings are wrong: ")
    assert all(part in sentence for part in ("EPOCHS='ten'", "BATCH_SIZE=64", "DEVICE=cuda"))


@pytest.mark.usefixtures("made_up")
def test_what_a_framework_can_do_is_taken() -> None:
    """Also in another letter case; a device is found by the framework itself."""
    settings = load("--model_type", "GCN", "--edge_weight", "w")
    assert (settings.model.framework, settings.training.device) == ("abacus", "auto")


def test_a_framework_that_is_not_installed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the settings, and for a model that was trained elsewhere; the sentence says where it is to be had."""
    monkeypatch.setitem(FRAMEWORKS, "abacus", replace(abacus.ROW, imports=("numpy", "beads.on.rods")))
    expected = "FRAMEWORK='abacus' is not installed here; use the image gnn-trainer:abacus."
    assert refusal() == expected
    with pytest.raises(SettingsError) as caught:
        open_backend("abacus")
    assert str(caught.value) == expected


@pytest.mark.parametrize("python", [(3, 12), (3, 13), (4, 0)])
def test_a_python_without_wheels_is_told_which_have_them(python: tuple[int, int]) -> None:
    """No command would help on this one."""
    row = replace(abacus.ROW, newest_python=(3, 11))
    here = ".".join(map(str, python))
    assert not_installed(row, python) == (
        f"is not installed here, where Python is {here}: it has wheels for 3.11 and older; "
        "with one of these, use the image gnn-trainer:abacus"
    )
    assert not_installed(row, (3, 11)) == not_installed(abacus.ROW, python)


def test_a_folder_of_the_name_is_no_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python takes any folder on its path for a package."""
    (tmp_path / "rods").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(FRAMEWORKS, "abacus", replace(abacus.ROW, imports=("rods.upper",)))
    assert "is not installed here" in refusal()


def test_an_unknown_framework_of_a_model_file_is_refused() -> None:
    """The model of a later version."""
    with pytest.raises(
        SettingsError, match=rf"FRAMEWORK='abacus' is not known here; this version has {', '.join(FRAMEWORKS)}\."
    ):
        open_backend("abacus")


def train(flags: Sequence[str]) -> int:
    """The program with one more framework."""
    abacus.register()
    return main.main(flags)


def predict_again(flags: Sequence[str]) -> int:
    """The program of predictions with one more framework."""
    abacus.register()
    return predict.main(flags)


def run(tmp_path: Path, *flags: Any) -> Ended:
    """A run with the framework."""
    given = ("--framework", "abacus", "--output_path", tmp_path / "m.pt", "--save_predictions", "true", *flags)
    return run_forked(train, tmp_path, *given)


def test_a_run_needs_nothing_but_the_protocol(small_dump: Path, tmp_path: Path) -> None:
    """Trained, measured, stored and predicted again without a model in torch."""
    graph = ("--graph_path", small_dump, "--graph_name", "g")
    ended = run(tmp_path, *graph, "--target", "y", "--epochs", "5")
    assert ended.exit_code == 0, ended.stderr
    saved = torch.load(tmp_path / "m.pt", weights_only=True)
    assert saved["model"]["framework"] == "abacus"
    assert saved["state_dict"].keys() == {"w"}
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert len(metrics["history"]) == 5
    environment = metrics["environment"]
    assert (environment["framework"], environment["device"]) == ("abacus", "beads")
    assert environment["framework_packages"].keys() == {"numpy", "orjson"}
    again = run_forked(
        predict_again, tmp_path, "--model", tmp_path / "m.pt", *graph, "--output_path", tmp_path / "p.csv.gz"
    )
    assert again.exit_code == 0, again.stderr
    own, stored = scores_in(tmp_path / "predictions.csv.gz"), scores_in(tmp_path / "p.csv.gz")
    np.testing.assert_allclose(stored, own, rtol=0, atol=1e-6)


def test_several_types_are_refused_once_the_graph_is_known(tmp_path: Path) -> None:
    """Nothing was trained by then, and the event and the exit code are those of a wrong setting."""
    market = write_market(tmp_path / "dump")
    ended = run(tmp_path, "--graph_path", market, "--graph_name", "market", "--target", "price_up")
    assert ended.exit_code == 2
    assert ended.last_error_line.endswith(
        "FRAMEWORK='abacus' takes one vertex type with features and one relation, and this graph has 2 vertex types "
        "(candles_5m, levels_sr) and 3 relations: it has one rod; set FRAMEWORK=pyg."
    )
    assert [event["status"] for event in ended.events][-1] == "error"
    assert "training" not in [event["status"] for event in ended.events]
