"""Folders as arangodump writes them, in every form, give the graph that was dumped."""

from __future__ import annotations

import gzip
import itertools
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import EVERYTHING, write_collection, write_graph
from tests.graph.reading import as_json, keys, load, pairs, values
from trainer.errors import DataError
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.dump.source import DumpSource
from trainer.graph.graph import Graph

Document = dict[str, Any]

VERTICES: list[Document] = [{"_key": key, "a": number} for number, key in enumerate("cabed")]
EDGES: list[Document] = [
    {"_key": str(number), "_from": f"v/{ends[0]}", "_to": f"v/{ends[1]}"}
    for number, ends in enumerate(("ab", "bc", "ca", "de"))
]
_KEYS = itertools.count(len(EDGES))
DEFINITION = {"collection": "e", "from": ["v"], "to": ["v"]}


def dump(folder: Path, vertices: Sequence[Document] = VERTICES, edges: Sequence[Document] = EDGES) -> Path:
    """A folder with the graph `g`."""
    write_collection(folder, "v", vertices)
    write_collection(folder, "e", edges, edge=True)
    write_graph(folder, "g", [DEFINITION])
    return folder


def edge(source: str, target: str) -> Document:
    """An edge document with a key of its own."""
    return {"_key": str(next(_KEYS)), "_from": source, "_to": target}


def data_file(folder: Path, collection: str) -> Path:
    """The data file of a collection."""
    (path,) = folder.glob(f"{collection}_*.data.json")
    return path


def remove_graphs(folder: Path) -> None:
    """Leave a folder as a dump without system collections."""
    for path in folder.glob("_graphs_*"):
        path.unlink()


def assert_same(graph: Graph, expected: Graph) -> None:
    """Compare two graphs, row by row and bit by bit."""
    assert graph.definitions == expected.definitions
    assert graph.dangling == expected.dangling
    assert graph.warnings == expected.warnings
    assert graph.vertices.keys() == expected.vertices.keys()
    for name, table in expected.vertices.items():
        np.testing.assert_array_equal(graph.vertices[name].keys, table.keys)
        assert graph.vertices[name].attributes == table.attributes
        assert list(graph.vertices[name].columns) == list(table.columns)
        for attribute, column in table.columns.items():
            assert as_json(graph.vertices[name].columns[attribute]) == as_json(column), attribute
    assert [(table.name, table.source, table.target) for table in graph.edges] == [
        (table.name, table.source, table.target) for table in expected.edges
    ]
    for one, other in zip(graph.edges, expected.edges, strict=True):
        np.testing.assert_array_equal(one.index, other.index)


def test_plain_folder(tmp_path: Path) -> None:
    """Vertices come sorted by key with their own attributes; edges join the vertices that they name."""
    graph = load(dump(tmp_path))
    assert keys(graph) == ["a", "b", "c", "d", "e"]
    assert values(graph, "a") == {"a": 1, "b": 2, "c": 0, "d": 4, "e": 3}
    assert pairs(graph) == [("v/a", "v/b"), ("v/b", "v/c"), ("v/c", "v/a"), ("v/d", "v/e")]
    assert (graph.num_vertices, graph.num_edges, graph.dangling, graph.warnings) == (5, 4, {"e": 0}, [])


def _compress(path: Path) -> None:
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()


def _compress_in_members(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.with_name(f"{path.name}.gz").write_bytes(b"".join(map(gzip.compress, lines)))
    path.unlink()


def _wrap(path: Path) -> None:
    lines = path.read_text().splitlines()
    path.write_text("".join(f'{{"type":2300,"data":{line}}}\n' for line in lines))


def _wrap_the_other_way_round(path: Path) -> None:
    lines = path.read_text().splitlines()
    path.write_text("".join(f'{{"data":{line},"type":2300}}\n' for line in lines))


def _split(path: Path) -> None:
    stem = path.name.removesuffix(".data.json")
    for number, line in enumerate(path.read_text().splitlines(keepends=True)):
        path.with_name(f"{stem}.{number}.data.json").write_text(line)
    path.unlink()


def _split_and_compress(path: Path) -> None:
    stem = path.name.removesuffix(".data.json")
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True)):
        path.with_name(f"{stem}.{number}.data.json.gz").write_bytes(gzip.compress(line))
    path.unlink()


