"""Several named graphs are loaded as one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import write_collection
from tests.graph.reading import keys, load, pairs
from trainer.errors import DataError
from trainer.graph.graph import EdgeDefinition, GraphDefinition

DAYS = ("mon", "tue", "wed")


def definition(name: str, *edges: Mapping[str, Any], orphans: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """A document of `_graphs`."""
    return {"_key": name, "edgeDefinitions": list(edges), "orphanCollections": list(orphans)}


@pytest.fixture
def week(tmp_path: Path) -> Path:
    """A graph per day with collections of its own and levels that all share, and `week`, the graph of all days."""
    touch = {"collection": "touch", "to": ["levels"]}
    definitions, nexts = [], []
    for day in DAYS:
        write_collection(tmp_path, f"candles_{day}", [{"_key": f"{n}", "close": n} for n in range(3)])
        edges = [{"_key": f"{n}", "_from": f"candles_{day}/{n}", "_to": f"candles_{day}/{n + 1}"} for n in range(3)]
        write_collection(tmp_path, f"next_{day}", edges, edge=True)
        nexts.append({"collection": f"next_{day}", "from": [f"candles_{day}"], "to": [f"candles_{day}"]})
        definitions.append(definition(day, nexts[-1], {**touch, "from": [f"candles_{day}"]}))
    touches = [{"_key": day, "_from": f"candles_{day}/1", "_to": "levels/low"} for day in DAYS]
    write_collection(tmp_path, "touch", touches, edge=True)
    write_collection(tmp_path, "levels", [{"_key": "low"}, {"_key": "high"}])
    all_candles = [f"candles_{day}" for day in DAYS]
    definitions.append(definition("week", *nexts, {**touch, "from": all_candles}))
    write_collection(tmp_path, "_graphs", definitions)
    return tmp_path


def test_joined_graphs_are_the_one_graph_made_of_them(week: Path) -> None:
    """Three days loaded together hold what the graph of all three holds; shared collections are there once."""
    joined, whole = load(week, *DAYS), load(week, "week")
    assert pairs(joined) == pairs(whole)
    assert len(pairs(joined)) == 9
    assert {name: keys(joined, name) for name in joined.vertices} == {
        name: keys(whole, name) for name in whole.vertices
    }
    assert joined.dangling == whole.dangling == {"next_mon": 1, "next_tue": 1, "next_wed": 1, "touch": 0}


def test_definitions_stay_apart(week: Path) -> None:
    """Which collections belong to which graph stays known, in the order of the names."""
    graph = load(week, "wed", "mon")
    assert [definition.name for definition in graph.definitions] == ["wed", "mon"]
    assert graph.definitions[1].vertex_collections == ["candles_mon", "levels"]
    assert graph.definition.name == "wed,mon"
    assert graph.definition.vertex_collections == ["candles_mon", "candles_wed", "levels"]


def test_edge_collection_of_several_graphs_runs_between_the_ends_of_all(week: Path) -> None:
    """An edge collection that several graphs name appears once, with the ends of all; what leads elsewhere dangles."""
    graph = load(week, "mon", "tue")
    (touch,) = [edge for edge in graph.definition.edges if edge.collection == "touch"]
    assert touch == EdgeDefinition("touch", ("candles_mon", "candles_tue"), ("levels",))
    assert graph.dangling["touch"] == 1


def test_one_graph_is_its_own_union() -> None:
    """The union of one definition is that definition."""
    one = GraphDefinition("g", (EdgeDefinition("e", ("a", "b"), ("b",)),), ("alone",))
    assert GraphDefinition.union([one]) == one


def test_first_missing_graph_is_named(week: Path) -> None:
    """Of several names the sentence has the first that does not exist, and those that do."""
    with pytest.raises(DataError, match=r"There is no graph 'sat' in .*; GRAPH_NAME .* mon, tue, wed, week\."):
        load(week, "mon", "sat", "sun")


def test_folder_without_graphs_takes_edge_collections(week: Path) -> None:
    """Without `_graphs` several names are several edge collections."""
    for path in week.glob("_graphs_*"):
        path.unlink()
    graph = load(week, "next_mon", "next_wed")
    assert list(graph.vertices) == ["candles_mon", "candles_wed"]
    assert [table.name for table in graph.edges] == ["next_mon", "next_wed"]
    with pytest.raises(DataError, match=r"GRAPH_NAME='nowhere' should be one of its edge collections"):
        load(week, "next_mon", "nowhere")


def test_empty_collections_are_no_obstacle(tmp_path: Path) -> None:
    """A heterogeneous graph loads although some collections hold nothing; a pair without edges has no table."""
    write_collection(tmp_path, "a", [{"_key": "1"}])
    for name in ("b", "alone"):
        write_collection(tmp_path, name, [])
    write_collection(tmp_path, "to_itself", [{"_key": "1", "_from": "a/1", "_to": "a/1"}], edge=True)
    write_collection(tmp_path, "to_nowhere", [], edge=True)
    ends = {"from": ["a", "b"], "to": ["a", "b"]}
    edges = [{"collection": "to_itself", **ends}, {"collection": "to_nowhere", **ends}]
    write_collection(tmp_path, "_graphs", [definition("g", *edges, orphans=("alone",))])
    graph = load(tmp_path)
    assert {name: len(table) for name, table in graph.vertices.items()} == {"a": 1, "alone": 0, "b": 0}
    assert [(table.name, table.source, table.target) for table in graph.edges] == [("to_itself", "a", "a")]
