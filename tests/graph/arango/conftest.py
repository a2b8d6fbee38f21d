"""A small market in a dump folder, and servers that hold it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import write_collection, write_graph
from tests.waits import LONG_S
from trainer.graph.arango import patience

from .served import ServedGraph, StandInGraph, serve, serve_stand_in

NUM_CANDLES = 23
"""Five batches of five, the last one short."""


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many attempts as in a run, at shorter intervals."""
    monkeypatch.setattr(patience, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(patience, "CONNECT_TIMEOUT_S", 2.0)
    monkeypatch.setattr(patience, "READ_TIMEOUT_S", LONG_S)
    monkeypatch.setattr(patience, "TOTAL_S", LONG_S)


@pytest.fixture
def market_dump(tmp_path: Path) -> Path:
    """The graph `g`: candles one after the other, each of a pair; one edge has no end."""
    folder = tmp_path / "market"
    candles = [
        {"_key": f"c{n:02}", "open": float(n), "close": n / 3, "rsi": str(n), "up": n % 2, "ts": f"2024-01-{n + 1:02}"}
        | {"name": f"candle {n}", "raw": {"n": n}, "volume": n, "spread": n / 7, "trend": n % 5}
        for n in range(NUM_CANDLES)
    ]
    nexts = [{"_key": f"{n}", "_from": f"candles/c{n:02}", "_to": f"candles/c{n + 1:02}"} for n in range(NUM_CANDLES)]
    ofs = [{"_key": f"{n}", "_from": f"candles/c{n:02}", "_to": f"pairs/p{n % 3}"} for n in range(NUM_CANDLES)]
    write_collection(folder, "candles", candles)
    write_collection(folder, "pairs", [{"_key": f"p{n}", "fee": n / 1000} for n in range(3)])
    write_collection(folder, "next", nexts, edge=True)
    write_collection(folder, "of", ofs, edge=True)
    edges = [
        {"collection": "next", "from": ["candles"], "to": ["candles"]},
        {"collection": "of", "from": ["candles"], "to": ["pairs"]},
    ]
    write_graph(folder, "g", edges)
    return folder


@pytest.fixture
def market(market_dump: Path) -> Iterator[ServedGraph]:
    """The market on the server that variables name, else on a stand-in."""
    with serve(market_dump) as served:
        yield served


@pytest.fixture
def spoiled_market(market_dump: Path) -> Iterator[StandInGraph]:
    """The market on a stand-in, to be spoiled."""
    with serve_stand_in(market_dump) as served:
        yield served
