"""A setting that names no attribute is answered with what it may have meant: another name, a path, a JSON list."""

from __future__ import annotations

from typing import Any

import pytest

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings, ring
from tests.dataset.typed_graphs import candles, chain, typed_graph
from trainer.errors import DataError
from trainer.graph.graph import Graph


def graph() -> Graph:
    """Vertices with attributes inside objects, and names with blanks and commas."""
    documents = [
        {
            "a": n % 5,
            "close price": n,
            "high, low": n,
            "average close price": n,
            "ind": {"rsi": n, "macd": {"fast": n, "slow": n}},
            "other": {"macd": {"fast": n}},
            "y": n % 2,
        }
        for n in range(20)
    ]
    return make_graph(documents, ring(20))


def sentence(**values: Any) -> str:
    """Why the graph is refused with these settings."""
    with pytest.raises(DataError) as refused:
        build_dataset(graph(), make_settings(**{"target": "y"} | values))
    return str(refused.value)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("rsi", "did you mean 'ind.rsi'?"),
        ("RSI", "did you mean 'ind.rsi'?"),
        ("macd.slow", "did you mean 'ind.macd.slow'?"),
        ("fast", "did you mean 'ind.macd.fast' or 'other.macd.fast'?"),
        ("ind.rsy", "did you mean 'ind.rsi'?"),
    ],
)
def test_name_inside_an_object_is_answered_with_its_path(given: str, path: str) -> None:
    """In each setting that names attributes of vertices."""
    for values in ({"features": [given]}, {"target": given}, {"time_field": given}, {"split": f"attribute:{given}"}):
        assert path in sentence(**values), values


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("close price", '["close price"]'),
        ("a, close price", '["a","close price"]'),
        ("Close Price,a", '["close price","a"]'),
        ("high, low", '["high, low"]'),
        ("average close price", '["average close price"]'),
    ],
)
def test_name_with_a_blank_is_answered_with_the_json_list(given: str, meant: str) -> None:
    """The names that it fell into are not there; the list that is meant is, to be copied."""
    assert f"a name with a blank or a comma needs a JSON list: FEATURES={meant};" in sentence(features=given)
    build_dataset(graph(), make_settings(target="y", features=meant))


@pytest.mark.parametrize("given", ["close", "price", "price close", "clos price", "volume"])
def test_other_names_are_not_answered_with_a_list(given: str) -> None:
    """Words of a name that do not stand in its order are something else."""
    assert "JSON list" not in sentence(features=given)


def test_collection_with_a_blank_is_answered_with_the_json_list() -> None:
    """ArangoDB allows such names of collections."""
    documents = candles("A", 20)
    with pytest.raises(DataError, match=r'TARGET_COLLECTION=\["my candles"\]; the vertex collections are: my candles'):
        build_dataset(
            typed_graph({"my candles": documents}, {"next": chain("my candles", documents)}),
            make_settings(target_collection="my candles"),
        )


@pytest.mark.parametrize(
    "values", [{"features": ["ind"]}, {"target": "ind"}, {"time_field": "ind"}, {"features": ["a", "IND"]}], ids=str
)
def test_object_is_answered_with_a_path(values: dict[str, Any]) -> None:
    """It holds no values of its own."""
    assert "(an attribute inside is named by its path, such as ind.macd.fast)" in sentence(**values)
