"""What was made of a graph is the same whether it comes from ArangoDB or from its dump folder."""

from __future__ import annotations

from typing import Any

import pytest

from tests.composed import attributes_in_use, build_dataset
from tests.conftest import make_settings
from trainer.graph.dump.source import DumpSource

from .served import ServedGraph


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
