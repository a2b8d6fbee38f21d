"""Write synthetic StreamForge graphs as `arangodump` folders: candles of several symbols, and price levels.

One vertex collection per symbol, levels with attributes of their own, and edges between all of them: in this
market nothing in a candle tells where its price goes next. The level that it touches does, by its type and
strength, and for one symbol the candles of two others, each as much as the weight of its edge says.

    python examples/make_streamforge.py --out examples/streamforge_5m
    python examples/make_streamforge.py --out examples/btc_days_5m --days
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
from arango_dump import Document, require_empty, write_collection, write_dump_facts, write_graphs
from candles import START_S, STEP_S, VOLATILITY, Floats, Symbol, candle_documents, time_of
from levels import SESSION, Market, draw_market, level_document
from numpy.random import RandomState

GRAPH = "streamforge_5m"
LEADS = "leads_5m"
CANDLE_TO_LEVEL = "candle_to_level"

DAYS = 3
CANDLES_A_DAY = 288

# No symbol leads the leaders, so the follower's own returns stay uncorrelated in time.
SYMBOLS = (
    Symbol(name="BTCUSDT", price=67_500.0, decimals=1),
    Symbol(name="ETHUSDT", price=3_780.0, decimals=2),
    Symbol(name="SOLUSDT", price=166.0, decimals=3, leaders=("BTCUSDT", "ETHUSDT")),
)


def edge_document(collection: str, source: str, target: str, key: str, **attributes: float) -> Document:
    """An edge between two `_id`s."""
    return {
        "_key": key,
        "_id": f"{collection}/{key}",
        "_from": source,
        "_to": target,
        "_rev": "_iA7hKq2--C",
        **attributes,
    }


class Dump:
    """The documents of a market, each under the name that its collection has."""

    def __init__(self, market: Market, suffix: Callable[[int], str]) -> None:
        """Name collections of candle number t with `suffix(t)` at their end."""
        self._market = market
        self._suffix = suffix
        self._times = range(len(market.returns))

    def candles_of(self, symbol: str, candle: int) -> str:
        """The collection of a candle."""
        return f"candles_{symbol.lower()}_5m{self._suffix(candle)}"

    def levels_of(self, symbol: str, candle: int) -> str:
        """The collection of the levels that hold at a candle's time."""
        return f"levels_sr_{symbol.lower()}_5m{self._suffix(candle)}"

    def candle_id(self, symbol: str, candle: int) -> str:
        """The `_id` of a candle."""
        return f"{self.candles_of(symbol, candle)}/{symbol}-5m-{START_S + candle * STEP_S}"

    def candles(self, rng: RandomState, column: int) -> Iterator[tuple[str, Document]]:
        """A symbol's candles with their collections; one symbol's service knows no `vwap`."""
        symbol = SYMBOLS[column]
        volatility = np.full(len(self._times), VOLATILITY)
        returns = self._market.returns[:, column]
        for t, document in enumerate(candle_documents(rng, symbol, returns, volatility, "")):
            if symbol.name == "SOLUSDT":
                del document["vwap"]
            yield self.candles_of(symbol.name, t), document | {"_id": self.candle_id(symbol.name, t)}

    def levels(self, column: int, closes: Floats) -> Iterator[tuple[str, Document]]:
        """A symbol's levels with their collections."""
        symbol = SYMBOLS[column]
        for level in self._market.levels[symbol.name]:
            start = level.session * SESSION
            at = np.flatnonzero(self._market.touched[start : start + SESSION, column] == level.number) + start
            price = float(closes[at].mean()) if len(at) else float(closes[start])
            collection = self.levels_of(symbol.name, start)
            yield collection, level_document(level, collection, price, symbol.decimals, len(at))

    def nexts(self, column: int) -> Iterator[tuple[str, Document]]:
        """Edges from each candle to the next one of its symbol and its graph."""
        name = SYMBOLS[column].name
        for t in self._times[:-1]:
            if self._suffix(t) == self._suffix(t + 1):
                collection = f"next_{name.lower()}_5m{self._suffix(t)}"
                key = f"{name}-{START_S + t * STEP_S}"
                yield collection, edge_document(collection, self.candle_id(name, t), self.candle_id(name, t + 1), key)

    def touches(self, column: int) -> Iterator[tuple[str, Document]]:
        """Edges from candles to the levels that they touch."""
        name = SYMBOLS[column].name
        for t in self._times:
            level = self._market.level(name, t, column)
            if level is not None:
                collection = f"{CANDLE_TO_LEVEL}{self._suffix(t)}"
                key = f"{name}-{START_S + t * STEP_S}"
                target = f"{self.levels_of(name, t)}/{level.key}"
                weight = float(self._market.nearness[t, column])
                yield collection, edge_document(collection, self.candle_id(name, t), target, key, weight=weight)

    def leads(self, column: int) -> Iterator[tuple[str, Document]]:
        """Edges from the candles of a symbol's leaders to its next candle."""
        symbol = SYMBOLS[column]
        for place, leader in enumerate(symbol.leaders):
            for t in self._times[:-1]:
                share = float(self._market.first_weight[t])
                weight = round(share if place == 0 else 1.0 - share, 2)
                key = f"{leader}-{symbol.name}-{START_S + t * STEP_S}"
                ends = self.candle_id(leader, t), self.candle_id(symbol.name, t + 1)
                yield LEADS, edge_document(LEADS, *ends, key, weight=weight)


