"""Model files that were written by nobody of us, or changed since: a sentence, or predictions that are numbers."""

from __future__ import annotations

import copy
import csv
import gzip
import io
import json
import math
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.composed import attributes_in_use, build_dataset, fit, model_file
from tests.conftest import EXAMPLE
from tests.runs.here import finished_here, predict_here
from trainer.errors import DataError
from trainer.graph.dump.source import DumpSource
from trainer.prediction.rows import predict
from trainer.prediction.saved_model import read_model
from trainer.settings.sources import load_settings

MODELS = ("GraphSAGE", "GAT", "PNA")


@cache
def model_of(model_type: str) -> bytes:
    """A model of the example market."""
    flags = ["--graph_path", str(EXAMPLE), "--graph_name", "market_5m", "--target", "price_up", "--epochs", "1"]
    flags += ["--features", "rsi", "price_change", "--model_type", model_type, "--hidden_channels", "4"]
    chosen = load_settings([*flags, "--output_path", "m.pt"], {}, Path("no.env"))
    graph = DumpSource(EXAMPLE).load(["market_5m"], attributes_in_use(chosen), lambda vertices, edges: None)
    dataset = build_dataset(graph, chosen)
    return model_file(chosen, dataset, fit(dataset, chosen))


@cache
def market(model_type: str) -> Any:
    """The graph as that model reads it."""
    wanted = read_model(model_of(model_type), "m.pt").schema.attribute_filter()
    return DumpSource(EXAMPLE).load(["market_5m"], wanted, lambda vertices, edges: None)


def assert_refused_or_right(content: bytes, model_type: str) -> None:
    """A `DataError`, or a table of finite numbers."""
    sentence = ""
    try:
        table = predict(read_model(content, "m.pt"), market(model_type), "cpu", 0).table
    except DataError as error:
        sentence = str(error)
    assert len(sentence) < 700, "a sentence, not a page"
    assert "\n" not in sentence
    if sentence:
        return
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(table).decode())))
    assert rows
    assert all(math.isfinite(float(row["probability_1"])) for row in rows)


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a model file."""
    yield path
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list | tuple) else ()
    for key, value in inside:
        yield from places(value, (*path, key))


def written(content: Any) -> bytes:
    """The same as a file."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def changed(model_type: str, path: tuple[Any, ...], value: Any) -> bytes:
    """A model file with another value in one place; `value` may be a function of the old one."""
    content = torch.load(io.BytesIO(model_of(model_type)), weights_only=True)
    if not path:
        return written(value(content) if callable(value) else value)
    holder = content
    for key in path[:-1]:
        holder = holder[key]
    if isinstance(holder, tuple):
        return written(content)
    holder[path[-1]] = value(holder[path[-1]]) if callable(value) else value
    return written(content)


VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 3, 10**6, 2**70, 0.5, float("nan"), float("inf"), "", "x", "GCN", b"x"),
    *([], ["x"], [1, 2], {}, {"x": 1}, torch.ones(3), torch.ones(2, 2, dtype=torch.int64)),
)


def _reshaped(value: Any) -> Any:
    return value.reshape(-1) if isinstance(value, Tensor) else value


def _longer(value: Any) -> Any:
    if isinstance(value, Tensor):
        return torch.cat([value, value])
    return value * 2 if isinstance(value, list | str) else value


@settings(max_examples=40)
@given(data=st.data())
@pytest.mark.parametrize("model_type", MODELS)
def test_any_other_value_is_refused_or_predicts_numbers(model_type: str, data: st.DataObject) -> None:
    """In any place of the file, of any type."""
    content = torch.load(io.BytesIO(model_of(model_type)), weights_only=True)
    path = data.draw(st.sampled_from(list(places(content))))
    value = data.draw(st.sampled_from([*VALUES, _reshaped, _longer, copy.copy]))
    assert_refused_or_right(changed(model_type, path, value), model_type)


