"""MESSAGES: what the future says to the past, kept with a warning or dropped."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import write_collection, write_graph
from tests.runs.here import Run, finished_here

NUM_CANDLES = 400
WAYS = {"full batch": (), "sampled": ("--batch_size", "140", "--num_neighbors", "-1")}
Document = dict[str, Any]


@pytest.fixture
def candles() -> list[Document]:
    """Candles whose label is a coin's throw that only the candle after it remembers, in `before`."""
    coins = random.Random(3).choices((0, 1), k=NUM_CANDLES + 1)
    return [
        {"_key": f"c{n:04}", "ts": 1_717_200_000 + 300 * n, "before": coins[n], "price_up": coins[n + 1]}
        for n in range(NUM_CANDLES)
    ]


@pytest.fixture
def both_ways(tmp_path: Path, candles: list[Document]) -> Path:
    """A dump in which every candle hears from the one before and from the one after."""
    folder = tmp_path / "dump"
    pairs = [(n, n + 1) for n in range(NUM_CANDLES - 1)]
    edges = [
        {"_key": f"{a}-{b}", "_from": f"candles/c{a:04}", "_to": f"candles/c{b:04}"}
        for one, other in pairs
        for a, b in ((one, other), (other, one))
    ]
    write_collection(folder, "candles", candles)
    write_collection(folder, "beside", edges, edge=True)
    write_graph(folder, "g", [{"collection": "beside", "from": ["candles"], "to": ["candles"]}])
    return folder


@pytest.fixture
def through_levels(tmp_path: Path, candles: list[Document]) -> Path:
    """A dump in which each candle shares a level with the candle after it, and with no other."""
    folder = tmp_path / "dump"
    levels = [{"_key": f"l{n:04}", "strength": n % 3} for n in range(NUM_CANDLES - 1)]
    edges = [
        {"_key": f"{candle}-{level}", "_from": f"candles/c{candle:04}", "_to": f"levels/l{level:04}"}
        for level in range(0, NUM_CANDLES - 1, 2)
        for candle in (level, level + 1)
    ]
    write_collection(folder, "candles", candles)
    write_collection(folder, "levels", levels)
    write_collection(folder, "candle_to_level", edges, edge=True)
    write_graph(folder, "g", [{"collection": "candle_to_level", "from": ["candles"], "to": ["levels"]}])
    return folder


def train(out: Path, folder: Path, *flags: str) -> Run:
    always = ("--graph_name", "g", "--target", "price_up", "--epochs", "30", "--hidden_channels", "16")
    return finished_here(out, "--graph_path", folder, *always, *flags)


def accuracy_of(run: Run) -> float:
    return float(run.metrics["metrics"]["test"]["accuracy"])


@pytest.mark.parametrize("way", WAYS)
def test_causal_messages_close_the_leak(tmp_path: Path, both_ways: Path, way: str) -> None:
    """As stored, the next candle gives three labels in four away; under `causal` nobody can know them."""
    leaking = train(tmp_path / "as_stored", both_ways, *WAYS[way])
    causal = train(tmp_path / "causal", both_ways, *WAYS[way], "--messages", "causal")
    assert accuracy_of(leaking) > 0.7
    assert accuracy_of(causal) < 0.65


def test_no_way_round_through_a_vertex_without_time(tmp_path: Path, through_levels: Path) -> None:
    """A level tells each candle what the other one said; under `causal` it hears of neither."""
    leaking = train(tmp_path / "as_stored", through_levels)
    causal = train(tmp_path / "causal", through_levels, "--messages", "causal")
    assert accuracy_of(leaking) > 0.65
    assert accuracy_of(causal) < 0.65


def test_messages_from_the_future_are_counted_and_said(tmp_path: Path, both_ways: Path) -> None:
    """The warning of a run that keeps them holds their number, in log and metrics."""
    run = train(tmp_path / "run", both_ways)
    (warning,) = [text for text in run.metrics["graph"]["warnings"] if "MESSAGES" in text]
    assert f"{NUM_CANDLES - 1}" in warning
    assert warning in run.stdout


def test_forward_edges_need_no_warning(tmp_path: Path, both_ways: Path, candles: list[Document]) -> None:
    """Edges that all lead forwards are kept under `causal`, and nobody is warned."""
    edges = [
        {"_key": str(n), "_from": f"candles/c{n:04}", "_to": f"candles/c{n + 1:04}"} for n in range(NUM_CANDLES - 1)
    ]
    write_collection(both_ways, "beside", edges, edge=True)
    stored = train(tmp_path / "as_stored", both_ways)
    causal = train(tmp_path / "causal", both_ways, "--messages", "causal")
    assert not any("MESSAGES" in text for text in stored.metrics["graph"]["warnings"])
    assert stored.metrics["history"] == causal.metrics["history"]