def _windows_line_ends(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def _blank_lines(path: Path) -> None:
    path.write_bytes(b"\n" + path.read_bytes().replace(b"\n", b"\n\n \n") + b"\n\n")


def _no_last_line_end(path: Path) -> None:
    path.write_bytes(path.read_bytes().rstrip(b"\n"))


@pytest.mark.parametrize(
    "rewrite",
    [
        _compress,
        _compress_in_members,
        _wrap,
        _wrap_the_other_way_round,
        _split,
        _split_and_compress,
        _windows_line_ends,
        _blank_lines,
        _no_last_line_end,
    ],
    ids=lambda rewrite: rewrite.__name__.strip("_"),
)
def test_every_form_gives_the_same_graph(tmp_path: Path, rewrite: Callable[[Path], None]) -> None:
    """The way a dump was written changes nothing."""
    expected = load(dump(tmp_path / "plain"))
    folder = dump(tmp_path / "other")
    for path in list(folder.glob("*.data.json")):
        rewrite(path)
    assert_same(load(folder), expected)


def test_removal_undoes_a_document(tmp_path: Path) -> None:
    """An enveloped dump of an old server may write a document, remove it and write it again."""
    folder = dump(tmp_path)
    _wrap(data_file(folder, "v"))
    with data_file(folder, "v").open("a") as file:
        file.write('{"type":2302,"data":{"_key":"b"}}\n{"type":2302,"data":{"_key":"c"}}\n')
        file.write('{"type":2300,"data":{"_key":"c","a":9}}\n')
    graph = load(folder)
    assert values(graph, "a") == {"a": 1, "c": 9, "d": 4, "e": 3}
    assert pairs(graph) == [("v/c", "v/a"), ("v/d", "v/e")]
    assert graph.dangling == {"e": 2}


def test_documents_that_look_like_removals(tmp_path: Path) -> None:
    """Without an envelope, `type` and `data` are attributes like others."""
    vertices = [{"type": 2302, "_key": "a", "data": {"x": 1}}, {"type": 2302, "_key": "b", "data": {"_key": "a"}}]
    graph = load(dump(tmp_path, vertices, []))
    assert values(graph, "type") == {"a": 2302, "b": 2302}


def test_last_of_repeated_keys_wins(tmp_path: Path) -> None:
    """A dump taken under load may hold a document twice; one vertex stays, and a warning says so."""
    graph = load(dump(tmp_path, [*VERTICES, {"_key": "a", "a": 70}, {"_key": "a", "a": 71, "new": 1}]))
    assert values(graph, "a") == {"a": 71, "b": 2, "c": 0, "d": 4, "e": 3}
    assert values(graph, "new") == {"a": 1, "b": None, "c": None, "d": None, "e": None}
    assert [("2 documents of v" in warning, "_key" in warning) for warning in graph.warnings] == [(True, True)]
    assert pairs(graph) == [("v/a", "v/b"), ("v/b", "v/c"), ("v/c", "v/a"), ("v/d", "v/e")]


def test_dangling_edges_are_dropped_and_counted(tmp_path: Path) -> None:
    """Edges to nowhere go; the others keep their ends."""
    lost = [edge("v/a", "v/nobody"), edge("w/a", "v/b"), edge("v/zzz", "v/zzz"), edge("a", "v/b"), edge("", "v/b")]
    whole = [*EDGES, edge("v/a", "v/b")]
    mixed = [document for together in zip(whole, lost, strict=True) for document in together]
    graph = load(dump(tmp_path, edges=mixed))
    assert graph.dangling == {"e": 5}
    assert pairs(graph) == pairs(load(dump(tmp_path / "whole", edges=whole)))


def test_all_edges_dangling(tmp_path: Path) -> None:
    """A graph whose edges all lead nowhere is one without edges."""
    graph = load(dump(tmp_path, edges=[edge("v/x", "v/y") for _ in range(3)]))
    assert (graph.num_edges, graph.dangling, graph.isolated()) == (0, {"e": 3}, 5)


def test_self_loops_and_duplicates_are_kept_and_counted(tmp_path: Path) -> None:
    """Both are the user's data: counted, not dropped; the two directions of a pair are no duplicates."""
    ends = [("a", "a"), ("a", "b"), ("a", "b"), ("a", "b"), ("b", "a"), ("c", "c"), ("c", "c")]
    graph = load(dump(tmp_path, edges=[edge(f"v/{source}", f"v/{target}") for source, target in ends]))
    (table,) = graph.edges
    assert (len(table), table.self_loops, table.duplicates) == (7, 3, 3)


def test_vertex_with_a_self_loop_only_is_isolated(tmp_path: Path) -> None:
    """No message of another vertex reaches it."""
    graph = load(dump(tmp_path, edges=[edge("v/a", "v/a"), edge("v/b", "v/c")]))
    assert graph.isolated() == 3


@pytest.mark.parametrize("name", ["whatever", "e"])
def test_folder_without_graphs_and_one_edge_collection(tmp_path: Path, name: str) -> None:
    """The only edge collection is the graph, whatever it is called; the name is the user's."""
    folder = dump(tmp_path)
    expected = load(folder)
    remove_graphs(folder)
    graph = load(folder, name)
    assert graph.definition.name == name
    assert pairs(graph) == pairs(expected)


def test_edge_collection_as_graph_name(tmp_path: Path) -> None:
    """Among several edge collections the name chooses one, and its edges say which vertices belong to it."""
    folder = dump(tmp_path)
    remove_graphs(folder)
    write_collection(folder, "shops", [{"_key": "a", "size": 3}])
    write_collection(folder, "buys", [edge("v/a", "shops/a")], edge=True)
    assert list(load(folder, "e").vertices) == ["v"]
    bought = load(folder, "buys")
    assert list(bought.vertices) == ["shops", "v"]
    assert pairs(bought) == [("v/a", "shops/a")]


def test_named_graph_goes_before_an_edge_collection(tmp_path: Path) -> None:
    """A named graph called as an edge collection is the named graph."""
    folder = dump(tmp_path)
    write_collection(folder, "f", [edge("v/a", "v/e")], edge=True)
    write_graph(folder, "e", [{"collection": "f", "from": ["v"], "to": ["v"]}])
    assert pairs(load(folder, "e")) == [("v/a", "v/e")]


def test_several_collections(tmp_path: Path) -> None:
    """Edges go into one table per pair of collections; equal keys in two collections are two vertices."""
    write_collection(tmp_path, "people", [{"_key": key, "age": 30} for key in "ab"])
    write_collection(tmp_path, "shops", [{"_key": key, "size": 3} for key in "ca"])
    write_collection(tmp_path, "alone", [{"_key": "x"}])
    likes = [edge("people/b", "shops/a"), edge("people/a", "people/b"), edge("people/a", "shops/c"), edge("a/a", "b/b")]
    write_collection(tmp_path, "likes", likes, edge=True)
    definition = {"collection": "likes", "from": ["people"], "to": ["people", "shops"]}
    write_graph(tmp_path, "g", [definition], orphans=["alone"])
    graph = load(tmp_path)
    assert list(graph.vertices) == ["alone", "people", "shops"]
    assert [(table.source, table.target, len(table)) for table in graph.edges] == [
        ("people", "people", 1),
        ("people", "shops", 2),
    ]
    assert pairs(graph) == [("people/a", "people/b"), ("people/a", "shops/c"), ("people/b", "shops/a")]
    assert (graph.dangling, graph.isolated()) == ({"likes": 1}, 1)


def test_rejected_attributes_are_named_but_not_kept(tmp_path: Path) -> None:
    """An attribute without use takes no memory, yet can be proposed to the user."""
    folder = dump(tmp_path, [{"_key": "a", "_rev": "_x", "used": 1, "unused": 2}], [])
    attribute_filter = AttributeFilter(
        frozenset({"used"}), lambda name: False, all_numeric=False, needs_all_names=False
    )
    graph = DumpSource(folder).load(["g"], attribute_filter, progress=lambda vertices, edges: None)
    assert list(graph.vertices["v"].columns) == ["used"]
    assert graph.vertices["v"].attributes == ["unused", "used"]


def test_keys_beyond_ascii(tmp_path: Path) -> None:
    """Keys with escapes and of other alphabets are found by their edges."""
    vertices = [{"_key": "ключ"}, {"_key": "a:b@c"}, {"_key": "é"}]
    graph = load(dump(tmp_path, vertices, [edge("v/ключ", "v/é"), edge("v/a:b@c", "v/ключ")]))
    assert sorted(keys(graph)) == sorted(["ключ", "a:b@c", "é"])
    assert pairs(graph) == [("v/a:b@c", "v/ключ"), ("v/ключ", "v/é")]


def test_files_larger_than_a_block(tmp_path: Path) -> None:
    """Rows stay in place, and a broken line keeps its number, where a file is read in several pieces."""
    vertices = [{"_key": f"k{n:05}", "n": n, "late": n if n > 5000 else None, "pad": "x" * 1500} for n in range(6000)]
    folder = dump(tmp_path, vertices, [edge("v/k00000", "v/k05999")])
    graph = load(folder)
    assert values(graph, "n") == {f"k{n:05}": n for n in range(6000)}
    late = graph.vertices["v"].columns["late"]
    assert int(late.missing.sum()) == 5001
    with data_file(folder, "v").open("a") as file:
        file.write('{"_key": }\n')
    with pytest.raises(DataError, match=r"line 6001,"):
        load(folder)


def test_document_larger_than_a_block(tmp_path: Path) -> None:
    """One document may be larger than what is read at once."""
    graph = load(dump(tmp_path, [{"_key": "a", "pad": "x" * 9_000_000}, {"_key": "b", "a": 1}], []))
    assert values(graph, "a") == {"a": None, "b": 1}


def test_progress_counts_what_was_read(tmp_path: Path) -> None:
    """The last report has all vertices and all edges, dangling ones too."""
    seen: list[tuple[int, int]] = []
    folder = dump(tmp_path, edges=[*EDGES, edge("v/a", "v/nobody")])
    DumpSource(folder).load(["g"], EVERYTHING, lambda vertices, edges: seen.append((vertices, edges)))
    assert seen[-1] == (5, 5)
    assert seen == sorted(seen)


def test_progress_can_end_the_loading(tmp_path: Path) -> None:
    """A stop request leaves through the reader."""

    class StoppedError(Exception):
        pass

    def stop(vertices: int, edges: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        DumpSource(dump(tmp_path)).load(["g"], EVERYTHING, stop)


ATTRIBUTES: dict[str, st.SearchStrategy[Any]] = {
    "number": st.one_of(st.none(), st.integers(-9, 9), st.floats(-1, 1)),
    "text": st.one_of(st.none(), st.sampled_from(["up", "down", "x5"])),
    "vector": st.one_of(st.none(), st.lists(st.integers(-9, 9), min_size=2, max_size=2)),
    "sometimes": st.booleans(),
}


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Document], list[Document]]:
    """Vertices with some attributes left out, and edges that may loop, repeat or dangle."""
    names = draw(st.lists(st.text("abcABC019_", min_size=1, max_size=4), min_size=1, max_size=12, unique=True))
    vertices = [{"_key": name} | draw(st.fixed_dictionaries({}, optional=ATTRIBUTES)) for name in names]
    ends = st.sampled_from([f"v/{name}" for name in [*names, "no.body"]])
    edges = [edge(*draw(st.tuples(ends, ends))) for _ in range(draw(st.integers(0, 20)))]
    return vertices, edges


