"""The model file in the hands of somebody who has stock PyG and nothing of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import EVERYTHING, EXAMPLE, RunMain, clean_environment

PLAIN = """
import json, sys
from pathlib import Path
import torch
import torch_geometric.nn as pyg
assert not any(name.startswith("trainer") for name in sys.modules)
apart = {}
for folder in Path(sys.argv[1]).iterdir():
    saved = torch.load(folder / "m.pt", weights_only=True)
    model = getattr(pyg, saved["model"]["class"])(**saved["model"]["args"])
    model.load_state_dict(saved["state_dict"])
    model.eval()
    inputs = torch.load(folder / "inputs.pt", weights_only=True)
    with torch.no_grad():
        outputs = model(inputs["x"], inputs["edge_index"])
    apart[folder.name] = float((outputs - inputs["outputs"]).abs().max())
print(json.dumps(apart))
"""
MODELS = ("GCN", "GraphSAGE", "GIN", "GAT", "GATv2", "PNA", "EdgeCNN")


def train(folder: Path, model_type: str) -> None:
    """Leave the model of a run, and what it was given and gave."""
    import torch

    from tests.composed import build_dataset, fit, model_file
    from trainer.graph.dump.source import DumpSource
    from trainer.settings.sources import load_settings

    flags = ["--graph_path", str(EXAMPLE), "--graph_name", "market_5m", "--target", "price_up", "--epochs", "3"]
    flags += ["--features", "price_change", "rsi", "--model_type", model_type, "--output_path", "m.pt"]
    settings = load_settings(flags, {}, folder / ".env")
    graph = DumpSource(EXAMPLE).load(["market_5m"], EVERYTHING, lambda vertices, edges: None)
    dataset = build_dataset(graph, settings)
    fitted = fit(dataset, settings)
    folder.mkdir(parents=True)
    (folder / "m.pt").write_bytes(model_file(settings, dataset, fitted))
    inputs = {"x": torch.from_numpy(dataset.inputs.x), "edge_index": torch.from_numpy(dataset.inputs.edge_index)}
    torch.save({**inputs, "outputs": fitted.outputs}, folder / "inputs.pt")


def test_stock_pyg_gives_the_runs_own_outputs(tmp_path: Path) -> None:
    """A plain interpreter loads each file with `weights_only` and computes what the run computed, to 1e-6."""
    for model_type in MODELS:
        train(tmp_path / "models" / model_type, model_type)
    arguments = [sys.executable, "-I", "-c", PLAIN, str(tmp_path / "models")]
    done = subprocess.run(arguments, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    apart = json.loads(done.stdout)
    assert apart.keys() == set(MODELS)
    assert max(apart.values()) < 1e-6, apart


def test_papers_with_array_features_and_a_stored_split(run_main: RunMain, tmp_path: Path) -> None:
    """2,708 papers with 1,433-long feature arrays, 7 classes and a stored split: nothing is about markets."""
    import numpy as np

    from tests.conftest import write_collection, write_graph

    random = np.random.default_rng(7)
    label = random.integers(0, 7, 2708)
    words = random.random((2708, 1433)) < 0.005 + 0.04 * (np.arange(1433) // 205 == label[:, None])
    part = ["train"] * 140 + ["val"] * 500 + ["test"] * 1000
    papers = [
        {"_key": str(n), "features": words[n].astype(int).tolist(), "label": int(label[n])}
        | ({"split": part[n]} if n < len(part) else {})
        for n in range(2708)
    ]
    by_label = [np.flatnonzero(label == place) for place in range(7)]
    ends = [(n, int(random.choice(by_label[label[n]]))) for n in range(2708) for _ in range(2)]
    cites = [{"_key": str(n), "_from": f"papers/{a}", "_to": f"papers/{b}"} for n, (a, b) in enumerate(ends)]
    write_collection(tmp_path / "dump", "papers", papers, compress=True)
    write_collection(tmp_path / "dump", "cites", cites, edge=True)
    write_graph(tmp_path / "dump", "citations", [{"collection": "cites", "from": ["papers"], "to": ["papers"]}])
    ended = run_main(
        *("--graph_path", tmp_path / "dump", "--graph_name", "citations", "--model_type", "GCN", "--epochs", "30"),
        *(
            "--features",
            "features",
            "--target",
            "label",
            "--split",
            "attribute:split",
            "--output_path",
            tmp_path / "m.pt",
        ),
    )
    assert ended.exit_code == 0, ended.stderr
    run = json.loads((tmp_path / "metrics.json").read_text())
    assert run["task"] == "multiclass"
    assert run["classes"] == list(range(7))
    assert (run["split"]["counts"]["train"], run["split"]["counts"]["val"], run["split"]["counts"]["test"]) == (
        140,
        500,
        1000,
    )
    assert run["metrics"]["test"]["accuracy"] > 0.5
