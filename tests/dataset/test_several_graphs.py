"""Several graphs in one run are the one graph made of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.composed import build_dataset
from tests.conftest import make_settings
from tests.dataset.typed_graphs import Documents, Links, candles, chain, typed_graph
from trainer.dataset.dataset import Dataset
from trainer.graph.graph import Graph

DAYS = ("2024_06_01", "2024_06_02", "2024_06_03")
NUM = 12


def daily(symbols: tuple[str, ...] = ("BTC",)) -> tuple[Graph, Graph]:
    """Three daily graphs of candles and levels, and one graph of collections with all three days."""
    parts: dict[str, Documents] = {}
    part_edges: dict[str, Links] = {}
    graphs: dict[str, list[str]] = {}
    whole: dict[str, list[Any]] = {"candles": [], "levels": []}
    whole_edges: dict[str, list[Any]] = {"next": [], "touch": []}
    for index, day in enumerate(DAYS):
        documents = [document for symbol in symbols for document in candles(symbol, NUM, NUM * index)]
        prices = [{"_key": f"{day}-{n}", "price": 10.0 * n + index, "strength": n % 2} for n in range(3)]
        name, levels_name = f"candles_{day}", f"levels_{day}"
        follow = chain("", documents)
        touch = [(f"/{document['_key']}", f"/{day}-{n % 3}") for n, document in enumerate(documents)]
        parts |= {name: documents, levels_name: prices}
        part_edges |= {
            f"next_{day}": [(name + a, name + b) for a, b in follow],
            f"touch_{day}": [(name + a, levels_name + b) for a, b in touch],
        }
        graphs[f"g_{day}"] = [name, levels_name, f"next_{day}", f"touch_{day}"]
        whole["candles"] += documents
        whole["levels"] += prices
        whole_edges["next"] += [("candles" + a, "candles" + b) for a, b in follow]
        whole_edges["touch"] += [("candles" + a, "levels" + b) for a, b in touch]
    return typed_graph(parts, part_edges, graphs), typed_graph(whole, whole_edges)


def facts(result: Dataset) -> dict[str, Any]:
    """Everything that a model learns from, without the names of types and collections."""
    return {
        "x": [vertices.x.tobytes() for vertices in result.inputs.vertices.values()],
        "keys": [vertices.keys.tolist() for vertices in result.inputs.vertices.values()],
        "features": [
            [feature.describe() for feature in vertices.features] for vertices in result.inputs.vertices.values()
        ],
        "edges": [
            (edges.index.tobytes(), edges.from_future, edges.dropped, edges.reverse_of is None)
            for edges in result.inputs.edges.values()
        ],
        "y": result.y.tobytes(),
        "part": result.split.part.tobytes(),
        "boundaries": result.split.boundaries,
    }


@pytest.mark.parametrize("symbols", [("BTC",), ("BTC", "ETH")])
@pytest.mark.parametrize("messages", ["as_stored", "causal"])
def test_three_days_are_the_one_graph_made_of_them(symbols: tuple[str, ...], messages: str) -> None:
    """The same inputs, labels, parts and edges, bit for bit."""
    joined, one = daily(symbols)
    chosen = {"target": "price_up", "messages": messages}
    result = build_dataset(joined, make_settings(graph_name=",".join(f"g_{day}" for day in DAYS), **chosen))
    assert facts(result) == facts(build_dataset(one, make_settings(**chosen)))
    assert result.inputs.graph_of_row is not None


def test_graph_in_two_graphs_is_read_as_one_type() -> None:
    """Candles that two graphs share are there once."""
    documents = candles("BTC", 20)
    graph = typed_graph(
        {"candles": documents},
        {"next": chain("candles", documents), "leads": chain("candles", documents[::2])},
        {"a": ["candles", "next"], "b": ["candles", "leads"]},
    )
    result = build_dataset(graph, make_settings(graph_name="a,b", target="price_up"))
    assert len(result.inputs.x) == 20
    assert result.inputs.is_homogeneous
    assert len(result.inputs.edge_index.T) == 19 + 9


def test_one_symbol_per_graph_is_homogeneous() -> None:
    """Graphs with a collection each, whatever its name is."""
    vertices = {"btc": candles("BTC", 10), "eth": candles("ETH", 10)}
    edges = {f"{name}_follows": chain(name, documents) for name, documents in vertices.items()}
    graphs = {name: [name, f"{name}_follows"] for name in vertices}
    result = build_dataset(typed_graph(vertices, edges, graphs), make_settings(graph_name="btc,eth", target="price_up"))
    assert result.inputs.is_homogeneous
    assert result.inputs.target_type == "vertices"
    assert result.inputs.edge_index.shape == (2, 18)
