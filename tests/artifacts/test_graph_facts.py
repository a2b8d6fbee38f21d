"""What `metrics.json` tells of types, relations and graphs."""

from __future__ import annotations

from typing import Any

import orjson

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings, ring
from tests.dataset.typed_graphs import candles, chain, market, typed_graph
from trainer.artifacts.graph_facts import describe_graph
from trainer.graph.graph import Graph


def facts(graph: Graph, **values: Any) -> dict[str, Any]:
    """The part `graph`, as JSON has it."""
    settings = make_settings(**values)
    found = describe_graph(graph, build_dataset(graph, settings), settings.data.messages)
    parsed: dict[str, Any] = orjson.loads(orjson.dumps(found))
    return parsed


def test_a_plain_graph_has_one_type_and_one_relation() -> None:
    """The same names for a graph of one collection of each kind."""
    documents = [{"a": number % 3, "y": number % 2} for number in range(40)]
    found = facts(make_graph(documents, [*ring(40), ("k00001", "k00001"), ("k00001", "k00002")]))
    assert [(kind["name"], kind["collections"], kind["target"]) for kind in found["types"]] == [("v", {"v": 40}, True)]
    (relation,) = found["relations"]
    assert (relation["source"], relation["target"], relation["edges"]) == ("v", "v", 42)
    assert (relation["self_loops"], relation["duplicates"], relation["weights"]) == (1, 1, None)
    assert found["graphs"] is None


def test_types_count_their_members() -> None:
    """A type of several collections says how many vertices each brings."""
    found = facts(market(("btcusdt", "ethusdt"), 20), target="price_up")
    target = next(kind for kind in found["types"] if kind["target"])
    assert target["collections"] == {"candles_btcusdt_5m": 20, "candles_ethusdt_5m": 20}
    assert (target["vertices"], target["time_field"]) == (40, "ts")
    assert target["features"] == target["columns"] == 2


def test_reverse_relations_say_of_what() -> None:
    """What was turned round is told, with as many edges."""
    found = facts(market(("btcusdt", "ethusdt"), 20), target="price_up")
    (turned,) = [relation for relation in found["relations"] if relation["reverse_of"]]
    source, name, target = turned["reverse_of"]
    (stored,) = [relation for relation in found["relations"] if relation["name"] == name]
    assert (stored["source"], stored["target"]) == (source, target) == (turned["target"], turned["source"])
    assert stored["edges"] == turned["edges"]


def test_edges_out_of_the_future_are_counted() -> None:
    """As many as there are, and dropped only under `causal`."""
    documents = candles("BTC", 40)
    forward = chain("candles_btc", documents)
    graph = typed_graph({"candles_btc": documents}, {"next": [*forward, *((b, a) for a, b in forward[:5])]})
    counts = []
    for messages in ("as_stored", "causal"):
        (relation,) = facts(graph, target="price_up", messages=messages)["relations"]
        counts.append((relation["edges"], relation["from_future"], relation["dropped"]))
    assert counts == [(44, 5, 0), (39, 5, 5)]


def test_weights_are_summed_up() -> None:
    """Smallest, mean and largest weight of a relation."""
    documents = candles("BTC", 40)
    edges = [(*ends, place % 3) for place, ends in enumerate(chain("candles_btc", documents))]
    graph = typed_graph({"candles_btc": documents}, {"next": edges})
    (relation,) = facts(graph, target="price_up", edge_weight="weight", model_type="GCN")["relations"]
    assert (relation["weights"]["min"], relation["weights"]["mean"], relation["weights"]["max"]) == (0, 1, 2)


def test_attribute_that_a_collection_of_the_type_lacks_is_missing_there() -> None:
    """Nobody may read that no value is missing where a whole symbol has none."""
    vertices = {f"candles_{name}": candles(name.upper(), 20) for name in ("btc", "eth")}
    for document in vertices["candles_eth"]:
        del document["volume"]
    edges = {f"next_{name.removeprefix('candles_')}": chain(name, documents) for name, documents in vertices.items()}
    assert facts(typed_graph(vertices, edges), target="price_up")["missing_values"] == {"volume": 20}


def test_missing_values_are_added_up_over_collections() -> None:
    """An attribute that two collections lack counts in both."""
    vertices = {f"candles_{name}": candles(name.upper(), 20) for name in ("btc", "eth")}
    for documents in vertices.values():
        del documents[0]["volume"]
    edges = {f"next_{name.removeprefix('candles_')}": chain(name, documents) for name, documents in vertices.items()}
    assert facts(typed_graph(vertices, edges), target="price_up")["missing_values"] == {"volume": 2}


def test_several_graphs_have_their_parts() -> None:
    """Each graph says how many vertices of the target it has, and in which part."""
    days = {f"candles_day{day}": candles("BTC", 20, first=20 * day) for day in (1, 2, 3)}
    edges = {name.replace("candles", "next"): chain(name, documents) for name, documents in days.items()}
    graphs = {f"g{day}": [f"candles_day{day}", f"next_day{day}"] for day in (1, 2, 3)}
    found = facts(typed_graph(days, edges, graphs), target="price_up", graph_name="g1,g2,g3", split="graph")["graphs"]
    assert [(one["name"], one["vertices"]) for one in found] == [("g1", 20), ("g2", 20), ("g3", 20)]
    assert [tuple(one[part] for part in ("train", "val", "test")) for one in found] == [
        (20, 0, 0),
        (0, 20, 0),
        (0, 0, 20),
    ]
