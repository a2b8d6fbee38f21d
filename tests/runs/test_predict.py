"""A stored model says of a graph what it said when it was trained."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pytest

from tests.composed import attributes_in_use, build_dataset, fit, model_file
from tests.conftest import EXAMPLE, write_collection
from tests.runs.typed_dump import NUM_LEVELS, write_market
from trainer.artifacts.predictions_file import label_texts, parts_of, predictions_csv
from trainer.errors import DataError
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.dump.source import DumpSource
from trainer.graph.graph import Graph
from trainer.prediction.rows import predict
from trainer.prediction.saved_model import read_model
from trainer.settings.sources import load_settings
from trainer.training.scores import scores

Rows = dict[str, list[str]]


def load(folder: Path, names: list[str], wanted: AttributeFilter) -> Graph:
    return DumpSource(folder).load(names, wanted, lambda vertices, edges: None)


def rows_of(content: bytes) -> Rows:
    """The fields from `prediction` on, by `_id`."""
    lines = csv.reader(io.StringIO(gzip.decompress(content).decode()))
    next(lines)
    return {row[0]: row[3:] for row in lines}


def train(folder: Path, tmp_path: Path, *flags: str) -> tuple[bytes, bytes]:
    """The model file and the predictions of a run."""
    usual = ["--graph_path", str(folder), "--epochs", "3", "--hidden_channels", "8", "--output_path", "m.pt"]
    settings = load_settings([*usual, *flags], {}, tmp_path / ".env")
    graph = load(folder, settings.graph.graph_names, attributes_in_use(settings))
    dataset = build_dataset(graph, settings)
    fitted = fit(dataset, settings)
    model = model_file(settings, dataset, fitted)
    assert fitted.outputs is not None
    target = dataset.target
    found = scores(fitted.outputs, target.task, dataset.target_mean, dataset.target_scale)
    vertices = dataset.inputs.target_vertices
    labels = label_texts(target.classes, target.y, target.labelled)
    return model, predictions_csv(vertices, parts_of(dataset), labels, found, target.classes)


def predictions(model: bytes, folder: Path, names: list[str], batch_size: int = 0) -> bytes:
    """What the stored model says of the graphs in a folder."""
    saved = read_model(model, "m.pt")
    return predict(saved, load(folder, names, saved.schema.attribute_filter()), "cpu", batch_size).table


def assert_alike(ours: Rows, theirs: Rows) -> None:
    """The same rows in the same order; numbers to 1e-6."""
    assert list(ours) == list(theirs)
    numbers = [np.array([row[1:] or row for row in rows.values()], dtype=float) for rows in (ours, theirs)]
    np.testing.assert_allclose(numbers[0], numbers[1], rtol=0, atol=1e-6)


MODELS = ["GCN", "GraphSAGE", "GIN", "GAT", "GATv2", "GraphConv", "PNA", "EdgeCNN"]


@pytest.mark.parametrize("model_type", MODELS)
def test_one_type(tmp_path: Path, model_type: str) -> None:
    """Predictions for the graph that was trained on are the run's own."""
    flags = ("--graph_name", "market_5m", "--target", "price_up", "--features", "price_change", "rsi")
    model, ours = train(EXAMPLE, tmp_path, *flags, "--model_type", model_type)
    assert_alike(rows_of(ours), rows_of(predictions(model, EXAMPLE, ["market_5m"])))


@pytest.mark.parametrize("model_type", MODELS)
def test_several_types(tmp_path: Path, model_type: str) -> None:
    """The same for a graph of several types, one with a vector learned for each vertex."""
    folder = write_market(tmp_path / "dump")
    model, ours = train(folder, tmp_path, "--graph_name", "market", "--target", "price_up", "--model_type", model_type)
    assert_alike(rows_of(ours), rows_of(predictions(model, folder, ["market"])))


@pytest.mark.parametrize("batch_size", [0, 16])
@pytest.mark.parametrize("extra", [(), ("--edge_weight", "w", "--model_type", "GCN"), ("--messages", "causal")])
def test_sampled_training(tmp_path: Path, extra: tuple[str, ...], batch_size: int) -> None:
    """Predictions do not depend on what the training drew, nor on whether they are made in pieces."""
    folder = write_market(tmp_path / "dump")
    flags = ("--graph_name", "market", "--target", "price_up", "--batch_size", "16", "--num_neighbors", "2", *extra)
    model, ours = train(folder, tmp_path, *flags)
    assert_alike(rows_of(ours), rows_of(predictions(model, folder, ["market"], batch_size)))


def test_numbers_come_in_the_labels_own_unit(tmp_path: Path) -> None:
    """Labels around 1000 are predicted around 1000."""
    folder = write_market(tmp_path / "dump")
    model, ours = train(folder, tmp_path, "--graph_name", "market", "--target", "future_return")
    theirs = rows_of(predictions(model, folder, ["market"]))
    assert_alike(rows_of(ours), theirs)
    assert 990 < np.mean([float(row[0]) for row in theirs.values()]) < 1010


