"""Which type carries the labels, and which of its collections count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import make_settings
from tests.dataset.typed_graphs import candles, levels, market, typed_graph
from trainer.dataset.grouping.layout import lay_out
from trainer.dataset.labels.target import Target, find_target
from trainer.dataset.labels.target_type import find_target_type
from trainer.errors import DataError
from trainer.graph.graph import Graph


def labels(graph: Graph, **values: Any) -> tuple[str, Target]:
    """The type that carries the labels, and the labels."""
    settings = make_settings(**values)
    tables = lay_out(graph, settings.data.target_collection).value.tables
    vertex_type, table = find_target_type(tables, settings.data.target, settings.data.target_collection)
    return vertex_type, find_target(settings.data, settings.training, table).value


def labelled(graph: Graph, **values: Any) -> set[str]:
    """The collections that have labels."""
    vertex_type, target = labels(graph, **values)
    merged = lay_out(graph).value.tables[vertex_type]
    return {merged.collections[index] for index in merged.collection[target.labelled]}


def two_types(**more: Any) -> Graph:
    """Candles and levels; `more` is added to every level."""
    return typed_graph({"candles": candles("A", 8), "levels": [level | more for level in levels(4)]})


def test_collections_of_one_type_carry_the_labels_together() -> None:
    """No TARGET_COLLECTION is needed for several symbols."""
    vertex_type, target = labels(market(), target="price_up")
    assert (vertex_type, int(target.labelled.sum())) == ("candles_5m", 60)


def test_target_is_found_over_the_types() -> None:
    """Without TARGET the one type with a usual label has it."""
    vertex_type, target = labels(two_types())
    assert (vertex_type, target.name) == ("candles", "price_up")


def test_types_that_both_have_the_target_are_listed() -> None:
    """TARGET_COLLECTION has to decide."""
    with pytest.raises(DataError, match=r"'price_up' of candles; 'price_up' of levels.*TARGET_COLLECTION"):
        labels(two_types(price_up=1), target="price_up")


def test_type_with_the_attribute_but_no_value_carries_no_labels() -> None:
    """A null everywhere is no label."""
    assert labels(two_types(price_up=None), target="price_up")[0] == "candles"


def test_target_collection_decides() -> None:
    """TARGET_COLLECTION=levels predicts the levels."""
    assert labels(two_types(price_up=1), target="price_up", target_collection=["levels"])[0] == "levels"


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (["candles_btcusdt_5m"], {"candles_btcusdt_5m"}),
        (["candles_[be]*"], {"candles_btcusdt_5m", "candles_ethusdt_5m"}),
        (["candles_5m"], {"candles_btcusdt_5m", "candles_ethusdt_5m", "candles_solusdt_5m"}),
    ],
)
def test_members_that_are_not_named_are_unlabelled(chosen: list[str], expected: set[str]) -> None:
    """By name, by pattern, or by the type's name."""
    assert labelled(market(), target="price_up", target_collection=chosen) == expected


ENTITY = {"btc_candles": candles("B", 8), "eth_candles": candles("E", 8), "levels": levels(4)}


@pytest.mark.parametrize("chosen", [["*_candles"], ["btc_candles", "eth_candles"]])
def test_collections_that_are_named_together_are_one_type(chosen: list[str]) -> None:
    """Their first words differ, so that TARGET_COLLECTION has to say that they hold one entity."""
    vertex_type, target = labels(typed_graph(ENTITY), target="price_up", target_collection=chosen)
    assert (vertex_type, int(target.labelled.sum())) == ("candles", 16)


def test_ambiguous_types_are_listed_with_what_to_do() -> None:
    """Without TARGET_COLLECTION it is not known; the sentence says that several may be named."""
    with pytest.raises(DataError, match=r"'price_up' of btc_candles; 'price_up' of eth_candles.*or to all that hold"):
        labels(typed_graph(ENTITY), target="price_up")


def test_naming_one_leaves_the_others_types_of_their_own() -> None:
    """TARGET_COLLECTION=btc_candles does not join ETH to it."""
    vertex_type, target = labels(typed_graph(ENTITY), target="price_up", target_collection=["btc_candles"])
    assert (vertex_type, len(target.labelled)) == ("btc_candles", 8)


def test_task_is_that_of_the_named_members() -> None:
    """What the others hold under the name does not matter."""
    graph = typed_graph({"c_a": [{"_key": "1", "y": 0}, {"_key": "2", "y": 1}], "c_b": [{"_key": "3", "y": "up"}]})
    vertex_type, target = labels(graph, target="y", target_collection=["c_a"])
    assert (vertex_type, target.task, target.classes, target.labelled.tolist()) == (
        "c",
        "binary",
        [0, 1],
        [True, True, False],
    )


def test_classes_are_those_of_the_named_members() -> None:
    """A label that only the others have is no class that a model could say."""
    documents = {"c_a": ["up", "down"], "c_b": ["up", "flat"]}
    graph = typed_graph(
        {name: [{"_key": f"{name}{n}", "y": y} for n, y in enumerate(labels)] for name, labels in documents.items()}
    )
    _, target = labels(graph, target="y", target_collection=["c_a"])
    assert (target.classes, target.y.tolist()[:2]) == (["down", "up"], [1, 0])


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"target_collection": ["candle"]}, "no vertex collection TARGET_COLLECTION='candle': did you mean 'candles'"),
        ({"target_collection": ["*"]}, r"do not hold the same entity \(candles; levels\)"),
        ({"target": "nope"}, "No vertex collection has the attribute TARGET='nope'"),
        ({"target": "price_up", "target_collection": ["levels"]}, "levels has no attribute TARGET='price_up'"),
    ],
)
def test_labels_that_are_not_there_are_refused(values: dict[str, Any], sentence: str) -> None:
    """A sentence lists what exists."""
    with pytest.raises(DataError, match=sentence):
        labels(two_types(), **values)


def test_no_likely_name_lists_all_attributes() -> None:
    """Several collections, none with a usual label."""
    graph = typed_graph({"a": [{"_key": "1", "p": 1}], "b": [{"_key": "1", "q": 1}]})
    with pytest.raises(DataError, match=r"TARGET is not set .* one of: p, q"):
        labels(graph)


@pytest.mark.parametrize(
    ("first", "second", "classes", "task"),
    [
        (lambda n: n % 3, lambda n: n % 3 + 2, [0, 1, 2, 3, 4], "multiclass"),
        (lambda n: str(n % 3), lambda n: ("a", "b")[n % 2], ["0", "1", "2", "a", "b"], "multiclass"),
        (lambda n: str(n % 2), lambda n: n % 2, [0, 1], "binary"),
        (lambda n: n % 2 == 0, lambda n: ("true", "false")[n % 2], [False, True], "binary"),
        (lambda n: str(7 + n % 3), lambda n: f"{n % 3:03}", ["000", "001", "002", "7", "8", "9"], "multiclass"),
        (lambda n: n % 2, lambda n: n / 8, None, "regression"),
    ],
)
def test_labels_are_judged_over_all_collections_of_their_type(
    first: Callable[[int], Any], second: Callable[[int], Any], classes: list[Any] | None, task: str
) -> None:
    """What one collection alone would make of its labels does not matter."""
    candles_of = [
        [{"_key": f"{symbol}{n}", "open": n / 3, "close": n, "y": label(n)} for n in range(20)]
        for symbol, label in (("a", first), ("b", second))
    ]
    graph = typed_graph(dict(zip(("candles_btc_5m", "candles_eth_5m"), candles_of, strict=True)))
    _, target = labels(graph, target="y")
    assert (target.task, target.classes) == (task, classes)
    assert target.labelled.all()
