"""Which vertex collections are one type."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dataset.typed_graphs import Documents, typed_graph
from trainer.dataset.grouping.vertex_types import find_types


def documents(*attributes: str) -> list[dict[str, Any]]:
    """One document with these attributes, none where there are no attributes."""
    return [{"_key": "1", **dict.fromkeys(attributes, 1.5)}] if attributes else []


def types(graphs: Any = None, **collections: list[str]) -> dict[str, list[str]]:
    """The types of collections that have these attributes."""
    named: dict[str, Documents] = {
        name.replace("__", "-"): documents(*attributes) for name, attributes in collections.items()
    }
    groups, _ = find_types(typed_graph(named, graphs=graphs))
    return {name: group.collections for name, group in groups.items()}


OHLC = ["open", "high", "low", "close"]


@pytest.mark.parametrize(
    ("collections", "expected"),
    [
        ({"candles": OHLC}, {"candles": ["candles"]}),
        ({"candles_btc_5m": OHLC, "candles_eth_5m": OHLC}, {"candles_5m": ["candles_btc_5m", "candles_eth_5m"]}),
        ({"candles1": OHLC, "candles2": OHLC}, {"candles": ["candles1", "candles2"]}),
        ({"candles__btc": OHLC, "candles_eth": OHLC}, {"candles": ["candles-btc", "candles_eth"]}),
        ({"a_x": OHLC, "a_y": OHLC[:2]}, {"a": ["a_x", "a_y"]}),
        ({"a_x": OHLC, "a_y": OHLC[:1]}, {"a_x": ["a_x"], "a_y": ["a_y"]}),
        ({"a_x": OHLC, "b_x": OHLC}, {"a_x": ["a_x"], "b_x": ["b_x"]}),
        ({"a_x": [*OHLC, "p", "q", "r"], "a_y": OHLC[:3]}, {"a": ["a_x", "a_y"]}),
        ({"a_x": [*OHLC, "p", "q", "r"], "a_y": [*OHLC[:2], "s"]}, {"a_x": ["a_x"], "a_y": ["a_y"]}),
        ({"a_x": ["ts", "p", "q"], "a_y": ["open_time", "p", "r"]}, {"a": ["a_x", "a_y"]}),
        ({"a.x": OHLC, "a:y": OHLC}, {"a": ["a.x", "a:y"]}),
        (
            {
                "heatmap_trades_1m": ["buy", "sell"],
                "heatmap_trades_5m": ["buy", "sell"],
                "heatmap_liquidity_1m": ["avg"],
            },
            {
                "heatmap_liquidity_1m": ["heatmap_liquidity_1m"],
                "heatmap_trades": ["heatmap_trades_1m", "heatmap_trades_5m"],
            },
        ),
        ({"a": OHLC, "a_x": OHLC}, {"a": ["a", "a_x"]}),
    ],
)
def test_same_first_word_and_similar_attributes_are_one_type(
    collections: dict[str, list[str]], expected: dict[str, list[str]]
) -> None:
    """Half of the attributes in common, or all of one that has three; a time counts as such by any of its names."""
    assert types(**collections) == expected


def test_empty_collection_goes_by_its_name() -> None:
    """A symbol without candles yet is of the type of the others; of two types, the one with the nearer name."""
    assert types(candles_btc=OHLC, candles_eth=[]) == {"candles": ["candles_btc", "candles_eth"]}
    result = types(heatmap_trades_1m=["buy"], heatmap_liquidity_1m=["avg"], heatmap_trades_5m=[])
    assert result["heatmap_trades"] == ["heatmap_trades_1m", "heatmap_trades_5m"]
    assert set(types(heatmap_trades=["buy"], heatmap_bids=["avg"], heatmap_asks=[])) == {
        "heatmap_asks",
        "heatmap_bids",
        "heatmap_trades",
    }


def test_graphs_with_one_collection_each_are_one_type() -> None:
    """Whatever their names are, and whatever one of them lacks."""
    result = types({"a": ["btc"], "b": ["eth"]}, btc=OHLC, eth=["close"])
    assert result == {"vertices": ["btc", "eth"]}


def test_same_attributes_in_another_graph_are_one_type() -> None:
    """Names that have nothing in common are one type over graphs if the attributes are unambiguous."""
    graphs = {"a": ["btc", "btc_levels"], "b": ["eth", "eth_levels"]}
    result = types(graphs, btc=OHLC, eth=OHLC, btc_levels=["price", "strength"], eth_levels=["price", "strength"])
    assert sorted(result.values()) == [["btc", "eth"], ["btc_levels", "eth_levels"]]


def test_ambiguous_attributes_join_no_graphs() -> None:
    """Two collections of one graph have the same attributes: neither is joined."""
    graphs = {"a": ["btc", "sol"], "b": ["eth", "more"]}
    result = types(graphs, btc=OHLC, sol=OHLC, eth=OHLC, more=["x"])
    assert sorted(result.values()) == [["btc"], ["eth"], ["more"], ["sol"]]


def test_name_of_a_type_is_never_that_of_an_attribute_of_modules() -> None:
    """A collection `training` has an encoder too; every torch module has an attribute `training`."""
    assert types(training=OHLC, levels=["p"]) == {"levels": ["levels"], "training_": ["training"]}


def test_name_of_a_type_is_never_that_of_another_collection() -> None:
    """The words in common may be a collection's name already."""
    result = types(a_x=["p", "q"], a_y=["p", "q"], a=["r"])
    assert result == {"a": ["a"], "a_x": ["a_x", "a_y"]}
