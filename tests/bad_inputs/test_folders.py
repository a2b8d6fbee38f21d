"""Folders that hold no graph, or a spoilt one: exit code 3."""

from __future__ import annotations

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


def test_path_that_is_too_long(refused: Callable[..., Ended]) -> None:
    """A path that the file system refuses is no folder."""
    refused(DATA, ["GRAPH_PATH"], "--graph_path", "d" * 300)
