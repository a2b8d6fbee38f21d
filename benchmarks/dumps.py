"""A market as arangodump writes it: candles with ten attributes, each linked to the ten after it."""

from __future__ import annotations

import gzip
import hashlib
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson

GRAPH = "market"
ATTRIBUTES = ["open", "high", "low", "close", "volume", "rsi", "ema", "trades", "spread", "price_up"]
_REACH = 10
_FIRST_MS, _STEP_MS = 1_500_000_000_000, 60_000


def write_market(folder: Path, num_vertices: int, *, compress: bool = False) -> Path:
    """Write the graph `market`: collection `candles`, ten times as many edges `next`."""
    folder.mkdir(parents=True, exist_ok=True)
    edges = {"collection": "next", "from": ["candles"], "to": ["candles"]}
    graph: dict[str, object] = {
        "_key": GRAPH,
        "_id": f"_graphs/{GRAPH}",
        "edgeDefinitions": [edges],
        "orphanCollections": [],
    }
    _write(folder, "_graphs", 2, iter([graph]), compress)
    _write(folder, "candles", 2, _candles(num_vertices), compress)
    _write(folder, "next", 3, _nexts(num_vertices), compress)
    return folder


def described(num_vertices: int) -> str:
    """The size of a market, for the name of a row."""
    return f"{num_vertices // 1000} k vertices x {len(ATTRIBUTES)} attributes + {num_vertices * _REACH / 1e6:g} M edges"


def data_file(folder: Path, collection: str) -> Path:
    """The file with the documents of a collection."""
    (path,) = folder.glob(f"{collection}_*.data.json*")
    return path


def _key(number: int) -> str:
    return f"BTC-1m-{(_FIRST_MS + number * _STEP_MS) // 1000}"


def _candles(num_vertices: int) -> Iterator[dict[str, object]]:
    draw = random.Random(7)
    for number in range(num_vertices):
        values = {name: round(draw.gauss(0, 1), 5) for name in ATTRIBUTES[:-2]}
        whole = {"spread": draw.randrange(100), "price_up": draw.randrange(2)}
        system = {"_key": _key(number), "_id": f"candles/{_key(number)}", "_rev": "_mKzsMXy---"}
        yield {**system, "ts": _FIRST_MS + number * _STEP_MS, **values, **whole}


def _nexts(num_vertices: int) -> Iterator[dict[str, object]]:
    for number in range(num_vertices * _REACH):
        source, lag = divmod(number, _REACH)
        yield {
            "_key": str(number),
            "_id": f"next/{number}",
            "_from": f"candles/{_key(source)}",
            "_to": f"candles/{_key((source + lag + 1) % num_vertices)}",
            "_rev": "_mKzsMXy---",
            "lag": lag + 1,
            "weight": 1 / (lag + 1),
        }


def _write(folder: Path, name: str, kind: int, documents: Iterator[dict[str, object]], compress: bool) -> None:
    stem = f"{name}_{hashlib.md5(name.encode()).hexdigest()}"  # noqa: S324 - the name that arangodump gives
    structure = {"indexes": [], "parameters": {"name": name, "type": kind}}
    (folder / f"{stem}.structure.json").write_bytes(orjson.dumps(structure))
    path = folder / f"{stem}.data.json{'.gz' if compress else ''}"
    with gzip.open(path, "wb", 1) if compress else path.open("wb") as file:
        file.writelines(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE) for document in documents)


if __name__ == "__main__":
    write_market(Path(sys.argv[1]), int(sys.argv[2]))
