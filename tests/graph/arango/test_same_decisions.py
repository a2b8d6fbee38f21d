"""What was made of a graph is the same whether it comes from ArangoDB or from its dump folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.composed import attributes_in_use, build_dataset
from tests.conftest import make_settings, write_collection, write_graph
from trainer.graph.dump.source import DumpSource

from .served import ServedGraph, serve_stand_in


@pytest.mark.parametrize(
    "values",
    [
        {"target": "up"},
        {"target": "up", "features": ["rsi", "fee"]},
        {"target": "up", "features": ["rsi", "name"], "time_field": "ts"},
        {"target": "trend", "target_collection": ["candles"]},
    ],
    ids=str,
)
def test_decisions_are_those_of_the_dump(market: ServedGraph, values: dict[str, Any]) -> None:
    """Also of attributes that a database does not send."""
    settings = make_settings(**values)
    dumped = DumpSource(market.folder).load(["g"], attributes_in_use(settings), lambda vertices, edges: None)
    served = market.load(**values)
    assert build_dataset(served, settings).decisions == build_dataset(dumped, settings).decisions


@pytest.mark.parametrize(
    "values", [(None, "up"), ("up", {"x": 1}), (["a"], {"x": 1}), ("", ["a"]), ("", "  "), ([], "up")]
)
def test_reasons_over_several_collections_are_those_of_the_dump(tmp_path: Path, values: tuple[Any, Any]) -> None:
    """An attribute that no source reads holds what all collections together hold, whichever comes first."""
    for number, (first, second) in enumerate((values, values[::-1])):
        folder = tmp_path / str(number)
        for name, odd in (("candles_btc", first), ("candles_eth", second)):
            documents = [{"_key": f"{name}{n}", "a": n % 7, "odd": odd, "y": n % 2} for n in range(30)]
            write_collection(folder, name, documents)
        edges = [{"_key": "1", "_from": "candles_btc/candles_btc0", "_to": "candles_eth/candles_eth1"}]
        write_collection(folder, "next", edges, edge=True)
        ends = ["candles_btc", "candles_eth"]
        write_graph(folder, "g", [{"collection": "next", "from": ends, "to": ends}])
        settings = make_settings(target="y")
        dumped = DumpSource(folder).load(["g"], attributes_in_use(settings), lambda vertices, edges: None)
        with serve_stand_in(folder) as served:
            loaded = served.load(target="y")
        assert build_dataset(loaded, settings).decisions == build_dataset(dumped, settings).decisions
