"""A dump folder as the ArangoDB stand-in's content."""

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest

from .arango import load_dump


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("enveloped", [True, False])
def test_load_dump(tmp_path: Path, compressed: bool, enveloped: bool) -> None:
    """A dump folder becomes collections and graphs, split files and removals included."""
    graph = {"_key": "g", "edgeDefinitions": [{"collection": "e", "from": ["v"], "to": ["v"]}]}
    edge = {"_key": "1", "_id": "e/1", "_from": "v/a", "_to": "v/b", "_rev": "r"}
    files: dict[str, tuple[int, str, list[dict[str, Any]]]] = {
        "_graphs": (2, "", [graph]),
        "v": (2, ".0", [{"_key": "a", "_id": "v/a", "_rev": "r", "x": 1.0}, {"_key": "b"}]),
        "e": (3, "", [edge]),
    }
    (tmp_path / "ENCRYPTION").write_text("none")
    for name, (kind, part, documents) in files.items():
        stem = f"{name}_{'0' * 32}"
        parameters = {"name": name, "type": kind}
        (tmp_path / f"{stem}.structure.json").write_bytes(orjson.dumps({"parameters": parameters}))
        lines = [orjson.dumps({"type": 2300, "data": d} if enveloped else d) for d in documents]
        if enveloped and name == "v":
            lines += [
                orjson.dumps({"type": 2300, "data": {"_key": "z"}}),
                b'{"type":2302,"data":{"_key":"z"}}',
            ]
        data = b"\n".join(lines) + b"\n"
        suffix = ".gz" if compressed else ""
        (tmp_path / f"{stem}{part}.data.json{suffix}").write_bytes(gzip.compress(data) if compressed else data)
    database = load_dump(tmp_path)
    assert list(database.graphs) == ["g"]
    assert database.collections["v"].documents[0] == {"_key": "a", "_id": "v/a", "_rev": "r", "x": 1}
    assert len(database.collections["v"].documents) == 2
    assert database.collections["e"].documents == [edge]


def test_encrypted_dump_is_refused(tmp_path: Path) -> None:
    """An encrypted dump is named as such."""
    (tmp_path / "ENCRYPTION").write_text("aes-256-ctr")
    with pytest.raises(ValueError, match="encrypted"):
        load_dump(tmp_path)
