"""The record of a run and its schema: what they let through, and what they refuse."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.runs.here import finished_here
from tests.schemas import validate_record
from trainer.record import RunRecord, Weights


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A metrics.json as a run has left it."""
    from tests.report.dumps import write_candles

    dump = write_candles(tmp_path_factory.mktemp("dump"))
    flags = ("--graph_path", dump, "--graph_name", "market", "--target", "price_up", "--epochs", 2)
    run = finished_here(tmp_path_factory.mktemp("run"), *flags, "--features", "open", "--hidden_channels", 4)
    return (run.folder / "metrics.json").read_bytes()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_becomes_null(value: float) -> None:
    """JSON has no word for it."""
    assert Weights(missing=0, min=value, mean=1.0, max=2.0).plain() == {
        "missing": 0,
        "min": None,
        "mean": 1.0,
        "max": 2.0,
    }


def test_the_record_is_frozen(content: bytes) -> None:
    """Nobody changes what a run has left."""
    with pytest.raises(ValueError, match="frozen"):
        RunRecord.from_json(content).best_epoch = 7  # type: ignore[misc]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("surprise", 1),
        ("status", "failed"),
        ("schema_version", 1),
        ("best_epoch", "7"),
        ("model.sha256", "abc"),
        ("metrics.train", None),
        ("metrics.test.accuracy", None),
        ("metrics.test.mae", 0.5),
        ("graph.types.0.target", None),
        ("artifacts.model", None),
    ],
)
def test_the_schema_refuses_a_wrong_record(content: bytes, path: str, value: Any) -> None:
    """A field that is wrong or that nobody knows does not pass."""
    record = json.loads(content)
    *names, last = path.split(".")
    part = record
    for name in names:
        part = part[int(name)] if name.isdigit() else part[name]
    part[last] = value
    with pytest.raises(AssertionError, match=r"metrics\.json"):
        validate_record(json.dumps(record).encode())


def test_the_schema_misses_an_absent_field(content: bytes) -> None:
    """Every field of the record is required, but for those that joined later."""
    record = json.loads(content)
    joined_later = {"positive_class", "baselines_left_out", "verdict", "beats_baseline", "comparison", "verdict_notes"}
    for name in record.keys() - joined_later:
        with pytest.raises(AssertionError, match=name):
            validate_record(json.dumps({other: value for other, value in record.items() if other != name}).encode())


def test_a_record_reads_back_as_it_was(content: bytes, tmp_path: Path) -> None:
    """What is read is written again byte for byte."""
    assert RunRecord.from_json(content).to_json() == content