def test_another_day_needs_no_labels(tmp_path: Path) -> None:
    """Another graph with the same attributes gets predictions, whatever its keys and without its label."""
    model, _ = train(write_market(tmp_path / "a"), tmp_path, "--graph_name", "market", "--target", "price_up")
    other = write_market(tmp_path / "b", name="tomorrow", seed=1, size=20)
    for path in other.glob("candles_*.data.json"):
        path.write_text(path.read_text().replace('"price_up"', '"unknown"'))
    found = rows_of(predictions(model, other, ["tomorrow"]))
    assert len(found) == 40
    assert all(0 <= float(row[1]) <= 1 for row in found.values())


def test_a_graph_that_lacks_an_attribute_is_refused(tmp_path: Path) -> None:
    """The sentence names what is missing."""
    model, _ = train(write_market(tmp_path / "a"), tmp_path, "--graph_name", "market", "--target", "price_up")
    other = write_market(tmp_path / "b", features=("open", "rsi"))
    with pytest.raises(DataError, match="volume"):
        predictions(model, other, ["market"])


def test_strangers_are_told(tmp_path: Path) -> None:
    """A level that was not there in the training gets the mean of the learned vectors, and the log says so."""
    model, _ = train(write_market(tmp_path / "a"), tmp_path, "--graph_name", "market", "--target", "price_up")
    other = write_market(tmp_path / "b")
    write_collection(other, "levels_sr", [{"_key": f"L{number}"} for number in range(NUM_LEVELS + 2)])
    saved = read_model(model, "m.pt")
    warnings = predict(saved, load(other, ["market"], saved.schema.attribute_filter()), "cpu", 0).warnings
    assert any(f"2 of {NUM_LEVELS + 2} vertices of levels_sr were not there in the training" in one for one in warnings)


def test_weights_that_the_model_cannot_take_are_refused(tmp_path: Path) -> None:
    """Roots of negative sums would be no numbers, and the table full of holes."""
    flags = ("--graph_name", "market", "--target", "price_up", "--model_type", "GCN", "--edge_weight", "w")
    model, _ = train(write_market(tmp_path / "a"), tmp_path, *flags)
    other = write_market(tmp_path / "b")
    for path in other.glob("next_*.data.json"):
        path.write_text(path.read_text().replace('"w": ', '"w": -'))
    with pytest.raises(DataError, match=r"EDGE_WEIGHT='w' is negative on edges of next_btc, next_eth"):
        predictions(model, other, ["market"])


def test_predictions_are_numbers_or_none_at_all(tmp_path: Path) -> None:
    """A model whose weights give no numbers is not written down as empty fields."""
    model, _ = train(write_market(tmp_path / "a"), tmp_path, "--graph_name", "market", "--target", "price_up")
    saved = read_model(model, "m.pt")
    saved.state_dict["lin.bias"].fill_(float("nan"))
    with pytest.raises(DataError, match="gives no number for 120 of 120 vertices"):
        predict(saved, load(tmp_path / "a", ["market"], saved.schema.attribute_filter()), "cpu", 0)


def test_the_model_file_is_plain(tmp_path: Path) -> None:
    """It loads with `weights_only` and holds the types, the relations and the schema as plain values."""
    import torch

    model, _ = train(write_market(tmp_path / "a"), tmp_path, "--graph_name", "market", "--target", "price_up")
    saved = torch.load(io.BytesIO(model), weights_only=True)
    assert saved["schema_version"] == 2
    assert saved["model"]["class"] == "HeteroConv"
    assert set(saved["vertex_types"]) == {"candles_5m", "levels_sr"}
    assert ["candles_5m", "candle_to_level", "levels_sr"] in saved["relations"]
    assert [feature["name"] for feature in saved["features"]] == ["open", "volume"]
    assert saved["target"]["classes"] == [0, 1]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no model at all"])
def test_a_file_of_another_origin_is_refused(content: bytes) -> None:
    """Whatever it holds, it is named as no model."""
    with pytest.raises(DataError, match=r"^x\.pt is no model of gnn-trainer"):
        read_model(content, "x.pt")


def test_the_weights_of_another_program_are_refused() -> None:
    """A file that torch can read is not yet a model of ours."""
    import torch

    buffer = io.BytesIO()
    torch.save({"lin.weight": torch.zeros(2)}, buffer)
    with pytest.raises(DataError, match=r"^x\.pt is no model of gnn-trainer"):
        read_model(buffer.getvalue(), "x.pt")


@pytest.mark.parametrize(
    ("version", "words"), [(1, "an older version .*train the model again"), (3, "a newer version .*use that version")]
)
def test_another_version_is_refused(tmp_path: Path, version: int, words: str) -> None:
    """The sentence says what to do."""
    import torch

    flags = ("--graph_name", "market", "--target", "price_up")
    saved = torch.load(io.BytesIO(train(write_market(tmp_path), tmp_path, *flags)[0]), weights_only=True)
    buffer = io.BytesIO()
    torch.save(saved | {"schema_version": version}, buffer)
    with pytest.raises(DataError, match=words):
        read_model(buffer.getvalue(), "x.pt")
