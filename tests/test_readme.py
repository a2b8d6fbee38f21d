"""The Python of the README, and of the page on DGL, does what it says, in an interpreter that has nothing of ours."""

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
from trainer.registry.frameworks import FRAMEWORKS
from trainer.settings.sources import load_settings


def snippets(page: str) -> list[str]:
    """The Python of a page."""
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


PLAIN, GRAPH_CONV, TYPED = (code for code in snippets("README.md") if "torch_geometric" in code)
(DGL,) = (code for code in snippets("README.md") if "import dgl" in code)
DGL_PLAIN, DGL_TYPED = snippets("docs/dgl.md")
(SPEKTRAL,) = (code for code in snippets("README.md") if "spektral" in code)
AS_ARRAYS = """
x, edge_index = x.numpy(), edge_index.numpy()
{}
outputs = torch.from_numpy(outputs.numpy())
"""
CASES = {
    "pyg": {
        "one type": ("GraphSAGE", PLAIN),
        "several types": ("GraphSAGE", TYPED),
        "GraphConv": ("GraphConv", f"{GRAPH_CONV}\n{PLAIN}"),
    },
    "dgl": {
        "one type": ("GraphSAGE", DGL),
        **{f"one type, {name}": (name, DGL_PLAIN) for name in FRAMEWORKS["dgl"].models},
        "several types": ("GraphSAGE", DGL_TYPED),
    },
    "spektral": {name: (name, AS_ARRAYS.format(SPEKTRAL)) for name in FRAMEWORKS["spektral"].models},
}
"""By framework: the model that each snippet loads."""
READER = """
import json, os, sys
import torch
apart = {}
for name, code in json.loads(sys.stdin.read()).items():
    os.chdir(name)
    inputs = torch.load("inputs.pt", weights_only=True)
    names = {"x": inputs["x"], "edge_index": inputs["edge_index"]}
    exec(code, names)
    apart[name] = float((names["outputs"] - inputs["outputs"]).abs().max())
    os.chdir("..")
assert not any(name.startswith("trainer") for name in sys.modules)
print(json.dumps(apart))
"""
"""Runs each snippet in the folder of its model; says how far its outputs are from those of the run."""


@pytest.mark.parametrize("framework", ["pyg", "dgl", pytest.param("spektral", marks=pytest.mark.spektral)])
def test_the_snippets_give_the_runs_own_outputs(tmp_path: Path, framework: str) -> None:
    """Each snippet loads a model of its kind and computes what the run computed, to 1e-6."""
    for name, (model_type, _) in CASES[framework].items():
        _train(tmp_path / name, framework, model_type, "several types" in name)
    done = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", "-c", READER],
        input=json.dumps({name: code for name, (_, code) in CASES[framework].items()}),
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    apart = json.loads(done.stdout.splitlines()[-1])
    assert apart.keys() == CASES[framework].keys()
    assert {name: difference for name, difference in apart.items() if not difference < 1e-6} == {}


def _train(folder: Path, framework: str, model_type: str, several_types: bool) -> None:
    """Leaves a model file as a run does, and beside it the inputs and the outputs of the run."""
    import torch

    dump, name = (write_market(folder / "dump"), "market") if several_types else (EXAMPLE, "market_5m")
    flags = ["--graph_path", str(dump), "--graph_name", name, "--target", "price_up", "--epochs", "2"]
    flags += ["--framework", framework, "--model_type", model_type, "--num_layers", "3", "--heads", "2"]
    settings = load_settings([*flags, "--output_path", "m.pt"], {}, folder / ".env")
    graph = DumpSource(dump).load([name], attributes_in_use(settings), lambda vertices, edges: None)
    dataset = build_dataset(graph, settings)
    fitted = fit(dataset, settings)
    (folder / "out").mkdir(parents=True)
    (folder / "out" / "gnn_model.pt").write_bytes(model_file(settings, dataset, fitted))
    if fitted.weights_file is not None:
        (folder / "out" / "gnn_model.weights.h5").write_bytes(fitted.weights_file)
    x = {name: torch.from_numpy(vertices.x) for name, vertices in dataset.inputs.vertices.items()}
    edges = {edge_type: torch.from_numpy(relation.index) for edge_type, relation in dataset.inputs.edges.items()}
    inputs = {"x": x, "edge_index": edges, "outputs": fitted.outputs}
    if not several_types:
        inputs |= {"x": next(iter(x.values())), "edge_index": next(iter(edges.values()))}
    torch.save(inputs, folder / "inputs.pt")
