"""What the record of a run says of types, relations and graphs."""

from __future__ import annotations

from typing import Any

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings, ring
from tests.dataset.typed_graphs import candles, chain, market, typed_graph
from trainer.artifacts.graph_facts import describe_graph
from trainer.graph.graph import Graph
from trainer.record import GraphRecord, Weights


def facts(graph: Graph, **values: Any) -> GraphRecord:
    """The part `graph` of the record."""
    settings = make_settings(**values)
    return describe_graph(graph, build_dataset(graph, settings), settings.data.messages)


def test_a_plain_graph_has_one_type_and_one_relation() -> None:
    """A graph of one vertex and one edge collection is described in the same terms as a heterogeneous one."""
    documents = [{"a": number % 3, "y": number % 2} for number in range(40)]
    graph = facts(make_graph(documents, [*ring(40), ("k00001", "k00001"), ("k00001", "k00002")]))
    assert [(one.name, one.collections, one.target) for one in graph.types] == [("v", {"v": 40}, True)]
    (relation,) = graph.relations
    assert (relation.source, relation.target, relation.edges) == ("v", "v", 42)
    assert (relation.self_loops, relation.duplicates, relation.weights) == (1, 1, None)
    assert graph.graphs is None


def test_types_count_their_members() -> None:
    """A type of several collections says how many vertices each brings."""
    graph = facts(market(("btcusdt", "ethusdt"), 20), target="price_up")
    target = next(vertex_type for vertex_type in graph.types if vertex_type.target)
    assert target.collections == {"candles_btcusdt_5m": 20, "candles_ethusdt_5m": 20}
    assert (target.vertices, target.time_field) == (40, "ts")
    assert target.features == target.columns == 2


def test_reverse_relations_say_of_what() -> None:
    """An added relation names the stored one that it reverses, and has as many edges."""
    graph = facts(market(("btcusdt", "ethusdt"), 20), target="price_up")
    (reverse,) = [relation for relation in graph.relations if relation.reverse_of]
    (stored,) = [
        relation for relation in graph.relations if not relation.reverse_of and relation.source != relation.target
    ]
    assert reverse.reverse_of == [stored.source, stored.name, stored.target]
    assert (stored.source, stored.target) == (reverse.target, reverse.source)
    assert stored.edges == reverse.edges


def test_edges_out_of_the_future_are_counted() -> None:
    """As many as there are, and dropped only under `causal`."""
    documents = candles("BTC", 40)
    forward = chain("candles_btc", documents)
    graph = typed_graph({"candles_btc": documents}, {"next": [*forward, *((b, a) for a, b in forward[:5])]})
    counts = []
    for messages in ("as_stored", "causal"):
        (relation,) = facts(graph, target="price_up", messages=messages).relations
        counts.append((relation.edges, relation.from_future, relation.dropped))
    assert counts == [(44, 5, 0), (39, 5, 5)]


def test_weights_are_summed_up() -> None:
    """Smallest, mean and largest weight of a relation."""
    documents = candles("BTC", 40)
    edges = [(*ends, number % 3) for number, ends in enumerate(chain("candles_btc", documents))]
    graph = typed_graph({"candles_btc": documents}, {"next": edges})
    (relation,) = facts(graph, target="price_up", edge_weight="weight", model_type="GCN").relations
    assert relation.weights == Weights(missing=0, min=0, mean=1, max=2)


def test_attribute_that_a_collection_of_the_type_lacks_is_missing_there() -> None:
    """Nobody may read that no value is missing where a whole symbol has none."""
    vertices = {f"candles_{name}": candles(name.upper(), 20) for name in ("btc", "eth")}
    for document in vertices["candles_eth"]:
        del document["volume"]
    edges = {f"next_{name.removeprefix('candles_')}": chain(name, documents) for name, documents in vertices.items()}
    assert facts(typed_graph(vertices, edges), target="price_up").missing_values == {"volume": 20}


def test_missing_values_are_added_up_over_collections() -> None:
    """An attribute that two collections lack counts in both."""
    vertices = {f"candles_{name}": candles(name.upper(), 20) for name in ("btc", "eth")}
    for documents in vertices.values():
        del documents[0]["volume"]
    edges = {f"next_{name.removeprefix('candles_')}": chain(name, documents) for name, documents in vertices.items()}
    assert facts(typed_graph(vertices, edges), target="price_up").missing_values == {"volume": 2}


def test_several_graphs_have_their_parts() -> None:
    """Each graph says how many vertices of the target it has, and in which part."""
    days = {f"candles_day{day}": candles("BTC", 20, first=20 * day) for day in (1, 2, 3)}
    edges = {name.replace("candles", "next"): chain(name, documents) for name, documents in days.items()}
    graphs = {f"g{day}": [f"candles_day{day}", f"next_day{day}"] for day in (1, 2, 3)}
    graph = facts(typed_graph(days, edges, graphs), target="price_up", graph_name="g1,g2,g3", split="graph")
    assert [(one.name, one.vertices, one.train, one.val, one.test) for one in graph.graphs or ()] == [
        ("g1", 20, 20, 0, 0),
        ("g2", 20, 0, 20, 0),
        ("g3", 20, 0, 0, 20),
    ]
