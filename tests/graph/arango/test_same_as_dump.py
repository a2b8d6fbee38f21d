"""A graph is the same whether it comes from ArangoDB or from the dump folder that ArangoDB was filled from."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.composed import attributes_in_use
from tests.conftest import EXAMPLE, write_collection, write_graph
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.dump.source import DumpSource
from trainer.graph.graph import Graph

from .same_graph import assert_same_graph
from .served import EVERYTHING, ServedGraph, serve

VERTEX_NAMES = ["v", "a b", "свечи"]
ATTRIBUTES = ["a", "B", "b c", "a.b", "цена", "ts", "label", "for", "_own"]
numbers = st.integers(-(2**53), 2**53) | st.floats(-1e300, 1e300) | st.booleans() | st.none()
texts = (
    st.text("abcш 0", max_size=3)
    | st.integers(-99, 99).map(str)
    | st.sampled_from(["007", "--", "nan", "true", "False", "1e-8", ".5"])
)
lists = st.lists(st.floats(-9, 9) | st.none(), max_size=3) | st.lists(texts, max_size=2)
objects = st.dictionaries(st.sampled_from("xy"), st.integers(0, 3), max_size=2)
vectors = st.lists(st.floats(-9, 9, width=32), min_size=2, max_size=2) | st.none()
weights: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {"w": None}, {"w": 0}, {"w": 0.1}, {"w": -3}, {"w": 1e-3}]
)
columns = st.sampled_from(
    [numbers, texts, lists, objects, vectors, numbers | texts, texts | objects, numbers | lists | texts]
)


@dataclass(frozen=True)
class RandomGraph:
    """The documents of a graph, by collection."""

    vertices: Mapping[str, Sequence[Mapping[str, Any]]]
    edges: Mapping[str, Sequence[Mapping[str, Any]]]

    def write(self, folder: Path) -> None:
        """Write a dump of it."""
        for name, documents in self.vertices.items():
            write_collection(folder, name, documents)
        for name, documents in self.edges.items():
            write_collection(folder, name, documents, edge=True)
        names = sorted(self.vertices)
        definitions = [{"collection": name, "from": names, "to": names[:1]} for name in sorted(self.edges)]
        write_graph(folder, "g", definitions)


@st.composite
def graphs(draw: st.DrawFn) -> RandomGraph:
    """Up to three vertex collections with documents of any form, up to two edge collections with loose ends."""
    vertices = {}
    for name in draw(st.lists(st.sampled_from(VERTEX_NAMES), min_size=1, max_size=3, unique=True)):
        strategies = {attribute: draw(columns) for attribute in draw(st.sets(st.sampled_from(ATTRIBUTES), max_size=4))}
        documents = []
        for key in draw(st.sets(st.text("kK0:.", min_size=1, max_size=3), max_size=12)):
            present = [attribute for attribute in strategies if draw(st.integers(0, 4))]
            documents.append({"_key": key, **{attribute: draw(strategies[attribute]) for attribute in present}})
        vertices[name] = documents
    handles = [f"{name}/{document['_key']}" for name, documents in vertices.items() for document in documents]
    ends = st.sampled_from([*handles, "v/gone", "away/k"])
    edges = {
        name: [
            {"_key": str(number), "_from": source, "_to": target, **weight}
            for number, (source, target, weight) in enumerate(
                draw(st.lists(st.tuples(ends, ends, weights), max_size=15))
            )
        ]
        for name in draw(st.sampled_from([["e"], ["e", "e 2"]]))
    }
    return RandomGraph(vertices, edges)


def load_dump_graph(folder: Path, attribute_filter: AttributeFilter, *names: str) -> Graph:
    """The graphs, by default `g`, out of the folder."""
    return DumpSource(folder).load(names or ["g"], attribute_filter, lambda vertices, edges: None)


@given(graphs())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_graph_is_the_same(graph: RandomGraph) -> None:
    """Any documents in any order make the same tables, both with all attributes and with the default ones."""
    with tempfile.TemporaryDirectory() as name:
        graph.write(Path(name))
        with serve(Path(name)) as served:
            assert_same_graph(served.load(EVERYTHING, batch_size=4), load_dump_graph(Path(name), EVERYTHING))
            defaults = attributes_in_use(served.settings())
            expected = load_dump_graph(Path(name), defaults)
            assert_same_graph(served.load(defaults, batch_size=4), expected, defaults)
            weighted = replace(EVERYTHING, edge_weight="w")
            assert_same_graph(served.load(weighted, batch_size=4), load_dump_graph(Path(name), weighted))


def test_example_is_the_same() -> None:
    """The example graph, in batches of the usual size, is what its dump says."""
    with serve(EXAMPLE) as served:
        graph = served.load(EVERYTHING, graph_name="market_5m", batch_size=10_000)
    assert graph.num_vertices > 4000
    assert_same_graph(graph, load_dump_graph(EXAMPLE, EVERYTHING, "market_5m"))


@pytest.mark.parametrize("features", [["open", "CLOSE"], ["volume", "trend", "spread", "open", "close", "rsi"]])
def test_named_attributes_are_the_same(market: ServedGraph, market_dump: Path, features: list[str]) -> None:
    """With FEATURES, only these and what may be label or time are in the tables, in any letter case."""
    attribute_filter = attributes_in_use(market.settings(features=features, target="up"))
    assert_same_graph(market.load(attribute_filter), load_dump_graph(market_dump, attribute_filter))


def test_progress_ends_with_all_rows(market: ServedGraph) -> None:
    """The last report of progress holds the numbers of all vertices and of all edges, dangling ones too."""
    reports: list[tuple[int, int]] = []
    market.load(progress=lambda vertices, edges: reports.append((vertices, edges)))
    assert reports[-1] == (26, 46)
