"""An edge `_key` that is repeated counts once, with the last of its documents, as that of a vertex does."""

from __future__ import annotations

import gzip
import itertools
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import ring, write_collection, write_graph
from tests.graph.reading import load, pairs
from trainer.graph.building.edge_builder import Edges
from trainer.graph.building.texts import Texts
from trainer.graph.building.vertex_index import hash_texts, hash_words
from trainer.graph.dump.repeated_keys import RepeatedKeys
from trainer.graph.graph import Graph

Document = dict[str, Any]


def edge(key: str | None, source: str, target: str, **more: Any) -> Document:
    """An edge between two vertices `v`, with a key if there is one."""
    named = {} if key is None else {"_key": key, "_id": f"e/{key}"}
    return {**named, "_from": f"v/{source}", "_to": f"v/{target}", **more}


def dump(folder: Path, edges: Sequence[Document], vertices: str = "abcd") -> Path:
    """A folder with the graph `g`; returns the data file of its edges."""
    write_collection(folder, "v", [{"_key": key} for key in vertices])
    write_graph(folder, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    return write_collection(folder, "e", edges, edge=True)


def warning(num: int) -> list[str]:
    """What is said of so many documents."""
    return [f"{num} documents of e repeat a _key; the last of each is used."] if num else []


def weights(graph: Graph) -> list[tuple[str, str, float]]:
    """Ends and weight of each edge, in the order of the table."""
    (table,) = graph.edges
    assert table.weight is not None
    ends = table.index.T.tolist()
    return [("abcd"[s], "abcd"[t], float(w)) for (s, t), w in zip(ends, table.weight, strict=True)]


def test_last_of_repeated_keys_counts(tmp_path: Path) -> None:
    """Its ends, and its weight."""
    documents = [edge("1", "a", "b", w=1), edge("2", "b", "c", w=2), edge("1", "c", "d", w=3), edge("2", "b", "c", w=4)]
    dump(tmp_path, documents)
    graph = load(tmp_path, edge_weight="w")
    assert weights(graph) == [("b", "c", 4.0), ("c", "d", 3.0)]
    assert graph.warnings == warning(2)


def test_same_edge_with_another_key_is_another_edge(tmp_path: Path) -> None:
    """Duplicates of ends are the user's data."""
    dump(tmp_path, [edge("1", "a", "b"), edge("2", "a", "b"), edge("02", "a", "b")])
    graph = load(tmp_path)
    assert (graph.num_edges, graph.warnings) == (3, [])


def test_last_edge_may_lead_nowhere(tmp_path: Path) -> None:
    """The document that counts is dangling, so that the earlier one does not come back."""
    dump(tmp_path, [edge("1", "a", "b"), edge("1", "a", "z"), edge("2", "z", "a"), edge("2", "b", "a")])
    graph = load(tmp_path)
    assert pairs(graph) == [("v/b", "v/a")]
    assert (graph.dangling, graph.warnings) == ({"e": 1}, warning(2))


@pytest.mark.parametrize("form", ["twice in one file", "parts", "gzip members", "envelope", "mixed lines"])
def test_every_form_of_a_file_is_seen(tmp_path: Path, form: str) -> None:
    """All edges of a ring of 3,000 are there twice, over blocks and files."""
    num = 3000
    first, second = (
        [edge(f"{number:07}", source, target, pad="x" * 900) for number, (source, target) in enumerate(ring(num))]
        for _ in range(2)
    )
    file = dump(tmp_path, [*first, *second])
    write_collection(tmp_path, "v", [{"_key": f"k{number:05}"} for number in range(num)])
    content = file.read_bytes()
    if form == "parts":
        lines = content.splitlines(keepends=True)
        for part, some in enumerate((lines[:num], lines[num:])):
            file.with_name(file.name.replace(".data.", f".{part}.data.")).write_bytes(b"".join(some))
        file.unlink()
    elif form == "gzip members":
        half = len(content) // 2
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(content[:half]) + gzip.compress(content[half:]))
        file.unlink()
    elif form == "envelope":
        write_collection(tmp_path, "e", [*first, *second], edge=True, envelope=True)
    elif form == "mixed lines":
        odd = json.dumps(edge("0000003", "k00000", "k00002", inner={"_key": "no"})).encode() + b"\n"
        file.write_bytes(content + odd)
    graph = load(tmp_path)
    assert graph.num_edges == num
    assert graph.warnings == warning(num + (form == "mixed lines"))


def test_graphs_that_share_a_collection_say_it_once(tmp_path: Path) -> None:
    """The collection is read once for both."""
    dump(tmp_path, [edge("1", "a", "b"), edge("1", "b", "c"), edge("2", "c", "d")])
    definition = {"edgeDefinitions": [{"collection": "e", "from": ["v"], "to": ["v"]}], "orphanCollections": []}
    write_collection(tmp_path, "_graphs", [{"_key": name, **definition} for name in ("g", "h")])
    graph = load(tmp_path, "g", "h")
    assert pairs(graph) == [("v/b", "v/c"), ("v/c", "v/d")]
    assert graph.warnings == warning(1)


