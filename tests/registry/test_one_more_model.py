"""A model that the program does not have is one row: it is trained, stored and predicts as the others."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch_geometric import nn as pyg
from torch_geometric.nn.models.basic_gnn import BasicGNN

import main
from tests.composed import build_dataset
from tests.conftest import EVERYTHING, run_forked
from tests.runs.typed_dump import write_market
from trainer import predict
from trainer.graph.dump.source import DumpSource
from trainer.graph.edge_type import EdgeType
from trainer.models.spec import HeteroSpec
from trainer.registry.models import MODELS, ModelKind
from trainer.settings.sources import load_settings


class LENet(BasicGNN):  # type: ignore[misc]
    """A stack of PyG's `LEConv` layers (Ranjan et al. 2020)."""

    supports_edge_weight = True
    supports_edge_attr = False

    def init_conv(self, in_channels: int, out_channels: int, **kwargs: Any) -> pyg.LEConv:
        """One layer."""
        return pyg.LEConv(in_channels, out_channels, **kwargs)


def le_conv(spec: HeteroSpec, edge_type: EdgeType) -> pyg.LEConv:
    """The layer of a relation."""
    return pyg.LEConv(spec.hidden_channels, spec.hidden_channels)


ROW = ModelKind(
    stock=f"{__name__}:LENet",
    relation=f"{__name__}:le_conv",
    edge_weight="factor",
    sums=True,
    one_vertex_set=True,
)


def train(flags: Sequence[str]) -> int:
    """The program with one more row."""
    MODELS["LEConv"] = ROW
    return main.main(flags)


def predict_again(flags: Sequence[str]) -> int:
    """The program of predictions with one more row."""
    MODELS["LEConv"] = ROW
    return predict.main(flags)


def scores_in(path: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The probability of the second class for each vertex."""
    rows = csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode()))
    return np.array([float(row["probability_1"]) for row in rows])


FLAGS = (
    "--target",
    "y",
    "--model_type",
    "leconv",
    "--epochs",
    "2",
    "--hidden_channels",
    "8",
    "--save_predictions",
    "true",
)


def test_a_row_trains_and_its_file_is_the_stock_classs(small_dump: Path, tmp_path: Path) -> None:
    """One type: the stored weights fit the stock class, which gives the run's own predictions."""
    given = ("--graph_path", str(small_dump), "--graph_name", "g", *FLAGS, "--output_path", str(tmp_path / "m.pt"))
    ended = run_forked(train, tmp_path, *given)
    assert ended.exit_code == 0, ended.stderr
    saved = torch.load(tmp_path / "m.pt", weights_only=True)
    assert (saved["model"]["type"], saved["model"]["class"]) == ("LEConv", "LENet")
    stock = LENet(**saved["model"]["args"])
    stock.load_state_dict(saved["state_dict"])
    graph = DumpSource(small_dump).load(["g"], EVERYTHING, lambda vertices, edges: None)
    inputs = build_dataset(graph, load_settings([*given[:6], "--output_path", "m.pt"], {})).inputs
    with torch.no_grad():
        logits = stock.eval()(torch.from_numpy(inputs.x), torch.from_numpy(inputs.edge_index)).squeeze(1)
    expected = torch.sigmoid(logits.double()).numpy()
    np.testing.assert_allclose(scores_in(tmp_path / "predictions.csv.gz"), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("extra", [(), ("--batch_size", "16", "--num_neighbors", "2"), ("--edge_weight", "w")])
def test_a_row_trains_on_several_types(tmp_path: Path, extra: tuple[str, ...]) -> None:
    """In full batch, sampled and with weights; the stored model predicts what the run predicted."""
    market = write_market(tmp_path / "dump")
    graph = ("--graph_path", market, "--graph_name", "market")
    flags = ("--target", "price_up", *FLAGS[2:])
    ended = run_forked(train, tmp_path, *graph, *flags, *extra, "--output_path", tmp_path / "m.pt")
    assert ended.exit_code == 0, ended.stderr
    again = run_forked(
        predict_again, tmp_path, "--model", tmp_path / "m.pt", *graph, "--output_path", tmp_path / "p.csv.gz"
    )
    assert again.exit_code == 0, again.stderr
    own, stored = scores_in(tmp_path / "predictions.csv.gz"), scores_in(tmp_path / "p.csv.gz")
    np.testing.assert_allclose(stored, own, rtol=0, atol=1e-6)


def test_an_unknown_model_is_still_refused(small_dump: Path, tmp_path: Path) -> None:
    """Without its row the name is none."""
    given = ("--graph_path", small_dump, "--graph_name", "g", *FLAGS, "--output_path", tmp_path / "m.pt")
    ended = run_forked(main.main, tmp_path, *given)
    assert ended.exit_code == 2
    assert "MODEL_TYPE='leconv' should be one of GCN" in ended.last_error_line
