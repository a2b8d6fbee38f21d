"""Write a small synthetic candle market as an `arangodump` folder.

A trainer is hard to judge on real prices, where nobody knows how much there is to learn. In this market the
answer is known: leaders move first, followers repeat their move two candles later, and nothing in a
candle's own attributes tells where its price goes next. What is to be learned sits in the edges alone.

    python examples/make_market.py --out examples/market_5m
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Document = dict[str, Any]

GRAPH = "market_5m"
CANDLES = "candles_5m"
LEADS = "leads_5m"
DATABASE = "streamforge"

START_S = 1_717_200_000  # 2024-06-01T00:00:00Z
STEP_S = 300
REACTION = 2
"""Candles from a leader's move to its followers'. With 1, an edge would have to join candles of one time."""
FOLLOW = 0.87
"""Share of the leaders' mean move that a follower repeats."""
OWN_NOISE = 0.5
"""A follower's own move, in units of the market's volatility; FOLLOW and this set how much can be learned."""
RSI_CANDLES = 14
WINDOW = 20
"""Candles in `ema_20` and `vwap`."""
HORIZON = 12
"""Candles that `future_volatility` looks ahead: one hour."""
STREAMED_SHARE = 0.2
"""Newest share of the candles; they came from a stream, where `volume` is a string."""
VOLATILITY = 0.0015
"""Usual size of a 5-minute return."""
BUSY_HOURS = 5.0
"""From one busy spell to the next; `volume` rises with it, so it tells `future_volatility`."""
VOLUME = 150.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Symbol:
    """A traded pair: where its price starts, the decimals it is quoted in, and whom it follows."""

    name: str
    price: float
    decimals: int
    leaders: tuple[str, ...] = ()


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


def rsi(close: Floats) -> Floats:
    """Relative strength index with Wilder's smoothing; NaN until enough candles have passed."""
    change = np.diff(close)
    gain, loss = np.maximum(change, 0.0), np.maximum(-change, 0.0)
    out = np.full(close.shape, np.nan)
    mean_gain, mean_loss = gain[:RSI_CANDLES].mean(), loss[:RSI_CANDLES].mean()
    for t in range(RSI_CANDLES, len(close)):
        if t > RSI_CANDLES:
            mean_gain += (gain[t - 1] - mean_gain) / RSI_CANDLES
            mean_loss += (loss[t - 1] - mean_loss) / RSI_CANDLES
        moved = mean_gain + mean_loss
        out[t] = 100.0 * mean_gain / moved if moved > 0 else 50.0
    return out


def ema(close: Floats) -> Floats:
    """Exponential moving average over `WINDOW` candles, started at the first close."""
    out = close.copy()
    for t in range(1, len(close)):
        out[t] = out[t - 1] + (close[t] - out[t - 1]) * 2.0 / (WINDOW + 1)
    return out


def rounded(value: float, decimals: int) -> float | None:
    """Round for JSON, which knows no NaN."""
    return None if np.isnan(value) else round(float(value), decimals)