@given(place=st.integers(0, 10**9), value=st.integers(1, 255))
def test_a_changed_byte_is_refused_or_changes_nothing(place: int, value: int) -> None:
    """A bit that tips over in a weight would be a wrong prediction that nobody notices."""
    original = model_of("GraphSAGE")
    content = bytearray(original)
    content[place % len(content)] ^= value
    try:
        read = read_model(bytes(content), "m.pt")
    except DataError:
        return
    expected = read_model(original, "m.pt")
    assert (read.spec, read.schema) == (expected.spec, expected.schema)
    for name, weight in expected.state_dict.items():
        torch.testing.assert_close(read.state_dict[name], weight, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("model", "type"), "Transformer", "incomplete"),
        (("model", "args", "hidden_channels"), 65537, "its size cannot be: hidden_channels=65537"),
        (("model", "args", "num_layers"), -1, "num_layers is -1"),
        (("model", "args", "num_layers"), 2**70, "num_layers is 1180591620717411303424"),
        (("model", "args", "dropout"), 1.5, "its size cannot be: .*dropout=1.5"),
        (("schema", "target", "task"), "ranking", "the task is 'ranking'"),
        (("schema", "target", "classes"), [0, 1, 2], "binary with 3 classes"),
        (("schema", "types", 0, "features", 0, "scale"), [0.0], "a scale is not above 0"),
        (("schema", "types", 0, "features", 0, "kind"), "sound", "its kind is 'sound'"),
        (("state_dict",), {"w": 1}, "state_dict holds no tensors"),
        (("batch_size",), -3, "batch_size is -3"),
        (("queue_id",), None, "queue_id or graph_name is no text"),
    ],
)
def test_what_is_wrong_is_said(path: tuple[Any, ...], value: Any, words: str) -> None:
    """In the sentence that ends the program."""
    with pytest.raises(DataError, match=rf"^m\.pt .*{words}.*; train the model again\.$"):
        read_model(changed("GraphSAGE", path, value), "m.pt")


def test_weights_of_another_shape_are_refused() -> None:
    """Turned round, a weight has as many numbers as before."""
    saved = torch.load(io.BytesIO(model_of("GraphSAGE")), weights_only=True)
    name = next(name for name, weight in saved["state_dict"].items() if weight.ndim == 2 and len({*weight.shape}) == 2)
    content = changed("GraphSAGE", ("state_dict", name), lambda weight: weight.T.contiguous())
    with pytest.raises(DataError, match=f"does not hold the weights of the model that it names .{name} has shape"):
        predict(read_model(content, "m.pt"), market("GraphSAGE"), "cpu", 0)


def test_a_model_that_would_need_other_weights_takes_no_memory() -> None:
    """Its own would be 17 GB."""
    content = changed("GraphSAGE", ("model", "args", "hidden_channels"), 65536)
    with pytest.raises(DataError, match="none is as wide as hidden_channels=65536"):
        predict(read_model(content, "m.pt"), market("GraphSAGE"), "cpu", 0)


def test_a_damaged_part_is_told_from_another_file() -> None:
    """The archive has a checksum of each part."""
    content = bytearray(model_of("GraphSAGE"))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        part = next(info for info in archive.infolist() if "/data/0" in info.filename)
    content[content.find(b"FB", part.header_offset) + 200] ^= 1
    with pytest.raises(DataError, match=r"^m\.pt is (damaged|no model)"):
        read_model(bytes(content), "m.pt")


# The SHA-256 in metrics.json.


@pytest.fixture
def trained(small_dump: Path, tmp_path: Path) -> Path:
    """The folder of a finished run."""
    flags = ("--graph_path", small_dump, "--graph_name", "g", "--epochs", 1, "--hidden_channels", 4)
    return finished_here(tmp_path / "out", *flags).folder


def predicted(trained: Path, small_dump: Path, model: str = "m.pt") -> tuple[int, str]:
    """Exit code and last sentence of a prediction with that model."""
    run = predict_here(trained / "p", "--model", trained / model, "--graph_path", small_dump, "--graph_name", "g")
    return run.exit_code, run.sentence


Change = Callable[[Path], object]


@pytest.mark.parametrize("content", ["[]", "null", "{", "", '{"model": 3}', '{"model": {"sha256": "x"}}'])
def test_metrics_that_are_none_are_refused(trained: Path, small_dump: Path, content: str) -> None:
    """Exit code 3: nobody knows whether the model beside them is whole."""
    assert predicted(trained, small_dump)[0] == 0
    (trained / "metrics.json").write_text(content)
    code, sentence = predicted(trained, small_dump)
    assert code == 3
    assert "metrics.json cannot be read as the record of a run" in sentence


def test_another_model_than_that_of_the_metrics_is_refused(trained: Path, small_dump: Path) -> None:
    """It may be half of another run's result."""
    record = json.loads((trained / "metrics.json").read_text())
    record["model"]["sha256"] = "0" * 64
    (trained / "metrics.json").write_text(json.dumps(record))
    code, sentence = predicted(trained, small_dump)
    assert code == 3
    assert "m.pt is not the model that" in sentence


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "metrics.json").unlink(),
        lambda folder: (folder / "m.pt").rename(folder / "moved.pt"),
    ],
    ids=["no metrics", "renamed"],
)
def test_a_model_alone_predicts(trained: Path, small_dump: Path, change: Change) -> None:
    """There is nothing to compare it with, or nothing that is about it."""
    change(trained)
    model = next(trained.glob("*.pt")).name
    assert predicted(trained, small_dump, model)[0] == 0
