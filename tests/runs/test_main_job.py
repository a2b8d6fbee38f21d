"""The main job as its users start it: a graph folder in, three artifacts out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EXAMPLE, ROOT, RunMain

CANDLES = ROOT.parent / "shared" / "data" / "eth_graph_5m_2018_01"
FEATURES = ("price_change", "volume", "rsi", "vwap")


def metrics_of(folder: Path) -> dict[str, Any]:
    content = json.loads((folder / "metrics.json").read_text())
    assert isinstance(content, dict)
    return content


@pytest.mark.parametrize("model_type", ["GraphSAGE", "gcn", "GAT", "GATv2", "GIN"])
def test_trains_on_the_example(run_main: RunMain, tmp_path: Path, model_type: str) -> None:
    """Each model finds the signal that only the graph has, and leaves its three artifacts."""
    out = tmp_path / "OUT"
    flags = ("--model_type", model_type, "--features", *FEATURES, "--target", "price_up", "--epochs", "20")
    ended = run_main(
        "--graph_path", EXAMPLE, "--graph_name", "market_5m", *flags, "--output_path", out / "gnn_model.pt"
    )
    assert ended.exit_code == 0, ended.stderr
    assert sorted(path.name for path in out.iterdir()) == ["gnn_model.pt", "metrics.json", "report.html"]
    run = metrics_of(out)
    assert run["status"] == "finished"
    linear = run["baselines"]["linear"]["test"]["accuracy"]
    assert run["metrics"]["test"]["accuracy"] > linear + 0.02, "the model found nothing beyond the linear baseline"


def test_regression_on_the_example(run_main: RunMain, tmp_path: Path) -> None:
    """Numbers as labels make a regression, measured in the label's own unit."""
    ended = run_main(
        *("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--target", "future_volatility", "--epochs", "20"),
        *("--features", *FEATURES, "--output_path", tmp_path / "model.pt"),
    )
    assert ended.exit_code == 0, ended.stderr
    run = metrics_of(tmp_path)
    assert run["task"] == "regression"
    assert 0 < run["metrics"]["test"]["mae"] < run["baselines"]["mean"]["test"]["mae"]


@pytest.mark.skipif(not CANDLES.is_dir(), reason="the real candles are not beside this checkout")
def test_the_documented_command_line_on_real_candles(run_main: RunMain, tmp_path: Path) -> None:
    """The command line of the documentation ends well on January 2018 of ETH/BTC."""
    ended = run_main(
        *("--graph_path", CANDLES, "--graph_name", CANDLES.name, "--model_type", "GraphSAGE"),
        *(
            "--features",
            *FEATURES,
            "--target",
            "price_up",
            "--epochs",
            "20",
            "--output_path",
            tmp_path / "gnn_model.pt",
        ),
    )
    assert ended.exit_code == 0, ended.stderr
    assert metrics_of(tmp_path)["split"]["counts"]["unlabelled"] == 1


def test_the_environment_alone_is_enough(run_main: RunMain, small_dump: Path, tmp_path: Path) -> None:
    """A run configured by variables only says its events in the order of the contract."""
    env = {"GRAPH_PATH": str(small_dump), "GRAPH_NAME": "g", "EPOCHS": "3", "OUTPUT_PATH": str(tmp_path / "m.pt")}
    ended = run_main(env=env)
    assert ended.exit_code == 0, ended.stderr
    statuses = [event["status"] for event in ended.events]
    assert statuses[0] == "started"
    assert statuses[-1] == "finished"
    assert list(dict.fromkeys(statuses)) == ["started", "loading", "training", "finished"]


def test_one_seed_gives_equal_bytes(run_program: RunMain, small_dump: Path, tmp_path: Path) -> None:
    """Two processes with one seed leave the same weights, byte for byte, and the same metrics but for times."""
    runs = []
    for folder in ("a", "b"):
        flags = ("--dropout", "0.3", "--epochs", "5", "--output_path", tmp_path / folder / "m.pt")
        assert run_program("--graph_path", small_dump, "--graph_name", "g", *flags).exit_code == 0
        run = metrics_of(tmp_path / folder)
        for timely in ("timings", "created_at"):
            run.pop(timely)
        run["settings"].pop("output_path")
        run["artifacts"].pop("report")  # it shows the timings
        runs.append(((tmp_path / folder / "m.pt").read_bytes(), run))
    assert runs[0][0] == runs[1][0]
    assert runs[0][1] == runs[1][1]


def test_help_is_printed_without_loading_torch(run_program: RunMain) -> None:
    """`--help` names the settings and ends with 0."""
    ended = run_program("--help")
    assert ended.exit_code == 0
    assert "--graph_name" in ended.stdout


def test_a_terminal_shows_progress_and_a_summary(small_dump: Path, tmp_path: Path) -> None:
    """On a terminal there are a bar with epochs and a table, and no JSON."""
    import os
    import pty

    from tests.conftest import clean_environment, command
    from tests.left_behind import start_process
    from tests.waits import LONG_S

    ours, theirs = pty.openpty()
    flags = ("--graph_path", small_dump, "--graph_name", "g", "--epochs", "4", "--output_path", tmp_path / "m.pt")
    env = clean_environment({"TERM": "xterm", "COLUMNS": "110"})
    process = start_process(command(*flags), cwd=tmp_path, env=env, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 65536):
            shown += block
    except OSError:
        pass  # the terminal is gone with the process
    os.close(ours)
    text = shown.decode()
    assert process.wait(LONG_S) == 0, text
    for word in ("4/4", "ETA", "accuracy", "linear", "m.pt"):
        assert word in text, f"{word!r} is not on the terminal"
    assert '{"' not in text
