"""A market of candles and price levels, drawn: which candle touches which level, and the moves that follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from arango_dump import Document
from candles import REACTION, START_S, STEP_S, VOLATILITY, Floats, Symbol, time_of
from numpy.random import RandomState
from numpy.typing import NDArray

SESSION = 96
"""Candles for which a set of levels holds; no level lives on into another day."""
LEVELS = 8
"""Levels of a symbol at a time, half of them support: which one a candle touches says nothing of the next."""
TOUCHING = 0.8
"""Share of the candles that touch a level."""
BOUNCE = 1.8
"""Move after the touch of a level with strength 1, in units of the market's volatility."""
OWN_NOISE = 0.4
"""A symbol's own move, in the same units."""
LEADER_WEIGHTS = (0.9, 0.1)
"""Shares of the two leaders' moves in their follower's, drawn anew for each candle."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """A price at which a symbol turns: upwards at a support, downwards at a resistance."""

    symbol: str
    session: int
    number: int
    support: bool
    strength: float

    @property
    def key(self) -> str:
        """The document's `_key`."""
        return f"{self.symbol}-5m-{START_S + self.session * SESSION * STEP_S}-{self.number}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Market:
    """What was drawn: moves of shape [candles, symbols], and which candle touches which level how closely.

    `touched` is the place of the level in its symbol's session, -1 for none; `nearness` and `first_weight` (the
    first leader's share) are the weights of edges.
    """

    returns: Floats
    touched: NDArray[np.int64]
    nearness: Floats
    first_weight: Floats
    levels: dict[str, list[Level]]

    def level(self, symbol: str, candle: int, column: int) -> Level | None:
        """The level that a candle touches."""
        place = int(self.touched[candle, column])
        return None if place < 0 else self.levels[symbol][candle // SESSION * LEVELS + place]


def draw_levels(rng: RandomState, symbol: str, num_candles: int) -> list[Level]:
    """Levels of a symbol, session after session."""
    return [
        Level(
            symbol=symbol,
            session=session,
            number=number,
            support=number % 2 == 0,
            strength=round(float(rng.uniform(0.2, 1.0)), 2),
        )
        for session in range(-(-num_candles // SESSION))
        for number in range(LEVELS)
    ]


def draw_market(rng: RandomState, symbols: Sequence[Symbol], num_candles: int) -> Market:
    """Draw levels, touches and the moves that follow from them."""
    shape = (num_candles, len(symbols))
    levels = {symbol.name: draw_levels(rng, symbol.name, num_candles) for symbol in symbols}
    touched = np.where(rng.uniform(size=shape) < TOUCHING, rng.randint(0, LEVELS, shape), -1)
    nearness = np.round(rng.uniform(0.4, 1.0, shape), 2)
    first_weight = rng.choice(LEADER_WEIGHTS, num_candles)
    market = Market(
        returns=OWN_NOISE * VOLATILITY * rng.standard_normal(shape),
        touched=touched,
        nearness=nearness,
        first_weight=first_weight,
        levels=levels,
    )
    position = {symbol.name: column for column, symbol in enumerate(symbols)}
    returns = market.returns
    for column, symbol in enumerate(symbols):
        for candle in range(num_candles - 1):
            level = market.level(symbol.name, candle, column)
            if level is not None:
                turn = level.strength if level.support else -level.strength
                returns[candle + 1, column] += BOUNCE * VOLATILITY * turn * nearness[candle, column]
        if symbol.leaders:
            first, second = (returns[:-REACTION, position[name]] for name in symbol.leaders)
            share = first_weight[:-REACTION]
            returns[REACTION:, column] += share * first + (1.0 - share) * second
    return market


def level_document(level: Level, collection: str, price: float, decimals: int, touches: int) -> Document:
    """A level as the platform stores it: when it was seen, but no `ts`."""
    detected_at, valid_until = (time_of((level.session + later) * SESSION) for later in (0, 1))
    # Some levels come from a service that sends numbers as texts, and some have not been counted.
    strength = f"{level.strength:.2f}" if level.number % 4 == 1 else level.strength
    document: Document = {
        "_key": level.key,
        "_id": f"{collection}/{level.key}",
        "_rev": "_iA7hKq2--B",
        "symbol": level.symbol,
        "interval": "5m",
        "detected_at": f"{detected_at:%Y-%m-%dT%H:%M:%SZ}",
        "level_price": round(price, decimals),
        "type": "support" if level.support else "resistance",
        "method": "pivot" if level.number < LEVELS // 2 else "volume_profile",
        "strength": strength,
        "touches": touches,
        "valid_until": f"{valid_until:%Y-%m-%dT%H:%M:%SZ}",
    }
    if level.number == LEVELS - 1:
        del document["touches"]
    return document
