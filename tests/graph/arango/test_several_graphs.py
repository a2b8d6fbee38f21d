"""Several named graphs, and the weights of edges, out of ArangoDB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import write_collection
from trainer.errors import DataError
from trainer.graph.dump.source import DumpSource

from .same_graph import assert_same_graph
from .served import EVERYTHING, StandInGraph, serve_stand_in


@pytest.fixture
def days(tmp_path: Path) -> Iterator[StandInGraph]:
    """The graphs `mon` and `tue`, each with vertices of its own, and edges in a collection that both share."""
    definitions, edges = [], []
    for day in ("mon", "tue"):
        write_collection(tmp_path, day, [{"_key": f"{n}", "a": n} for n in range(6)])
        edges += [{"_key": f"{day}{n}", "_from": f"{day}/{n}", "_to": f"{day}/{n + 1}", "w": n / 2} for n in range(6)]
        definitions.append(
            {"_key": day, "edgeDefinitions": [{"collection": "next", "from": [day], "to": [day]}]}
            | {"orphanCollections": []}
        )
    write_collection(tmp_path, "next", edges, edge=True)
    write_collection(tmp_path, "_graphs", definitions)
    with serve_stand_in(tmp_path) as served:
        yield served


def test_several_graphs_are_the_same(days: StandInGraph) -> None:
    """Two graphs loaded as one are what their dump says; the edges that they share are read once."""
    attribute_filter = replace(EVERYTHING, edge_weight="w")
    graph = days.load(attribute_filter, names=["tue", "mon"])
    assert_same_graph(
        graph, DumpSource(days.folder).load(["tue", "mon"], attribute_filter, lambda vertices, edges: None)
    )
    assert (graph.num_vertices, graph.num_edges, graph.dangling) == (12, 10, {"next": 2})
    assert len(days.queries("next")) == 1


def test_first_missing_graph_is_named(days: StandInGraph) -> None:
    """Of several names the first that does not exist is in the sentence."""
    with pytest.raises(DataError, match=r"There is no graph 'sat' .*: mon, tue\."):
        days.load(names=["mon", "sat", "sun"])


def test_weight_travels_only_when_asked_for(days: StandInGraph) -> None:
    """Without EDGE_WEIGHT the edges are read without it."""
    assert [table.weight for table in days.load(names=["mon"]).edges] == [None]
    days.load(replace(EVERYTHING, edge_weight="w"), names=["mon"])
    asked = [set(body["bindVars"].values()) for body in days.queries("next")]
    assert asked == [{"next", "_from", "_to"}, {"next", "_from", "_to", "w"}]


def test_weight_that_is_no_number(days: StandInGraph) -> None:
    """A text among the weights ends the load with the same sentence as out of a folder."""
    days.server.databases["market"].collections["next"].by_key["mon3"]["w"] = "much"
    sentence = (
        r"EDGE_WEIGHT='w' of an edge in next is \"much\", which is not a number that fits float32; it should name"
    )
    with pytest.raises(DataError, match=sentence):
        days.load(replace(EVERYTHING, edge_weight="w"), names=["mon"])
