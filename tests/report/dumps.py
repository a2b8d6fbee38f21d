"""Two graphs, as small as they can be with everything in them that a report has to show."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import write_collection, write_graph

NUM_CANDLES = 200
SYMBOLS = ("btcusdt", "ethusdt")
DAYS = ("2024_06_01", "2024_06_02", "2024_06_03")
DAY_SIZE = 24
_START_MS = 1_704_067_200_000
_HOUR_MS = 3_600_000


def write_candles(folder: Path) -> Path:
    """The graph `market`: a candle every six hours from 2024-01-01 on, with a label for each task.

    The last four candles have no label, every tenth no volume, and the last two no edges. Three edges lead nowhere, two
    are loops and five are there twice.
    """
    rng = np.random.default_rng(5)
    documents: list[dict[str, Any]] = []
    for number in range(NUM_CANDLES):
        signal = float(rng.normal())
        documents.append(
            {
                "_key": f"c{number:03}",
                "open_time": _START_MS + number * 6 * _HOUR_MS,
                "open": 40_000 + 900 * signal,
                "volume": float(rng.gamma(2.0)),
                "session": ("asia", "europe", "us")[number % 3],
                "is_weekend": number // 4 % 7 > 4,
                "words": [signal, *rng.normal(size=3).tolist()],
                "price_up": int(signal + 0.3 * rng.normal() > 0),
                "future_return": 0.01 * (signal + float(rng.normal())),
                "regime": "bear" if signal < -0.5 else "bull" if signal > 0.5 else "flat",
            }
        )
    for document in documents[::10]:
        del document["volume"]
    for document in documents[-4:]:
        del document["price_up"], document["future_return"], document["regime"]
    keys = [document["_key"] for document in documents[:-2]]
    links = [(keys[number], keys[(number * 7 + 3) % len(keys)]) for number in range(0, len(keys), 2)]
    ends = [*links, *links[:5], *((key, key) for key in keys[1:3]), *((key, "nobody") for key in keys[:3])]
    write_collection(folder, "candles", documents)
    write_collection(folder, "next_candle", _edges("candles", list(pairwise(keys))), edge=True)
    write_collection(folder, "correlated_with", _edges("candles", ends), edge=True)
    ring = [{"collection": name, "from": ["candles"], "to": ["candles"]} for name in ("next_candle", "correlated_with")]
    write_graph(folder, "market", ring)
    return folder


def _edges(collection: str, ends: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {"_key": str(number), "_from": f"{collection}/{source}", "_to": f"{collection}/{target}"}
        for number, (source, target) in enumerate(ends)
    ]


def write_days(folder: Path) -> Path:
    """A graph for each of three days: hourly candles of two symbols, the levels that they touch, and trades.

    The weights of `candle_to_level` are 0, 0.5 and 1, one volume of the trades of a day is missing, and half of the
    edges from trades to candles come out of the future.
    """
    rng = np.random.default_rng(6)
    graphs = []
    for number, day in enumerate(DAYS):
        start = _START_MS + number * DAY_SIZE * _HOUR_MS
        candles, levels, trades = [f"candles_{symbol}_5m_{day}" for symbol in SYMBOLS], f"levels_{day}", f"trades_{day}"
        hours = [f"h{hour:02}" for hour in range(DAY_SIZE)]
        for name in candles:
            write_collection(folder, name, [_candle(rng, key, start + n * _HOUR_MS) for n, key in enumerate(hours)])
        write_collection(folder, levels, [{"_key": f"L{level}"} for level in range(4)])
        volumes = [{"_key": key, "ts": start + n * _HOUR_MS, "traded": float(n % 5)} for n, key in enumerate(hours)]
        del volumes[3]["traded"]
        write_collection(folder, trades, volumes)
        definitions = []
        for name, source, target, pairs in (
            *((name.replace("candles", "next"), name, name, pairwise(hours)) for name in candles),
            ("candle_to_level", candles[0], levels, ((key, f"L{n % 4}") for n, key in enumerate(hours))),
            ("traded_in", trades, candles[0], ((key, hours[n ^ 1]) for n, key in enumerate(hours))),
        ):
            edges = f"{name}_{day}" if day not in name else name
            documents = [
                {"_key": str(n), "_from": f"{source}/{one}", "_to": f"{target}/{other}"}
                | ({"weight": n % 3 / 2} if target == levels else {})
                for n, (one, other) in enumerate(pairs)
            ]
            write_collection(folder, edges, documents, edge=True)
            definitions.append({"collection": edges, "from": [source], "to": [target]})
        graphs.append({"_key": f"graph_{day}", "edgeDefinitions": definitions, "orphanCollections": []})
    write_collection(folder, "_graphs", graphs)
    return folder


def _candle(rng: np.random.Generator, key: str, ts: int) -> dict[str, Any]:
    change = float(rng.normal())
    return {"_key": key, "ts": ts, "open": 100 + change, "volume": float(rng.random()), "price_up": int(change > 0)}