@settings(max_examples=60, deadline=None)
@given(data=st.data(), documents=graphs())
def test_order_of_documents_changes_nothing(
    data: st.DataObject, documents: tuple[list[Document], list[Document]]
) -> None:
    """The server delivers documents in any order; the graph is the same to the last row and edge."""
    vertices, edges = documents
    shuffled = data.draw(st.permutations(vertices)), data.draw(st.permutations(edges))
    with tempfile.TemporaryDirectory() as folder:
        expected = load(dump(Path(folder) / "one", vertices, edges))
        graph = load(dump(Path(folder) / "other", *shuffled))
    assert_same(graph, expected)


@settings(max_examples=60, deadline=None)
@given(documents=graphs())
def test_graph_holds_what_was_dumped(documents: tuple[list[Document], list[Document]]) -> None:
    """Every vertex keeps its own values, and every edge with two ends its ends."""
    vertices, edges = documents
    with tempfile.TemporaryDirectory() as folder:
        graph = load(dump(Path(folder), vertices, edges))
    known = {f"v/{document['_key']}" for document in vertices}
    whole = [(one["_from"], one["_to"]) for one in edges if {one["_from"], one["_to"]} <= known]
    assert pairs(graph) == sorted(whole)
    assert graph.dangling == {"e": len(edges) - len(whole)}
    assert graph.edges[0].self_loops == sum(source == target for source, target in whole)
    assert graph.edges[0].duplicates == len(whole) - len(set(whole))
    touched = {end for source, target in whole if source != target for end in (source, target)}
    assert graph.isolated() == len(known - touched)
    for name in graph.vertices["v"].columns:
        assert values(graph, name) == {document["_key"]: document.get(name) for document in vertices}
