"""Only the attributes that a run may use are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import write_collection, write_graph

from .served import StandInGraph, serve_stand_in


def _read(served: StandInGraph, collection: str = "candles") -> set[str]:
    """The attributes that the query for all rows asked for."""
    binds = served.queries(collection)[-1]["bindVars"]
    return {value for name, value in binds.items() if name != "@c"}


def _lists_names(served: StandInGraph) -> bool:
    return any("ATTRIBUTES(" in body["query"] for body in served.queries("candles"))


def test_named_features_alone_are_read(spoiled_market: StandInGraph) -> None:
    """FEATURES, TARGET and what may be the time are all that is asked for, without a look at all names."""
    spoiled_market.load(features=["open"], target="up")
    assert _read(spoiled_market) == {"_key", "open", "up", "ts"}
    assert not _lists_names(spoiled_market)


@pytest.mark.parametrize("name", ["eventTime", "open_time_utc", "createdAt", "Time Bucket"])
def test_time_in_another_spelling_is_read(tmp_path: Path, name: str) -> None:
    """A time is taken by its usual name, be it of texts, in camel case or with a unit; no setting has to name it."""
    write_collection(tmp_path, "candles", [{"_key": f"k{n}", name: f"2024-06-{n + 1:02}", "open": n} for n in range(9)])
    write_collection(tmp_path, "e", [], edge=True)
    write_graph(tmp_path, "g", [{"collection": "e", "from": ["candles"], "to": ["candles"]}])
    with serve_stand_in(tmp_path) as served:
        for features in (["open"], []):
            served.load(target="y", features=features)
            assert name in _read(served)


def test_texts_and_objects_are_not_read(spoiled_market: StandInGraph) -> None:
    """Without FEATURES numbers are read, and a time in any form; names and nested objects are not."""
    graph = spoiled_market.load(target="up")
    numeric = {"open", "close", "rsi", "up", "volume", "spread", "trend"}
    assert _read(spoiled_market) == {"_key", "ts", *numeric}
    assert {"name", "raw"} < set(graph.vertices["candles"].attributes)
    assert graph.vertices["candles"].unread == {"name": "holds texts", "raw": "holds JSON objects"}


def test_text_that_is_named_is_read(spoiled_market: StandInGraph) -> None:
    """A text that TARGET, FEATURES or SPLIT names is read."""
    spoiled_market.load(target="NAME", split="attribute:raw")
    assert {"name", "raw"} < _read(spoiled_market)


def test_projections_beyond_five_are_asked_for(spoiled_market: StandInGraph) -> None:
    """More than five attributes need an option, or the server reads whole documents; fewer need none."""
    spoiled_market.load(features=["open", "close"], target="up")
    spoiled_market.load(features=["open", "close", "rsi"], target="up")
    five, six = (body["query"] for body in spoiled_market.queries("candles") if "RETURN [" in body["query"])
    assert "OPTIONS" not in five
    assert "OPTIONS { maxProjections: 6 }" in six


def test_rare_attribute_is_found(tmp_path: Path) -> None:
    """An attribute of one document in a thousand is found, though no sample shows it."""
    documents: list[dict[str, Any]] = [{"_key": f"k{n}", "a": n, "y": n % 2} for n in range(1000)]
    documents[500]["rare"] = 7
    write_collection(tmp_path, "v", documents)
    write_collection(tmp_path, "e", [], edge=True)
    write_graph(tmp_path, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    with serve_stand_in(tmp_path) as served:
        for values in ({"features": ["rare"], "target": "y"}, {"target": "y"}):
            table = served.load(batch_size=100, **values).vertices["v"]
            assert "rare" in table.columns
            assert table.attributes == ["a", "rare", "y"]


def test_indicator_that_begins_with_nan_is_read(tmp_path: Path) -> None:
    """`NaN` as a text is what indicators begin with; numbers may follow."""
    documents = [{"_key": f"k{n:03}", "ema": "NaN" if n < 300 else str(n), "y": n % 2} for n in range(301)]
    write_collection(tmp_path, "v", documents)
    write_collection(tmp_path, "e", [], edge=True)
    write_graph(tmp_path, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    with serve_stand_in(tmp_path) as served:
        assert "ema" in served.load(target="y", batch_size=1000).vertices["v"].columns


def test_queries_stream_and_can_be_retried(spoiled_market: StandInGraph) -> None:
    """Every query streams, can repeat its last batch, lives long enough and leaves the cache of others alone."""
    spoiled_market.load()
    for body in (*spoiled_market.queries("candles"), *spoiled_market.queries("next")):
        assert body["options"] == {"stream": True, "allowRetry": True, "fillBlockCache": False}
        assert body["ttl"] == 600
