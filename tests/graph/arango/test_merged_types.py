"""Collections of one entity whose attributes are of different kinds: database and dump folder give the same features."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.composed import attributes_in_use, build_dataset
from tests.conftest import make_settings, write_collection, write_graph
from trainer.dataset.dataset import Dataset
from trainer.dataset.grouping.layout import lay_out
from trainer.graph.dump.source import DumpSource
from trainer.graph.graph import Graph

from .served import serve_stand_in


@pytest.mark.parametrize("odd", ["up", "n/a", {"value": 1}, [1, 2]])
def test_attribute_that_is_no_number_in_one_collection_is_no_feature(tmp_path: Path, odd: Any) -> None:
    """What is no number in half of the collections is judged as in the folder; a placeholder has no say."""
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
    names = [feature.name for feature in datasets[0].inputs.features]
    assert names == (["open", "volume"] if odd == "n/a" else ["open"])
    assert datasets[0].inputs.warnings == datasets[1].inputs.warnings
    assert datasets[0].inputs.features == datasets[1].inputs.features
    assert datasets[0].inputs.x.tobytes() == datasets[1].inputs.x.tobytes()


def both(folder: Path, **values: Any) -> tuple[Graph, Graph]:
    """The graph `g` out of the folder, and out of a database with the same content."""
    settings = make_settings(**values)
    dumped = DumpSource(folder).load(["g"], attributes_in_use(settings), lambda vertices, edges: None)
    with serve_stand_in(folder) as served:
        return dumped, served.load(**values)


def incoming(dataset: Dataset) -> list[bool]:
    """Which vertices of the target type receive nothing."""
    return list(map(bool, dataset.inputs.without_incoming()))


@pytest.mark.parametrize(
    ("ends", "scale", "note", "expected"),
    [
        (("tx_inputs", "tx_outputs"), 1e6, None, {"tx_inputs": ["tx_inputs"], "tx_outputs": ["tx_outputs"]}),
        (("order_bids", "order_asks"), 1.0, "x", {"order_asks": ["order_asks"], "order_bids": ["order_bids"]}),
        (("candles_btcusdt", "candles_solusdt"), 1e6, "x", {"candles": ["candles_btcusdt", "candles_solusdt"]}),
    ],
)
def test_one_entity_or_two(
    tmp_path: Path, ends: tuple[str, str], scale: float, note: str | None, expected: dict[str, list[str]]
) -> None:
    """What edges and numbers say of collections with similar names is the same from the database and the folder."""
    source, target = ends
    for name, factor in ((source, 1.0), (target, scale)):
        documents = [{"_key": f"k{n:03}", "amount": factor * (1 + n % 5), "ts": n, "note": note} for n in range(60)]
        write_collection(tmp_path, name, [{**document, "y": n % 2} for n, document in enumerate(documents)])
    edges = [{"_key": str(n), "_from": f"{source}/k{n:03}", "_to": f"{target}/k{n:03}"} for n in range(60)]
    write_collection(tmp_path, "flows", edges, edge=True)
    write_graph(tmp_path, "g", [{"collection": "flows", "from": [source], "to": [target]}])
    values = {"target": "y", "target_collection": [source]}
    layouts = [lay_out(graph, [source]) for graph in both(tmp_path, **values)]
    assert layouts[0].value.reasons == layouts[1].value.reasons
    assert layouts[0].warnings == layouts[1].warnings
    for layout in layouts:
        assert {name: [*table.collections] for name, table in layout.value.tables.items()} == expected


def test_labelled_vertices_without_incoming_edges(tmp_path: Path) -> None:
    """As many, and the same sentence, from the database and the folder."""
    documents = [{"_key": f"k{n:03}", "a": n % 7} | ({"y": n % 2} if n < 50 else {}) for n in range(80)]
    write_collection(tmp_path, "v", documents)
    edges = [{"_key": str(n), "_from": f"v/k{n:03}", "_to": f"v/k{n + 30:03}"} for n in range(50)]
    write_collection(tmp_path, "e", edges, edge=True)
    write_graph(tmp_path, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    datasets = [build_dataset(graph, make_settings(target="y")) for graph in both(tmp_path, target="y")]
    assert incoming(datasets[0]) == incoming(datasets[1]) == [n < 30 for n in range(80)]
    assert datasets[0].inputs.warnings == datasets[1].inputs.warnings
    assert (
        sum("30 of the 50 labelled vertices of v have no incoming edge" in w for w in datasets[0].inputs.warnings) == 1
    )
