"""Which files of a folder are read where a collection lies in it more than once, or in parts."""

from __future__ import annotations

import gzip
import itertools
import json
import os
from collections.abc import Mapping, Sequence
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ring, write_collection, write_graph
from tests.graph.reading import keys, load, pairs, values
from trainer.errors import DataError

Document = Mapping[str, Any]

HASH_OF_E, HASH_OF_V = (md5(name.encode(), usedforsecurity=False).hexdigest() for name in "ev")
IN_ORDER_OF_ARANGORESTORE = [
    f"e_{HASH_OF_E}.data.json",
    f"e_{HASH_OF_E}.data.json.gz",
    "e.data.json.gz",
    f"e_{HASH_OF_E}.0.data.json.gz",
    f"e_{HASH_OF_E}.0.data.json",
    "e.data.json",
]


def write(path: Path, documents: Sequence[Document]) -> None:
    """A data file, compressed if its name says so."""
    content = "".join(json.dumps(document) + "\n" for document in documents).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def edges(*ends: str, first: int = 0) -> list[Document]:
    """Edges between vertices of one letter, `ab` from `a` to `b`, with running keys."""
    return [
        {"_key": str(number), "_from": f"v/{source}", "_to": f"v/{target}"}
        for number, (source, target) in enumerate(map(tuple, ends), start=first)
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The graph `g` of vertices a, b, c and edges `e` that have no data file yet."""
    write_collection(tmp_path, "v", [{"_key": key, "a": number} for number, key in enumerate("abc")])
    write_collection(tmp_path, "e", [], edge=True).unlink()
    write_graph(tmp_path, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    return tmp_path


def ends(folder: Path) -> list[str]:
    """The edges that are loaded, as `edges` takes them."""
    return [source[-1] + target[-1] for source, target in pairs(load(folder))]


def test_plain_and_gzip_of_one_collection_are_read_once(tmp_path: Path) -> None:
    """A dump with `--compress-output` over one without leaves both files; 200 edges stay 200."""
    write_collection(tmp_path, "v", [{"_key": f"k{number:05}"} for number in range(200)])
    documents = [
        {"_key": f"r{number}", "_from": f"v/{source}", "_to": f"v/{target}"}
        for number, (source, target) in enumerate(ring(200))
    ]
    files = [write_collection(tmp_path, "e", documents, edge=True, compress=compress) for compress in (False, True)]
    write_graph(tmp_path, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    graph = load(tmp_path)
    assert graph.num_edges == 200
    (warning,) = graph.warnings
    assert all(file.name in warning for file in files), warning


@pytest.mark.parametrize(("taken", "left"), [*itertools.combinations(IN_ORDER_OF_ARANGORESTORE, 2)])
def test_first_in_the_order_of_arangorestore_is_read(folder: Path, taken: str, left: str) -> None:
    """Whichever two forms lie together, one is read and the warning names both."""
    write(folder / taken, edges("ab"))
    write(folder / left, edges("bc", "ca", first=5))
    assert ends(folder) == ["ab"]
    (warning,) = load(folder).warnings
    assert taken in warning
    assert left in warning


def test_warning_says_which_is_newer(folder: Path) -> None:
    """What arangorestore takes may be the older one."""
    taken, left = (folder / name for name in IN_ORDER_OF_ARANGORESTORE[:2])
    for path in (taken, left):
        write(path, edges("ab"))
    os.utime(taken, (1_700_000_000, 1_700_000_000))
    os.utime(left, (1_700_000_060, 1_700_000_060))
    assert ["though newer" in warning for warning in load(folder).warnings] == [True]
    os.utime(left, (1_600_000_000, 1_600_000_000))
    assert ["though newer" in warning for warning in load(folder).warnings] == [False]


@pytest.mark.parametrize("collection", ["v", "_graphs"])
def test_vertices_and_definitions_are_read_once_too(folder: Path, collection: str) -> None:
    """The gzip file beside the plain one would change the vertices or the graph."""
    write(folder / IN_ORDER_OF_ARANGORESTORE[0], edges("ab"))
    (plain,) = folder.glob(f"{collection}_*.data.json")
    others: dict[str, list[Document]] = {
        "v": [{"_key": "a", "a": 70}, {"_key": "z", "a": 9}],
        "_graphs": [{"_key": "g", "edgeDefinitions": []}],
    }
    write(plain.with_name(f"{plain.name}.gz"), others[collection])
    graph = load(folder)
    assert values(graph, "a") == {"a": 0, "b": 1, "c": 2}
    (warning,) = graph.warnings
    assert f"{plain.name}.gz" in warning


def test_files_of_a_collection_that_the_graph_does_not_use_are_no_warning(folder: Path) -> None:
    """Only what is read can be read wrongly."""
    write(folder / IN_ORDER_OF_ARANGORESTORE[0], edges("ab"))
    for compress in (False, True):
        write_collection(folder, "elsewhere", [{"_key": "1"}], compress=compress)
    assert load(folder).warnings == []


@pytest.mark.parametrize("end", ["", ".gz"])
def test_parts_are_read_in_the_order_of_their_numbers(folder: Path, end: str) -> None:
    """Part 10 comes after part 2, so that of a repeated key its edge is the last."""
    for part in range(12):
        ends_of = {2: "ab", 10: "ca"}
        documents = [*edges("bc", first=100 + part), *(edges(ends_of[part]) if part in ends_of else [])]
        write(folder / f"e_{HASH_OF_E}.{part}.data.json{end}", documents)
    assert ends(folder) == [*12 * ["bc"], "ca"]
    assert load(folder).warnings == ["1 documents of e repeat a _key; the last of each is used."]


def test_missing_parts_are_named(folder: Path) -> None:
    """Some of the files were not copied."""
    for part in (1, 4):
        write(folder / f"e_{HASH_OF_E}.{part}.data.json.gz", edges("ab", first=part))
    assert ends(folder) == ["ab", "ab"]
    (warning,) = load(folder).warnings
    assert [f"e_{HASH_OF_E}.{part}.data.json.gz" in warning for part in range(6)] == [
        True,
        False,
        True,
        True,
        False,
        False,
    ]


def test_structure_file_of_a_cluster_has_no_hash(folder: Path) -> None:
    """Its data file has one all the same."""
    for name in ("v", "e"):
        (structure,) = folder.glob(f"{name}_*.structure.json")
        structure.rename(folder / f"{name}.structure.json")
    write(folder / IN_ORDER_OF_ARANGORESTORE[1], edges("ab", "bc"))
    assert keys(load(folder)) == ["a", "b", "c"]
    assert ends(folder) == ["ab", "bc"]


def test_names_with_special_characters_are_files_of_numbers(tmp_path: Path) -> None:
    """Of a collection `Kerzen 5m.β` the files have the number of the collection and the hash of its name."""
    name, number = "Kerzen 5m.β", "104857"
    hashed = f"{number}_{md5(name.encode(), usedforsecurity=False).hexdigest()}"
    structure = {"indexes": [], "parameters": {"name": name, "type": 2, "id": number}}
    for stem in (hashed, number):  # a single server, a cluster
        dump = tmp_path / stem
        write_collection(dump, "e", [{"_key": "1", "_from": f"{name}/a", "_to": f"{name}/b"}], edge=True)
        (dump / f"{stem}.structure.json").write_text(json.dumps(structure))
        write(dump / f"{hashed}.data.json.gz", [{"_key": "a"}, {"_key": "b"}])
        write_graph(dump, "g", [{"collection": "e", "from": [name], "to": [name]}])
        graph = load(dump)
        assert (keys(graph, name), graph.num_edges, graph.warnings) == (["a", "b"], 1, [])


def test_collection_whose_name_ends_as_a_part_does(tmp_path: Path) -> None:
    """`v.1` is a collection, not the second part of `v`."""
    for name, key in (("v", "a"), ("v.1", "b")):
        (tmp_path / f"{name}.structure.json").write_text(json.dumps({"parameters": {"name": name, "type": 2}}))
        write(tmp_path / f"{name}.data.json", [{"_key": key}])
    write_collection(tmp_path, "e", [{"_key": "1", "_from": "v/a", "_to": "v.1/b"}], edge=True)
    write_graph(tmp_path, "g", [{"collection": "e", "from": ["v"], "to": ["v.1"]}])
    graph = load(tmp_path)
    assert (keys(graph, "v"), keys(graph, "v.1"), graph.num_edges) == (["a"], ["b"], 1)


def test_two_structure_files_are_one_collection(folder: Path) -> None:
    """What an old version has left beside the new files, when only one has documents, leaves nothing in doubt."""
    (structure,) = folder.glob("e_*.structure.json")
    (folder / "e.structure.json").write_bytes(structure.read_bytes())
    write(folder / "e.data.json", edges("ab", "bc"))
    assert ends(folder) == ["ab", "bc"]
    assert load(folder).warnings == []


def test_hash_of_another_name_comes_after_the_right_one(folder: Path) -> None:
    """A renamed collection's file that still says the old hash."""
    (structure,) = folder.glob("e_*.structure.json")
    wrong = folder / f"e_{'0' * 32}.structure.json"
    wrong.write_bytes(structure.read_bytes())
    write(folder / IN_ORDER_OF_ARANGORESTORE[4], edges("ab"))
    write(folder / f"e_{'0' * 32}.data.json", edges("bc", "ca"))
    assert ends(folder) == ["ab"]
    assert len(load(folder).warnings) == 1


def test_two_files_with_equal_claims_are_refused(folder: Path) -> None:
    """Neither has the hash of the name, so that nothing says which arangorestore would take."""
    (structure,) = folder.glob("e_*.structure.json")
    for digit in "12":
        (folder / f"e_{digit * 32}.structure.json").write_bytes(structure.read_bytes())
        write(folder / f"e_{digit * 32}.data.json", edges("ab"))
    with pytest.raises(DataError, match=rf"e_{'1' * 32}\.data\.json and e_{'2' * 32}\.data\.json .*remove the one"):
        load(folder)


def test_structure_files_that_differ_in_the_type_are_refused(folder: Path) -> None:
    """Nothing says whether the documents are edges."""
    (folder / "e.structure.json").write_text(json.dumps({"parameters": {"name": "e", "type": 2}}))
    with pytest.raises(DataError, match=r"e\.structure\.json.*differ in whether e holds edges"):
        load(folder)


def test_velocypack_beside_json_is_left(folder: Path) -> None:
    """What another dump left cannot be read, and need not."""
    write(folder / "e.data.json", edges("ab"))
    left = folder / f"e_{HASH_OF_E}.data.vpack"
    left.write_bytes(b"\x01")
    assert ends(folder) == ["ab"]
    assert [left.name in warning for warning in load(folder).warnings] == [True]


def test_data_file_without_a_structure_file_is_of_no_collection(folder: Path) -> None:
    """As arangorestore passes it over."""
    write(folder / "e.data.json", edges("ab"))
    write(folder / f"f_{HASH_OF_V[::-1]}.data.json", edges("bc"))
    assert ends(folder) == ["ab"]
