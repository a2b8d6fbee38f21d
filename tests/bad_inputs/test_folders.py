"""Folders that hold no graph, or a spoilt one: exit code 3."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bad_inputs import folders
from tests.bad_inputs.owed import DATA, says_error_once
from tests.conftest import Ended, write_collection


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (folders.absent, ["GRAPH_PATH", "dump", "is not a folder"]),
        (folders.file_in_place, ["GRAPH_PATH", "dump", "is not a folder"]),
        (folders.empty, ["dump", "GRAPH_PATH", "structure.json"]),
        (folders.all_databases, ["all databases", "_system, shop"]),
        (folders.two_edge_collections, ["GRAPH_NAME='g'", "e, follows"]),
        (folders.no_edge_collection, ["GRAPH_NAME='g'", "no named graphs"]),
        (folders.truncated_gzip, ["v_", ".data.json.gz", "cut off"]),
        (folders.damaged_gzip, ["v_", ".data.json.gz", "damaged"]),
        (folders.garbage_in_gzip, ["v_", ".data.json.gz", "damaged"]),
        (folders.broken_line, ["v_", "line 7,", "not JSON"]),
        (folders.broken_last_line, ["e_", "line 40,", "not JSON"]),
        (folders.two_documents_on_a_line, ["v_", "line 3,"]),
        (folders.line_without_document, ["v_", "line 5,", "document"]),
        (folders.vertex_without_key, ["v_", "line 9,", "_key"]),
        (folders.vertex_with_number_as_key, ["v_", "line 2,", "_key"]),
        (folders.edge_without_from, ["e_", "line 4,", "_from"]),
        (folders.edge_without_to, ["e_", "line 40,", "_to"]),
        (folders.unknown_envelope, ["v_", "line 6,", "2400"]),
        (folders.encrypted, ["encrypted", "aes-256-ctr"]),
        (folders.vpack_by_facts, ["VelocyPack", "--dump-vpack false"]),
        (folders.vpack_by_name, ["v_", "VelocyPack", "--dump-vpack false"]),
        (folders.broken_facts, ["dump.json", "not JSON"]),
        (folders.broken_structure, ["v_", "structure.json", "not JSON"]),
        (folders.structure_of_another_shape, ["v_", "structure.json"]),
        (folders.missing_collection, ["'g'", "shops"]),
        (folders.missing_orphan, ["'g'", "alone"]),
        (folders.broken_graphs_line, ["_graphs_", "line 1,"]),
        (folders.graph_without_definitions, ["'g'", "edgeDefinitions"]),
        (folders.graph_with_broken_definition, ["'g'", "broken", "from"]),
        (folders.graph_without_edges, ["'g'", "no edge definitions"]),
        (folders.no_vertices, ["v", "'g'", "empty"]),
        (folders.no_data_file, ["v", "'g'", "empty"]),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "names",
)
def test_bad_folder(
    refused: Callable[..., Ended], small_dump: Path, spoil: Callable[[Path], None], named: list[str]
) -> None:
    """A folder that cannot be read ends the run with exit code 3 and one `error` event."""
    spoil(small_dump)
    ended = refused(DATA, named)
    says_error_once(ended, DATA)


def test_unknown_graph(refused: Callable[..., Ended], small_dump: Path) -> None:
    """The graphs that there are get named."""
    documents: list[dict[str, Any]] = [{"_key": name, "edgeDefinitions": []} for name in ("g", "friends", "trades")]
    write_collection(small_dump, "_graphs", documents)
    refused(DATA, ["'nowhere'", "friends, g, trades"], "--graph_name", "nowhere")


@pytest.mark.parametrize("names", [("g,nowhere",), ("g", "nowhere"), ("nowhere,g",)], ids=" ".join)
def test_unknown_graph_among_several(refused: Callable[..., Ended], small_dump: Path, names: tuple[str, ...]) -> None:
    """The one of several graphs that is not there is named, and those that are."""
    ended = refused(DATA, ["'nowhere'", "should be one of: g"], "--graph_name", *names)
    says_error_once(ended, DATA)


def test_path_that_is_too_long(refused: Callable[..., Ended]) -> None:
    """A path that the file system refuses is no folder."""
    refused(DATA, ["GRAPH_PATH"], "--graph_path", "d" * 300)


FILES = {
    "structure": "v_*.structure.json",
    "structure of another collection": "_graphs_*.structure.json",
    "vertices": "v_*.data.json",
    "edges": "e_*.data.json",
    "definitions": "_graphs_*.data.json",
    "facts": "dump.json",
    "encryption": "ENCRYPTION",
}


NEED_NOT_BE_THERE = ("facts", "encryption")
SPOILT = [
    (file, spoil)
    for file in FILES
    for spoil in (folders.as_folder, folders.as_dangling_link, folders.as_circle_of_links)
    if not (spoil is folders.as_dangling_link and file in NEED_NOT_BE_THERE)
]


@pytest.mark.parametrize(("file", "spoil"), SPOILT)
def test_file_that_cannot_be_read(
    refused: Callable[..., Ended], small_dump: Path, file: str, spoil: Callable[[Path], None]
) -> None:
    """A folder or a broken link in place of any file of the dump is named."""
    path = next(small_dump.glob(FILES[file]), small_dump / FILES[file])
    spoil(path)
    says_error_once(refused(DATA, [path.name]), DATA)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0",
        b"\xff\xfe{}",
        b"[]",
        b"null",
        b'"text"',
        b"7",
        b"{}",
        b'{"parameters": null}',
        b'{"parameters": {"name": {"a": 1}, "type": 2}}',
        b'{"parameters": {"name": ["v"], "type": 2}}',
        b'{"parameters": {"name": true, "type": 2}}',
        b"[" * 100_000,
        b'{"parameters":' * 10_000,
        b'{"parameters": {"name": "\\ud800", "type": 2}}',
    ],
    ids=lambda content: ascii(content[:50]),
)
@pytest.mark.parametrize("pattern", ["v_*.structure.json", "_graphs_*.structure.json"])
def test_structure_of_any_other_shape(
    refused: Callable[..., Ended], small_dump: Path, content: bytes, pattern: str
) -> None:
    """What does not describe a collection is named, also where the graph does not need it."""
    file = folders.file_of(small_dump, pattern)
    file.write_bytes(content)
    says_error_once(refused(DATA, [file.name]), DATA)


def test_names_of_files_that_are_no_text(refused: Callable[..., Ended], small_dump: Path) -> None:
    """A file system knows bytes, and the name of a collection may have to be taken from there."""
    name = os.fsdecode(b"v\xff.structure.json")
    (small_dump / name).write_text('{"parameters": {"type": 2}}')
    refused(DATA, ["v\\udcff.structure.json"])


@pytest.mark.parametrize("content", ["hunter2", "aes-256-ctr hunter2", "none\nhunter2", "AES-256-CTR\0", "\x1b[2J", ""])
def test_the_encryption_file_is_not_repeated(refused: Callable[..., Ended], small_dump: Path, content: str) -> None:
    """It may hold a key by mistake; the ciphers that arangodump knows are named."""
    (small_dump / "ENCRYPTION").write_text(content)
    ended = refused(DATA, ["is encrypted; dump the database again"])
    assert "hunter2" not in ended.stdout + ended.stderr


@pytest.mark.parametrize("cipher", ["aes-128-ctr", "aes-192-ctr", "aes-256-ctr"])
def test_the_cipher_is_named(refused: Callable[..., Ended], small_dump: Path, cipher: str) -> None:
    """One of those that arangodump has."""
    (small_dump / "ENCRYPTION").write_text(f"{cipher}\n")
    refused(DATA, [f"is encrypted ({cipher})"])
