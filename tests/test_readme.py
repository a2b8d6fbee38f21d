"""The Python of the README does what it says, in an interpreter that has stock PyG and nothing of ours."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.composed import attributes_in_use, build_dataset, fit, model_file
from tests.conftest import EXAMPLE, ROOT, clean_environment
from tests.runs.typed_dump import write_market
from trainer.graph.dump.source import DumpSource
from trainer.settings.sources import load_settings

SNIPPETS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
BEFORE = """
import torch
inputs = torch.load("inputs.pt", weights_only=True)
x, edge_index = inputs["x"], inputs["edge_index"]
"""
AFTER = """
import json, sys
assert not any(name.startswith("trainer") for name in sys.modules)
print(json.dumps(float((outputs - inputs["outputs"]).abs().max())))
"""


@pytest.mark.parametrize("kind", ["one type", "several types", "GraphConv"])
def test_the_snippet_gives_the_runs_own_outputs(tmp_path: Path, kind: str) -> None:
    """Each snippet loads a model of its kind and computes what the run computed, to 1e-6."""
    import torch

    plain, graph_conv, typed = SNIPPETS
    code_of = {
        "one type": plain,
        "several types": typed,
        "GraphConv": f"{graph_conv}\n{plain}",
    }
    of_example = kind != "several types"
    folder, name = (EXAMPLE, "market_5m") if of_example else (write_market(tmp_path / "dump"), "market")
    flags = ["--graph_path", str(folder), "--graph_name", name, "--target", "price_up", "--epochs", "2"]
    flags += ["--model_type", "GraphConv" if kind == "GraphConv" else "GraphSAGE"]
    settings = load_settings([*flags, "--output_path", "m.pt"], {}, tmp_path / ".env")
    graph = DumpSource(folder).load([name], attributes_in_use(settings), lambda vertices, edges: None)
    dataset = build_dataset(graph, settings)
    fitted = fit(dataset, settings)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "gnn_model.pt").write_bytes(model_file(settings, dataset, fitted))
    x = {name: torch.from_numpy(vertices.x) for name, vertices in dataset.inputs.vertices.items()}
    edges = {edge_type: torch.from_numpy(relation.index) for edge_type, relation in dataset.inputs.edges.items()}
    inputs = {"x": x, "edge_index": edges, "outputs": fitted.outputs}
    if of_example:
        inputs |= {"x": next(iter(x.values())), "edge_index": next(iter(edges.values()))}
    torch.save(inputs, tmp_path / "inputs.pt")
    code = BEFORE + code_of[kind] + AFTER
    done = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", "-c", code],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) < 1e-6
