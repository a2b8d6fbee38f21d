"""A folder with a market of several types, small enough to train on in a second."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import write_collection, write_graph

SYMBOLS = ("btc", "eth")
NUM_LEVELS = 7


def write_market(
    folder: Path, name: str = "market", seed: int = 0, size: int = 60, features: Sequence[str] = ()
) -> Path:
    """Candles of two symbols in one type, each after the one before, and levels without time or numbers.

    Args:
        folder: where to write.
        name: of the graph.
        seed: of the values.
        size: candles of each symbol.
        features: names of the candles' numbers, `open` and `volume` unless given.
    """
    rng = np.random.default_rng(seed)
    links: list[dict[str, Any]] = []
    definitions = []
    for symbol in SYMBOLS:
        candles = f"candles_{symbol}_5m"
        documents = [_candle(rng, symbol, number, features or ("open", "volume")) for number in range(size)]
        for document in documents[-3:]:
            del document["price_up"], document["future_return"]
        write_collection(folder, candles, documents)
        ids = [f"{candles}/{document['_key']}" for document in documents]
        steps = [
            {"_key": str(number), "_from": ids[number - 1], "_to": ids[number], "w": float(rng.random())}
            for number in range(1, size)
        ]
        write_collection(folder, f"next_{symbol}", steps, edge=True)
        definitions.append({"collection": f"next_{symbol}", "from": [candles], "to": [candles]})
        links += [
            {"_key": f"{symbol}{number}", "_from": one, "_to": f"levels_sr/L{number % NUM_LEVELS}"}
            for number, one in enumerate(ids)
        ]
    write_collection(folder, "levels_sr", [{"_key": f"L{number}"} for number in range(NUM_LEVELS)])
    write_collection(folder, "candle_to_level", links, edge=True)
    candles_of_all = [f"candles_{symbol}_5m" for symbol in SYMBOLS]
    definitions.append({"collection": "candle_to_level", "from": candles_of_all, "to": ["levels_sr"]})
    write_graph(folder, name, definitions)
    return folder


def _candle(rng: np.random.Generator, symbol: str, number: int, features: Sequence[str]) -> dict[str, Any]:
    values = {name: float(rng.normal()) for name in features}
    change = sum(values.values())
    return {
        "_key": f"{symbol}-{number:03}",
        "ts": 1_700_000_000_000 + 300_000 * number,
        "price_up": int(change > 0),
        "future_return": 1000 + change,
        **values,
    }