def write_streamforge(folder: Path, *, seed: int, num_days: int, by_day: bool) -> None:
    """Draw a market and write it to `folder`: one graph of all symbols, or one of the first symbol per day."""
    rng = RandomState(seed)
    num_candles = num_days * CANDLES_A_DAY

    def day(candle: int) -> str:
        return f"_{time_of(candle):%Y_%m_%d}" if by_day else ""

    dump = Dump(draw_market(rng, SYMBOLS, num_candles), day)
    vertices: list[tuple[str, Document]] = []
    edges: list[tuple[str, Document]] = []
    for column in range(1 if by_day else len(SYMBOLS)):
        candles = list(dump.candles(rng, column))
        closes = np.array([document["close"] for _, document in candles])
        vertices += [*candles, *dump.levels(column, closes)]
        edges += [*dump.nexts(column), *dump.leads(column), *dump.touches(column)]
    folder.mkdir(parents=True, exist_ok=True)
    write_dump_facts(folder, time_of(num_candles))
    for rows, are_edges in ((vertices, False), (edges, True)):
        for name, group in groupby(sorted(rows, key=lambda row: row[0]), key=lambda row: row[0]):
            write_collection(folder, name, (document for _, document in group), edges=are_edges)
    suffixes = list(dict.fromkeys(day(candle) for candle in range(num_candles)))
    graphs = {f"btc_graph_5m{suffix}" if by_day else GRAPH: definitions_of(edges, suffix) for suffix in suffixes}
    write_graphs(folder, graphs)


def definitions_of(edges: list[tuple[str, Document]], suffix: str) -> list[Document]:
    """The edge definitions of the graph whose edge collections end with `suffix`."""
    ends: dict[str, dict[str, set[str]]] = {}
    for name, document in edges:
        if name.endswith(suffix):
            for side, found in ends.setdefault(name, {"_from": set(), "_to": set()}).items():
                found.add(document[side].partition("/")[0])
    return [
        {"collection": name, "from": sorted(sides["_from"]), "to": sorted(sides["_to"])}
        for name, sides in sorted(ends.items())
    ]


def main() -> None:
    """Read the command line and write the graphs."""
    parser = argparse.ArgumentParser(description="Write synthetic StreamForge graphs as an arangodump folder.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--seed", type=int, default=13, help="same seed, same market (default: %(default)s)")
    parser.add_argument("--num_days", type=int, default=DAYS, help="days to draw (default: %(default)s)")
    parser.add_argument("--days", action="store_true", help="a graph of BTCUSDT for each day, in place of one of all")
    args = parser.parse_args()
    if args.num_days < 1:
        parser.error("give at least 1 for --num_days")
    require_empty(parser, args.out)
    write_streamforge(args.out, seed=args.seed, num_days=args.num_days, by_day=args.days)


if __name__ == "__main__":
    main()
