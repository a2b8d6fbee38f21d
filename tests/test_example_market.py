"""The example market is committed data; these tests keep it what its generator and its README say it is."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.waits import LONG_S

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
MARKET = EXAMPLES / "market_5m"
MAX_BYTES = 400_000


def run_example(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the examples as a reader of the README would."""
    command = [sys.executable, str(EXAMPLES / script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONG_S)


def run_generator(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the market's generator."""
    return run_example("make_market.py", *arguments)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files by name, data files decompressed: zlib versions compress differently."""
    return {
        path.name: gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in folder.iterdir()
    }


def documents(collection: str) -> list[dict[str, Any]]:
    """Return a collection's documents in the order of the dump."""
    (path,) = MARKET.glob(f"{collection}_*.data.json.gz")
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


@pytest.fixture(scope="module")
def candles() -> dict[str, dict[str, Any]]:
    """Return the candles by `_id`."""
    return {candle["_id"]: candle for candle in documents("candles_5m")}


@pytest.fixture(scope="module")
def leads() -> list[dict[str, Any]]:
    """Return the edges."""
    return documents("leads_5m")


def test_regeneration_gives_the_committed_market(tmp_path: Path) -> None:
    """The generator's defaults write what is committed, file by file."""
    run = run_generator("--out", str(tmp_path / "again"))
    assert run.returncode == 0, run.stderr
    again, committed = contents(tmp_path / "again"), contents(MARKET)
    assert sorted(again) == sorted(committed)
    # Compared name by name: a diff of megabytes would hide which file it is.
    assert [name for name in committed if again[name] != committed[name]] == []


def test_another_seed_gives_another_market(tmp_path: Path) -> None:
    """The seed reaches the prices."""
    run = run_generator("--out", str(tmp_path / "other"), "--seed", "1")
    assert run.returncode == 0, run.stderr
    other, committed = contents(tmp_path / "other"), contents(MARKET)
    assert [name.split("_5m_")[0] for name in committed if other[name] != committed[name]] == ["candles"]


def test_gzip_header_has_no_time_and_no_name() -> None:
    """The header's flags and time are zero, so that writing again leaves the repository unchanged."""
    headers = {path.read_bytes()[3:8] for path in MARKET.glob("*.gz")}
    assert headers == {bytes(5)}


def test_generator_leaves_a_filled_folder_alone(tmp_path: Path) -> None:
    """Somebody else's dump is not overwritten."""
    (tmp_path / "dump.json").write_text("{}", encoding="utf-8")
    run = run_generator("--out", str(tmp_path))
    assert run.returncode == 2
    assert "is not an empty folder" in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["dump.json"]


def test_market_is_small() -> None:
    """The folder stays light enough for a repository."""
    assert 0 < sum(path.stat().st_size for path in MARKET.iterdir()) < MAX_BYTES


def test_edges_join_candles_that_exist(candles: dict[str, dict[str, Any]], leads: list[dict[str, Any]]) -> None:
    """No edge dangles."""
    assert leads
    assert {edge[end] for edge in leads for end in ("_from", "_to")} <= candles.keys()


def test_edges_lead_from_the_past_to_the_future(
    candles: dict[str, dict[str, Any]], leads: list[dict[str, Any]]
) -> None:
    """Every edge spans exactly its `lag` of 5-minute candles, forwards."""
    spans = {(candles[edge["_to"]]["ts"] - candles[edge["_from"]]["ts"], edge["lag"]) for edge in leads}
    assert spans == {(300_000, 1)}


def test_label_tells_the_next_close(candles: dict[str, dict[str, Any]]) -> None:
    """`price_up` compares a candle's close with the next one's; the last candle of a symbol has no label."""
    closes = {(candle["symbol"], candle["ts"]): candle["close"] for candle in candles.values()}
    for candle in candles.values():
        following = closes.get((candle["symbol"], candle["ts"] + 300_000))
        expected = None if following is None else int(following > candle["close"])
        assert candle["price_up"] == expected, candle["_id"]


def test_labels_are_balanced(candles: dict[str, dict[str, Any]]) -> None:
    """Always guessing one class gains nothing."""
    labels = [candle["price_up"] for candle in candles.values() if candle["price_up"] is not None]
    assert sum(labels) / len(labels) == pytest.approx(0.5, abs=0.03)


def test_only_the_leaders_move_tells_the_label(candles: dict[str, dict[str, Any]], leads: list[dict[str, Any]]) -> None:
    """The sign of the leaders' move gives four labels in five, the sign of a candle's own move gives half."""
    moves: dict[str, float] = {}
    for edge in leads:
        move = candles[edge["_from"]]["price_change"] or 0.0
        moves[edge["_to"]] = moves.get(edge["_to"], 0.0) + move * edge["weight"]
    followers = [_id for _id in moves if candles[_id]["price_up"] is not None]
    by_leaders = [(moves[_id] > 0) == candles[_id]["price_up"] for _id in followers]
    by_itself = [(candles[_id]["price_change"] > 0) == candles[_id]["price_up"] for _id in followers]
    assert sum(by_leaders) / len(followers) > 0.8
    assert sum(by_itself) / len(followers) == pytest.approx(0.5, abs=0.03)
