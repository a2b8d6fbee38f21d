"""Which edge collections are one relation."""

from __future__ import annotations

from tests.dataset.typed_graphs import Links, market, typed_graph
from trainer.dataset.grouping.relations import find_relations
from trainer.dataset.grouping.vertex_types import find_types
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import Graph


def relations(graph: Graph) -> dict[EdgeType, list[str]]:
    """The names of the tables of each relation."""
    types = {name: group.collections for name, group in find_types(graph).value.items()}
    result = find_relations(graph, types)
    return {edge_type: [table.name for table in tables] for edge_type, tables in result.items()}


def pair(edges: dict[str, Links], graphs: dict[str, list[str]] | None = None) -> dict[EdgeType, list[str]]:
    """The relations of two collections `c_btc` and `c_eth` of one type."""
    documents = [{"_key": "1", "a": 1}, {"_key": "2", "a": 2}]
    return relations(typed_graph({"c_btc": documents, "c_eth": documents}, edges, graphs))


BTC: Links = [("c_btc/1", "c_btc/2")]
ETH: Links = [("c_eth/1", "c_eth/2")]


def test_market_has_one_relation_per_meaning() -> None:
    """One `next` for all symbols, one `candle_to_level` from all symbols."""
    assert relations(market()) == {
        ("candles_5m", "candle_to_level", "levels_sr_5m"): ["candle_to_level"] * 3,
        ("candles_5m", "next_5m", "candles_5m"): ["next_btcusdt_5m", "next_ethusdt_5m", "next_solusdt_5m"],
    }


def test_names_that_differ_by_their_ends_are_one_relation() -> None:
    """`next_btc` and `next_eth`, and those with a number."""
    assert pair({"next_btc": BTC, "next_eth": ETH}) == {("c", "next", "c"): ["next_btc", "next_eth"]}
    assert pair({"next1": BTC, "next2": ETH}) == {("c", "next", "c"): ["next1", "next2"]}


def test_short_names_distinguish_ends_too() -> None:
    """`next_btc` runs within `candles_btcusdt`, and `ethusdt_next` within `candles_eth`."""
    documents = [{"_key": "1", "a": 1}, {"_key": "2", "a": 2}]
    within: dict[str, Links] = {
        "next_btc": [("candles_btcusdt/1", "candles_btcusdt/2")],
        "ethusdt_next": [("candles_eth/1", "candles_eth/2")],
    }
    result = relations(typed_graph({"candles_btcusdt": documents, "candles_eth": documents}, within))
    assert result == {("candles", "next", "candles"): ["ethusdt_next", "next_btc"]}


def test_other_words_are_another_relation() -> None:
    """`next` and `leads` mean different things."""
    result = pair({"next_btc": BTC, "leads_eth": ETH})
    assert result == {("c", "leads_eth", "c"): ["leads_eth"], ("c", "next_btc", "c"): ["next_btc"]}


def test_same_ends_are_different_relations() -> None:
    """Two collections between the same pair differ in meaning; so do those of the other pair."""
    assert pair({"next1": BTC, "next2": BTC}) == {("c", "next1", "c"): ["next1"], ("c", "next2", "c"): ["next2"]}
    result = pair({"next_btc_1": BTC, "next_btc_2": BTC, "next_eth_1": ETH, "next_eth_2": ETH})
    assert result == {
        ("c", "next_1", "c"): ["next_btc_1", "next_eth_1"],
        ("c", "next_2", "c"): ["next_btc_2", "next_eth_2"],
    }


def test_only_edges_of_each_graph_are_one_relation() -> None:
    """Each graph has one edge collection between the types: whatever its name, it is the same."""
    graphs = {"a": ["c_btc", "follows"], "b": ["c_eth", "precedes"]}
    assert pair({"follows": BTC, "precedes": ETH}, graphs) == {("c", "edges", "c"): ["follows", "precedes"]}


def test_empty_edge_collection_is_no_relation() -> None:
    """There is nothing to learn from it."""
    assert list(pair({"next_btc": BTC, "leads": []})) == [("c", "next_btc", "c")]
