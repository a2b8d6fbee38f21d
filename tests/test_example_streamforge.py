"""The heterogeneous example graphs are committed data; these tests keep them what their generator and their README say."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.test_example_market import EXAMPLES, contents, run_example

MARKET, DAYS = EXAMPLES / "streamforge_5m", EXAMPLES / "btc_days_5m"
MAX_BYTES = 500_000


def documents(folder: Path, collections: str) -> list[dict[str, Any]]:
    """The documents of the collections whose names begin so."""
    lines = [
        line
        for path in folder.glob(f"{collections}*.data.json.gz")
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    return [json.loads(line) for line in lines]


def by_id(folder: Path, collections: str) -> dict[str, dict[str, Any]]:
    return {document["_id"]: document for document in documents(folder, collections)}


@pytest.mark.parametrize(("folder", "flags"), [(MARKET, ()), (DAYS, ("--days",))], ids=["all symbols", "days"])
def test_regeneration_gives_the_committed_graphs(tmp_path: Path, folder: Path, flags: tuple[str, ...]) -> None:
    """The generator's defaults write what is committed, file by file."""
    run = run_example("make_streamforge.py", "--out", str(tmp_path / "again"), *flags)
    assert run.returncode == 0, run.stderr
    again, committed = contents(tmp_path / "again"), contents(folder)
    assert sorted(again) == sorted(committed)
    assert [name for name in committed if again[name] != committed[name]] == []


def test_generator_leaves_a_filled_folder_alone(tmp_path: Path) -> None:
    """Somebody else's dump is not overwritten."""
    (tmp_path / "dump.json").write_text("{}", encoding="utf-8")
    run = run_example("make_streamforge.py", "--out", str(tmp_path))
    assert run.returncode == 2
    assert "is not an empty folder" in run.stderr


@pytest.mark.parametrize("folder", [MARKET, DAYS], ids=lambda folder: str(folder.name))
def test_graphs_are_small(folder: Path) -> None:
    """The folder stays light enough for a repository."""
    assert 0 < sum(path.stat().st_size for path in folder.iterdir()) < MAX_BYTES


@pytest.mark.parametrize("folder", [MARKET, DAYS], ids=lambda folder: str(folder.name))
def test_edges_keep_to_their_definitions(folder: Path) -> None:
    """Every edge joins documents that exist, in collections that the named graphs say."""
    vertices = by_id(folder, "candles_").keys() | by_id(folder, "levels_sr_").keys()
    allowed = {
        edge["collection"]: (set(edge["from"]), set(edge["to"]))
        for graph in documents(folder, "_graphs_")
        for edge in graph["edgeDefinitions"]
    }
    edges = [edge for names in ("next_", "leads_", "candle_to_level") for edge in documents(folder, names)]
    assert {edge["_id"].partition("/")[0] for edge in edges} == allowed.keys()
    for edge in edges:
        sources, targets = allowed[edge["_id"].partition("/")[0]]
        assert {edge["_from"], edge["_to"]} <= vertices
        assert edge["_from"].partition("/")[0] in sources
        assert edge["_to"].partition("/")[0] in targets


def test_candles_are_heard_forwards_only() -> None:
    """Edges between candles lead five minutes into the future."""
    candles = by_id(MARKET, "candles_")
    edges = documents(MARKET, "next_") + documents(MARKET, "leads_")
    assert {candles[edge["_to"]]["ts"] - candles[edge["_from"]]["ts"] for edge in edges} == {300_000}


def test_levels_hold_while_they_are_touched() -> None:
    """A level was detected before the candles that touch it, and is still valid then."""
    candles, levels = by_id(MARKET, "candles_"), by_id(MARKET, "levels_sr_")
    for edge in documents(MARKET, "candle_to_level"):
        at = datetime.fromtimestamp(candles[edge["_from"]]["ts"] / 1000, UTC)
        level = levels[edge["_to"]]
        assert f"{level['detected_at']}" <= f"{at:%Y-%m-%dT%H:%M:%SZ}" < level["valid_until"]


def test_documents_are_as_uneven_as_real_ones() -> None:
    """Numbers come as texts here and there, attributes are missing, and levels have no `ts`."""
    candles, levels = documents(MARKET, "candles_"), documents(MARKET, "levels_sr_")
    assert {type(candle["volume"]) for candle in candles} == {str, float}
    assert {type(level["strength"]) for level in levels} == {str, float}
    assert {candle["symbol"] for candle in candles if "vwap" not in candle} == {"SOLUSDT"}
    assert any("touches" not in level for level in levels)
    assert not any("ts" in level for level in levels)


def test_only_levels_and_leaders_tell_the_label() -> None:
    """Level and leaders' moves give four labels in five, a candle's own move gives half."""
    candles, levels = by_id(MARKET, "candles_"), by_id(MARKET, "levels_sr_")
    expected = dict.fromkeys(candles, 0.0)
    for edge in documents(MARKET, "candle_to_level"):
        level = levels[edge["_to"]]
        turn = float(level["strength"]) * (1 if level["type"] == "support" else -1)
        expected[edge["_from"]] += 1.8 * 0.0015 * turn * edge["weight"]
    for edge in documents(MARKET, "leads_"):
        expected[edge["_to"]] += (candles[edge["_from"]]["price_change"] or 0.0) * edge["weight"]
    known = [_id for _id, candle in candles.items() if candle["price_up"] is not None]
    by_graph = [(expected[_id] > 0) == candles[_id]["price_up"] for _id in known]
    by_itself = [((candles[_id]["price_change"] or 0) > 0) == candles[_id]["price_up"] for _id in known]
    assert sum(by_graph) / len(known) > 0.8
    assert sum(by_itself) / len(known) == pytest.approx(0.5, abs=0.03)


def test_labels_are_balanced() -> None:
    """Always guessing one class gains nothing."""
    labels = [candle["price_up"] for candle in documents(MARKET, "candles_") if candle["price_up"] is not None]
    assert sum(labels) / len(labels) == pytest.approx(0.5, abs=0.03)


def test_days_are_the_first_symbol_of_the_whole_market() -> None:
    """The day graphs hold the same candles, each in the collection of its day."""
    whole = {candle["_key"]: candle["close"] for candle in documents(MARKET, "candles_btcusdt_5m")}
    days = documents(DAYS, "candles_")
    assert {candle["_key"]: candle["close"] for candle in days} == whole
    assert [graph["_key"] for graph in documents(DAYS, "_graphs_")] == [
        f"btc_graph_5m_2024_06_0{day}" for day in (1, 2, 3)
    ]
