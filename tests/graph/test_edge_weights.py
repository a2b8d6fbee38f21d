"""An attribute of the edges, read as their weight."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import write_collection, write_graph
from tests.graph.reading import load
from trainer.errors import DataError
from trainer.graph.graph import EdgeTable

Edge = tuple[str, str, dict[str, Any]]


def read(folder: Path, edges: Sequence[Edge], edge_weight: str | None = "w") -> EdgeTable:
    """The table of edges among the vertices a, b and c."""
    write_collection(folder, "v", [{"_key": key} for key in "abc"])
    documents = [{"_from": f"v/{source}", "_to": f"v/{target}", **more} for source, target, more in edges]
    write_collection(folder, "e", documents, edge=True)
    write_graph(folder, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    (table,) = load(folder, edge_weight=edge_weight).edges
    return table


def weights(table: EdgeTable) -> list[float | None]:
    """The weights, None where there is none."""
    assert table.weight is not None
    assert table.weight.dtype == np.float32
    return [None if np.isnan(weight) else float(weight) for weight in table.weight]


def test_weights_stay_with_their_edges(tmp_path: Path) -> None:
    """Edges are put into order, and their weights with them; dangling ones go with theirs."""
    edges: list[Edge] = [
        ("c", "b", {"w": 3}),
        ("a", "nobody", {"w": 9}),
        ("b", "a", {"w": 0.5}),
        ("a", "b", {"w": -1.25}),
    ]
    table = read(tmp_path, edges)
    assert table.index.T.tolist() == [[1, 0], [0, 1], [2, 1]]
    assert weights(table) == [0.5, -1.25, 3.0]


def test_missing_weight_is_told_from_zero(tmp_path: Path) -> None:
    """A document without the attribute, or with null, has no weight; zero is one, and so is true."""
    table = read(tmp_path, [("a", "b", {}), ("b", "c", {"w": 0}), ("c", "a", {"w": None}), ("c", "c", {"w": True})])
    assert weights(table) == [None, None, 0.0, 1.0]


@pytest.mark.parametrize("more", [{}, {"w": None}, {"W": 1}])
def test_attribute_that_no_edge_has(tmp_path: Path, more: dict[str, Any]) -> None:
    """Where no document has the attribute, the table has no weights at all."""
    assert read(tmp_path, [("a", "b", more)]).weight is None


def test_attribute_that_nobody_asked_for(tmp_path: Path) -> None:
    """Without EDGE_WEIGHT no weights are kept."""
    assert read(tmp_path, [("a", "b", {"w": 1})], edge_weight=None).weight is None


def test_weights_may_be_texts(tmp_path: Path) -> None:
    """Exchange streams send numbers as texts; a blank one is no weight."""
    table = read(tmp_path, [("a", "b", {"w": "0.5"}), ("b", "c", {"w": 2}), ("c", "a", {"w": " "})])
    assert weights(table) == [None, 0.5, 2.0]


@pytest.mark.parametrize("wrong", ["much", [1], {"x": 1}, 1e39])
def test_weight_that_is_no_number(tmp_path: Path, wrong: Any) -> None:
    """Texts, arrays, objects and what float32 cannot hold are refused, with the collection and the attribute."""
    with pytest.raises(
        DataError,
        match=r"EDGE_WEIGHT='w' of an edge in e is .*, which is not a number that fits float32; it should name",
    ):
        read(tmp_path, [("a", "b", {"w": 1}), ("b", "c", {"w": wrong})])


ENDS = st.sampled_from("abc")
WEIGHTS = st.sampled_from([-2, -0.0, 0.0, 0.5, 0.1, 3, None])


@given(edges=st.lists(st.tuples(ENDS, ENDS, WEIGHTS), min_size=1, max_size=12), data=st.data())
def test_duplicates_come_in_order_of_weight(edges: list[tuple[str, str, float | None]], data: st.DataObject) -> None:
    """However the documents come, the edges of a pair are in order of weight, those without a weight last."""
    documents: list[Edge] = [(source, target, {"w": weight}) for source, target, weight in edges]
    with tempfile.TemporaryDirectory() as folder:
        one = read(Path(folder) / "one", documents)
        other = read(Path(folder) / "other", data.draw(st.permutations(documents)))
    expected = sorted(
        ("abc".index(target), "abc".index(source), float("inf") if weight is None else weight)
        for source, target, weight in edges
    )
    assert one.index.T.tolist() == other.index.T.tolist() == [[source, target] for target, source, _ in expected]
    if all(weight is None for _, _, weight in edges):
        assert one.weight is other.weight is None
    else:
        assert one.weight is not None
        assert other.weight is not None
        assert one.weight.tobytes() == other.weight.tobytes()
        assert weights(one) == [None if np.isinf(weight) else float(np.float32(weight)) for _, _, weight in expected]
