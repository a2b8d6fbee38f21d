"""Candles of synthetic prices as the platform stores them, labels included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from arango_dump import Document
from numpy.random import RandomState
from numpy.typing import NDArray

Floats = NDArray[np.float64]

START_S = 1_717_200_000  # 2024-06-01T00:00:00Z
STEP_S = 300
REACTION = 2
"""Candles from a leader's move to its followers'. With 1, an edge would have to join candles of one time."""
RSI_CANDLES = 14
WINDOW = 20
"""Candles in `ema_20` and `vwap`."""
HORIZON = 12
"""Candles that `future_volatility` looks ahead: one hour."""
STREAMED_SHARE = 0.2
"""Newest share of the candles; they came from a stream, where `volume` is a string."""
VOLATILITY = 0.0015
"""Usual size of a 5-minute return."""
VOLUME = 150.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Symbol:
    """A traded pair: where its price starts, the decimals it is quoted in, and whom it follows."""

    name: str
    price: float
    decimals: int
    leaders: tuple[str, ...] = ()


def time_of(candle: int) -> datetime:
    """When a candle opens."""
    return datetime.fromtimestamp(START_S + candle * STEP_S, UTC)


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
    rng: RandomState, symbol: Symbol, returns: Floats, volatility: Floats, collection: str
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