@pytest.mark.parametrize("key", [None, "", 5, ["x"]])
def test_documents_without_a_key_are_all_different(tmp_path: Path, key: Any) -> None:
    """Written by hand; what is no text names nothing, in lines that are alike and in others."""
    edges = [edge(None, "a", "b"), edge(None, "a", "b")]
    documents = edges if key is None else [{"_key": key, **each} for each in edges]
    dump(tmp_path, documents)
    assert load(tmp_path).num_edges == 2
    dump(tmp_path, [*documents, edge("1", "a", "b"), edge("1", "a", "b")])
    graph = load(tmp_path)
    assert (graph.num_edges, graph.warnings) == (3, warning(1))


KEYS = st.sampled_from(["1", "2", "12345678", "123456789", "BTC-5m-1717200000", "ключ", "x" * 254, "x" * 253 + "y"])


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(KEYS, st.sampled_from("abcz"), st.sampled_from("abcz"), st.integers(0, 3)), max_size=14),
    cuts=st.lists(st.integers(0, 14), max_size=3),
    odd=st.booleans(),
)
def test_edges_are_those_of_a_dictionary_by_key(
    rows: list[tuple[str, str, str, int]], cuts: list[int], odd: bool
) -> None:
    """Whatever is repeated, in whichever part and form of line."""
    documents = [edge(key, source, target, w=weight) for key, source, target, weight in rows]
    if odd:  # lines that the JSON parser reads
        documents = [{**document, "list": [1]} if number % 3 else document for number, document in enumerate(documents)]
    last = {document["_key"]: document for document in documents}
    whole = [one for one in last.values() if "v/z" not in (one["_from"], one["_to"])]
    with tempfile.TemporaryDirectory() as name:
        file = dump(Path(name), documents)
        lines = file.read_bytes().splitlines(keepends=True)
        file.unlink()
        bounds = [0, *sorted(min(cut, len(lines)) for cut in cuts), len(lines)]
        for part, (start, end) in enumerate(itertools.pairwise(bounds)):
            file.with_name(file.name.replace(".data.", f".{part}.data.")).write_bytes(b"".join(lines[start:end]))
        graph = load(Path(name), edge_weight="w")
    expected = sorted((one["_from"][-1], one["_to"][-1], float(one["w"])) for one in whole)
    assert (sorted(weights(graph)) if whole else []) == expected
    assert graph.dangling == {"e": len(last) - len(whole)}
    assert graph.warnings == warning(len(documents) - len(last))


def colliding_keys() -> tuple[str, str]:
    """Two keys of 16 printable bytes with the same hash."""
    draw = random.Random(3)
    letters = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-:.@()+,=;$!*'%"
    first = b"00000000"
    end = int.from_bytes(b"collides", "little")
    wanted = end ^ int(hash_words(np.frombuffer(first, np.uint64)[np.newaxis])[0])
    while True:
        words = np.frombuffer(bytes(draw.choices(letters, k=8 * 4096)), np.uint64)
        ends = hash_words(words[:, np.newaxis]) ^ np.uint64(wanted)
        bytes_of = ends.view(np.uint8).reshape(-1, 8)
        usable = np.flatnonzero(np.isin(bytes_of, np.frombuffer(letters, np.uint8)).all(axis=1))
        for row in usable.tolist():
            other = words[row : row + 1].tobytes() + ends[row : row + 1].tobytes()
            return (first + b"collides").decode(), other.decode()


def test_keys_that_share_a_hash_are_two_edges(tmp_path: Path) -> None:
    """A collision costs a second reading and nothing else."""
    one, other = colliding_keys()
    hashes = hash_texts(Texts.of([one, other]))
    assert one != other
    assert hashes[0] == hashes[1], "the keys no longer share a hash, so that nothing is tested"
    dump(tmp_path, [edge(one, "a", "b"), edge(other, "b", "c"), edge(one, "c", "d")])
    graph = load(tmp_path)
    assert pairs(graph) == [("v/b", "v/c"), ("v/c", "v/d")]
    assert graph.warnings == warning(1)


@given(texts=st.lists(st.text(max_size=20), min_size=1), others=st.lists(st.text(max_size=40)))
def test_hash_of_a_text_is_its_own(texts: list[str], others: list[str]) -> None:
    """Whatever else is hashed with it, as the blocks of a file differ in that."""
    whole = hash_texts(Texts.of([*texts, *others]))[: len(texts)]
    alone = [hash_texts(Texts.of([text]))[0] for text in texts]
    assert whole.tolist() == alone


def test_files_are_read_once_where_no_key_is_repeated() -> None:
    """The common case costs no second reading."""
    keys = RepeatedKeys("e")
    for first in (0, 1000):
        keys.append(Texts.of([f"k{number}" for number in range(first, first + 1000)]))

    def read_again() -> Iterator[Edges]:
        raise AssertionError("read a second time")

    assert keys.replaced(read_again).tolist() == []
