"""Collections of one entity whose attributes are of different kinds: database and dump folder give the same features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.composed import attributes_in_use, build_dataset
from tests.conftest import make_settings, write_collection, write_graph
from trainer.graph.dump.source import DumpSource

from .served import serve_stand_in


@pytest.mark.parametrize("odd", ["n/a", {"value": 1}, [1, 2]])
def test_attribute_that_is_no_number_in_one_collection_is_no_feature(tmp_path: Path, odd: Any) -> None:
    """What the database does not send for one symbol is not taken as missing there, but as the folder shows it."""
    for symbol in ("btc", "eth"):
        documents = [
            {"_key": f"{symbol}{n}", "ts": 1_717_200_000 + n, "open": n % 7, "y": n % 2}
            | {"volume": n if symbol == "btc" else odd}
            for n in range(40)
        ]
        write_collection(tmp_path, f"candles_{symbol}", documents)
    write_collection(
        tmp_path, "next", [{"_key": "1", "_from": "candles_btc/btc0", "_to": "candles_eth/eth1"}], edge=True
    )
    ends = ["candles_btc", "candles_eth"]
    write_graph(tmp_path, "g", [{"collection": "next", "from": ends, "to": ends}])
    settings = make_settings(target="y")
    dumped = DumpSource(tmp_path).load(["g"], attributes_in_use(settings), lambda vertices, edges: None)
    with serve_stand_in(tmp_path) as served:
        datasets = [build_dataset(graph, settings) for graph in (dumped, served.load(target="y"))]
    assert [feature.name for feature in datasets[0].inputs.features] == ["open"]
    assert datasets[0].inputs.features == datasets[1].inputs.features
    assert datasets[0].inputs.x.tobytes() == datasets[1].inputs.x.tobytes()
