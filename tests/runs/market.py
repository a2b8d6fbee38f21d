"""A market of many collections in a dump folder: candles per symbol, levels without time, edges between them all."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.conftest import write_collection, write_graph

Document = dict[str, Any]

SYMBOLS = ("ada", "avax", "bnb", "btc", "doge", "eth", "sol", "xrp")
START_MS, STEP_MS = 1_717_200_000_000, 300_000
NUM_LEVELS = 40
GRAPH = "market"


@dataclass(frozen=True)
class Market:
    """The documents: per collection its vertices, per edge collection its edges."""

    vertices: dict[str, list[Document]]
    edges: dict[str, list[Document]]

    @property
    def num_vertices(self) -> int:
        """Number of vertices of all collections."""
        return sum(map(len, self.vertices.values()))

    @property
    def num_edges(self) -> int:
        """Number of edges of all collections."""
        return sum(map(len, self.edges.values()))

    def definitions(self) -> list[dict[str, Any]]:
        """The edge definitions of the graph."""
        return [{"collection": name, **_ends(edges)} for name, edges in self.edges.items()]

    def write(self, folder: Path, name: str = GRAPH) -> None:
        """Write the market as a dump folder with one named graph."""
        self.write_collections(folder)
        write_graph(folder, name, self.definitions())

    def write_collections(self, folder: Path) -> None:
        """Write the collections without a graph."""
        for name, documents in self.vertices.items():
            write_collection(folder, name, documents)
        for name, edges in self.edges.items():
            write_collection(folder, name, edges, edge=True, compress=True)


def draw_market(symbols: Sequence[str] = SYMBOLS, num_candles: int = 150, seed: int = 1, first: int = 0) -> Market:
    """Draw a market whose labels follow from the levels that candles touch.

    Args:
        symbols: a candle collection and a temporal edge collection for each.
        num_candles: candles of each symbol.
        seed: same seed, same documents.
        first: number of the first candle, so that days can follow each other.
    """
    rng = random.Random(seed)
    levels = [_level(rng, first, number) for number in range(NUM_LEVELS)]
    vertices: dict[str, list[Document]] = {"levels_sr": levels}
    edges: dict[str, list[Document]] = {}
    touches: list[Document] = []
    for symbol in symbols:
        collection = f"candles_{symbol}usdt_5m"
        candles, touched = _candles(rng, symbol, levels, range(first, first + num_candles))
        vertices[collection] = candles
        touches += [
            {"_key": f"{symbol}-{source}", "_from": f"{collection}/{source}", "_to": f"levels_sr/{target}"}
            | {"weight": round(rng.uniform(0.2, 1.0), 3)}
            for source, target in touched
        ]
        edges[f"next_{symbol}usdt_5m"] = [
            {"_key": str(n), "_from": f"{collection}/{one['_key']}", "_to": f"{collection}/{other['_key']}"}
            | {"weight": 1.0}
            for n, (one, other) in enumerate(pairwise(candles))
        ]
    edges["candle_to_level"] = touches
    return Market(vertices, edges)


def _level(rng: random.Random, first: int, number: int) -> Document:
    strength = round(rng.uniform(0.1, 1) * (-1) ** number, 3)
    document: Document = {"_key": f"level-{first}-{number:03}", "level_price": round(rng.uniform(90, 110), 2)}
    document["strength"] = str(strength) if number % 3 == 0 else strength
    if number % 5:
        document["touches"] = rng.randrange(9)
    return document


def _candles(
    rng: random.Random, symbol: str, levels: Sequence[Document], numbers: Iterable[int]
) -> tuple[list[Document], list[tuple[str, str]]]:
    candles, touched = [], []
    for number in numbers:
        level = rng.choice(levels)
        key = f"{symbol}-{START_MS + number * STEP_MS}"
        up = float(level["strength"]) + rng.gauss(0, 0.2) > 0
        candle = {
            "_key": key,
            "symbol": symbol.upper(),
            "ts": START_MS + number * STEP_MS,
            "price_change": round(rng.gauss(0, 1), 4),
            "volume": f"{rng.uniform(1, 9):.2f}" if number % 4 == 0 else round(rng.uniform(1, 9), 2),
            "price_up": int(up) if number % 50 != 49 else None,
        }
        if number % 7:
            candle["rsi"] = round(rng.uniform(10, 90), 1)
        candles.append(candle)
        touched.append((key, level["_key"]))
    return candles, touched


def renamed(market: Market, suffix: str) -> Market:
    """The same market in collections of other names, as graph-builder makes them for each day."""

    def other(_id: str) -> str:
        collection, _, key = _id.partition("/")
        return f"{collection}{suffix}/{key}"

    vertices = {f"{name}{suffix}": documents for name, documents in market.vertices.items()}
    edges = {
        f"{name}{suffix}": [edge | {"_from": other(edge["_from"]), "_to": other(edge["_to"])} for edge in documents]
        for name, documents in market.edges.items()
    }
    return Market(vertices, edges)


def joined(markets: Iterable[Market]) -> Market:
    """Several markets as one: documents of equally named collections stand together."""
    vertices: dict[str, list[Document]] = {}
    edges: dict[str, list[Document]] = {}
    for market in markets:
        for whole, part in ((vertices, market.vertices), (edges, market.edges)):
            for name, documents in part.items():
                whole.setdefault(name, []).extend(documents)
    return Market(vertices, {name: list(_numbered(documents)) for name, documents in edges.items()})


def _numbered(edges: Iterable[Document]) -> Iterator[Document]:
    for number, edge in enumerate(edges):
        yield edge | {"_key": str(number)}


def _ends(edges: Iterable[Document]) -> dict[str, list[str]]:
    ends = [(edge["_from"].partition("/")[0], edge["_to"].partition("/")[0]) for edge in edges]
    return {"from": sorted({source for source, _ in ends}), "to": sorted({target for _, target in ends})}
