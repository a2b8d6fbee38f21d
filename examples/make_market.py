"""Write a small synthetic candle market as an `arangodump` folder.

A trainer is hard to judge on real prices, where nobody knows how much there is to learn. In this market the
answer is known: leaders move first, followers repeat their move two candles later, and nothing in a
candle's own attributes tells where its price goes next. What is to be learned sits in the edges alone.

    python examples/make_market.py --out examples/market_5m
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from arango_dump import Document, require_empty, write_collection, write_dump_facts, write_graphs
from candles import REACTION, START_S, STEP_S, VOLATILITY, Floats, Symbol, candle_documents, time_of
from numpy.random import RandomState

GRAPH = "market_5m"
CANDLES = "candles_5m"
LEADS = "leads_5m"

FOLLOW = 0.87
"""Share of the leaders' mean move that a follower repeats."""
OWN_NOISE = 0.5
"""A follower's own move, in units of the market's volatility; FOLLOW and this set how much can be learned."""
BUSY_HOURS = 5.0
"""From one busy spell to the next; `volume` rises with it, so it tells `future_volatility`."""

# Leaders stand above their followers. Every path between two symbols has the same length, so a symbol's own
# returns are uncorrelated in time, and a model without the graph has nothing to hold on to.
SYMBOLS = (
    Symbol(name="BTCUSDT", price=67_500.0, decimals=1),
    Symbol(name="ETHUSDT", price=3_780.0, decimals=2, leaders=("BTCUSDT",)),
    Symbol(name="BNBUSDT", price=594.0, decimals=3, leaders=("BTCUSDT",)),
    Symbol(name="SOLUSDT", price=166.0, decimals=3, leaders=("BTCUSDT",)),
    Symbol(name="XRPUSDT", price=0.518, decimals=6, leaders=("BTCUSDT",)),
    Symbol(name="LTCUSDT", price=83.4, decimals=4, leaders=("ETHUSDT", "BNBUSDT")),
    Symbol(name="ADAUSDT", price=0.448, decimals=6, leaders=("ETHUSDT", "XRPUSDT")),
    Symbol(name="AVAXUSDT", price=36.2, decimals=4, leaders=("ETHUSDT", "SOLUSDT")),
    Symbol(name="DOTUSDT", price=7.05, decimals=5, leaders=("BNBUSDT", "SOLUSDT")),
    Symbol(name="DOGEUSDT", price=0.159, decimals=6, leaders=("SOLUSDT", "XRPUSDT")),
)


def draw_returns(rng: RandomState, symbols: Sequence[Symbol], num_candles: int) -> tuple[Floats, Floats]:
    """Return `(returns, volatility)` of shapes `[num_candles, num_symbols]` and `[num_candles]`."""
    hours = np.arange(num_candles) * STEP_S / 3600
    volatility = VOLATILITY * np.exp(0.6 * np.sin(2 * np.pi * hours / BUSY_HOURS))
    noise = rng.standard_normal((num_candles, len(symbols))) * volatility[:, None]
    position = {symbol.name: column for column, symbol in enumerate(symbols)}
    returns = noise.copy()
    for column, symbol in enumerate(symbols):
        if symbol.leaders:
            leaders = returns[:, [position[name] for name in symbol.leaders]].mean(axis=1)
            returns[REACTION:, column] = FOLLOW * leaders[:-REACTION] + OWN_NOISE * noise[REACTION:, column]
    return returns, volatility


def lead_documents(symbols: Sequence[Symbol], num_candles: int) -> Iterator[Document]:
    """Yield the edges: a leader's candle to the next candle of each of its followers."""
    for symbol in symbols:
        for leader in symbol.leaders:
            for t in range(num_candles - 1):
                ts_s = START_S + t * STEP_S
                key = f"{leader}-{symbol.name}-{ts_s}"
                yield {
                    "_key": key,
                    "_id": f"{LEADS}/{key}",
                    "_from": f"{CANDLES}/{leader}-5m-{ts_s}",
                    "_to": f"{CANDLES}/{symbol.name}-5m-{ts_s + STEP_S}",
                    "_rev": "_iA7hKq2--A",
                    "lag": 1,
                    "weight": 1.0 / len(symbol.leaders),
                }


def write_market(folder: Path, *, seed: int, num_candles: int, num_symbols: int) -> None:
    """Draw a market and write it to `folder`."""
    # A Generator's stream may change between numpy versions, RandomState's is frozen.
    rng = RandomState(seed)
    symbols = SYMBOLS[:num_symbols]
    returns, volatility = draw_returns(rng, symbols, num_candles)
    candles = chain.from_iterable(
        candle_documents(rng, symbol, returns[:, column], volatility, CANDLES) for column, symbol in enumerate(symbols)
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_dump_facts(folder, time_of(num_candles))
    write_graphs(folder, {GRAPH: [{"collection": LEADS, "from": [CANDLES], "to": [CANDLES]}]})
    write_collection(folder, CANDLES, candles)
    write_collection(folder, LEADS, lead_documents(symbols, num_candles), edges=True)


def main() -> None:
    """Read the command line and write the market."""
    parser = argparse.ArgumentParser(description="Write a synthetic candle market as an arangodump folder.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--seed", type=int, default=27, help="same seed, same market (default: %(default)s)")
    parser.add_argument("--candles", type=int, default=432, help="candles a symbol (default: %(default)s)")
    parser.add_argument("--symbols", type=int, default=10, help="symbols, 5 to 10 (default: %(default)s)")
    args = parser.parse_args()
    # With fewer than five symbols, some would follow a leader that is not there.
    if not 5 <= args.symbols <= len(SYMBOLS) or args.candles < 64:
        parser.error(f"give 5 to {len(SYMBOLS)} --symbols and at least 64 --candles")
    require_empty(parser, args.out)
    write_market(args.out, seed=args.seed, num_candles=args.candles, num_symbols=args.symbols)


if __name__ == "__main__":
    main()
