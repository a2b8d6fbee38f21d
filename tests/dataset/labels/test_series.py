"""Which vertices follow one another in time: those of one symbol, else of one collection."""

from __future__ import annotations

from typing import Any

import pytest

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings, ring
from trainer.dataset.attribute_names import is_series_like


def series_of(documents: list[dict[str, Any]], **values: Any) -> tuple[str, list[int]]:
    """The name of a graph's series, and the series of each vertex, numbered from 0 on."""
    documents = [
        {"ts": 1_700_000_000 + 60 * row, "a": row, "y": row % 2} | given for row, given in enumerate(documents)
    ]
    dataset = build_dataset(make_graph(documents, ring(len(documents))), make_settings(target="y", **values))
    codes = dataset.series.codes.tolist()
    order = list(dict.fromkeys(codes))
    return dataset.series.name, [order.index(code) for code in codes]


@pytest.mark.parametrize(
    "name", ["symbol", "Symbol", "ticker", "pair", "instrument_id", "trading_pair", "isin", "pairName", "TICKER_CODE"]
)
def test_names_that_tell_series_apart(name: str) -> None:
    """As exchanges call what is traded."""
    documents = [{name: "ethbtc" if row % 3 else "ltcbtc"} for row in range(20)]
    assert series_of(documents) == (name, [int(row % 3 > 0) for row in range(20)])


@pytest.mark.parametrize("name", ["symbols", "side", "pairwise_distance", "repair", "y"])
def test_other_names_do_not(name: str) -> None:
    """Their vertices are those of one collection."""
    assert not is_series_like(name)


def test_numbers_may_be_names() -> None:
    """Of instruments, for instance."""
    assert series_of([{"instrument_id": 100 + row // 10} for row in range(20)]) == (
        "instrument_id",
        [row // 10 for row in range(20)],
    )


def test_vertices_without_a_symbol_are_a_series_of_their_own() -> None:
    """That of their collection, not one each."""
    documents: list[dict[str, Any]] = [{"symbol": "ethbtc"} if row % 2 else {} for row in range(20)]
    assert series_of(documents) == ("symbol", [row % 2 for row in range(20)])


def test_without_a_symbol_the_collection_counts() -> None:
    """Nothing tells its vertices apart."""
    assert series_of([{} for _ in range(20)]) == ("collection", [0] * 20)


def test_named_features_do_not_hide_the_symbol() -> None:
    """It is read even where FEATURES names others."""
    documents = [{"symbol": "ethbtc" if row % 3 else "ltcbtc"} for row in range(20)]
    assert series_of(documents, features=["a"])[0] == "symbol"


def test_the_label_tells_no_series_apart() -> None:
    """A run may predict the symbol."""
    documents = [{"symbol": "ethbtc" if row % 3 else "ltcbtc", "y": None} for row in range(20)]
    dataset = build_dataset(
        make_graph([{"ts": 1_700_000_000 + row, "a": row} | given for row, given in enumerate(documents)], ring(20)),
        make_settings(target="symbol"),
    )
    assert dataset.series.name == "collection"