def candle_documents(
    rng: RandomState, symbol: Symbol, returns: Floats, volatility: Floats, collection: str = CANDLES
) -> Iterator[Document]:
    """Yield one symbol's candles in time order, labels included."""
    num, decimals = len(returns), symbol.decimals
    # Everything below is computed from quoted (rounded) prices, so that the documents agree with each other.
    close = np.round(symbol.price * np.exp(np.cumsum(returns)), decimals)
    open_ = np.concatenate(([symbol.price], close[:-1]))
    wicks = 1.0 + 0.5 * volatility[:, None] * np.abs(rng.standard_normal((num, 2)))
    high = np.round(np.maximum(open_, close) * wicks[:, 0], decimals)
    low = np.round(np.minimum(open_, close) / wicks[:, 1], decimals)
    activity = np.log(volatility / VOLATILITY) + 0.2 * np.abs(returns) / volatility
    volume = np.round(VOLUME * np.exp(activity + 0.2 * rng.standard_normal(num)), 2)
    turnover, window = (high + low + close) / 3.0 * volume, np.ones(WINDOW)
    vwap = np.convolve(turnover, window)[:num] / np.convolve(volume, window)[:num]
    change = np.concatenate(([np.nan], close[1:] / close[:-1] - 1.0))
    future = np.full(num, np.nan)
    future[:-HORIZON] = np.lib.stride_tricks.sliding_window_view(change[1:], HORIZON).std(axis=1)
    strength, average = rsi(close), ema(close)
    first_streamed = num - int(num * STREAMED_SHARE)
    for t in range(num):
        ts_s = START_S + t * STEP_S
        key = f"{symbol.name}-5m-{ts_s}"
        document: Document = {
            "_key": key,
            "_id": f"{collection}/{key}",
            "_rev": "_iA7hKq2---",
            "symbol": symbol.name,
            "interval": "5m",
            "ts": ts_s * 1000,
            "open": float(open_[t]),
            "high": float(high[t]),
            "low": float(low[t]),
            "close": float(close[t]),
            "volume": f"{volume[t]:.2f}" if t >= first_streamed else float(volume[t]),
            "price_change": rounded(change[t], 6),
            "rsi": rounded(strength[t], 2),
            "vwap": rounded(vwap[t], decimals),
            "ema_20": rounded(average[t], decimals),
            "price_up": int(close[t + 1] > close[t]) if t + 1 < num else None,
            "future_volatility": rounded(future[t], 6),
        }
        if t < RSI_CANDLES:
            del document["rsi"]
        yield document


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


def write_collection(folder: Path, name: str, documents: Iterable[Document], *, edges: bool = False) -> None:
    """Write a collection as `arangodump` does: its structure, and its documents as gzipped JSON lines."""
    stem = f"{name}_{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}"
    kind = {"type": 3 if edges else 2, "isSystem": name.startswith("_")}
    structure = {"indexes": [], "parameters": {"name": name, **kind, "deleted": False, "status": 3}}
    (folder / f"{stem}.structure.json").write_text(json.dumps(structure) + "\n", encoding="utf-8")
    lines = "".join(json.dumps(document, separators=(",", ":")) + "\n" for document in documents)
    # No time and no file name in the header: the same seed gives the same bytes.
    (folder / f"{stem}.data.json.gz").write_bytes(gzip.compress(lines.encode(), compresslevel=9, mtime=0))


def write_graphs(folder: Path, edge_definitions: Mapping[str, list[Document]]) -> None:
    """Write the named graphs: per name its edge definitions."""
    graphs = [
        {
            "_key": name,
            "_id": f"_graphs/{name}",
            "_rev": "_iA7hKq2--_",
            "edgeDefinitions": edges,
            "orphanCollections": [],
        }
        for name, edges in edge_definitions.items()
    ]
    write_collection(folder, "_graphs", graphs)


def write_dump_facts(folder: Path, num_candles: int) -> None:
    """Write what `arangodump` says about the dump as a whole."""
    dump = {
        "database": DATABASE,
        "createdAt": f"{datetime.fromtimestamp(START_S + num_candles * STEP_S, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "lastTickAtDumpStart": "315",
        "useEnvelope": False,
        "useVPack": False,
        "properties": {"id": "91", "name": DATABASE, "isSystem": False},
    }
    (folder / "dump.json").write_text(json.dumps(dump) + "\n", encoding="utf-8")
    (folder / "ENCRYPTION").write_text("none", encoding="ascii")


def write_market(folder: Path, *, seed: int, num_candles: int, num_symbols: int) -> None:
    """Draw a market and write it to `folder`."""
    # A Generator's stream may change between numpy versions, RandomState's is frozen.
    rng = RandomState(seed)
    symbols = SYMBOLS[:num_symbols]
    returns, volatility = draw_returns(rng, symbols, num_candles)
    candles = chain.from_iterable(
        candle_documents(rng, symbol, returns[:, column], volatility) for column, symbol in enumerate(symbols)
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_dump_facts(folder, num_candles)
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
    if args.out.exists() and (not args.out.is_dir() or any(args.out.iterdir())):
        parser.error(f"--out {args.out}: is not an empty folder; remove it or name another")
    write_market(args.out, seed=args.seed, num_candles=args.candles, num_symbols=args.symbols)


if __name__ == "__main__":
    main()
