"""Write folders as `arangodump` does: a structure and gzipped JSON lines per collection, and the named graphs."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

Document = dict[str, Any]
DATABASE = "streamforge"


def write_collection(folder: Path, name: str, documents: Iterable[Document], *, edges: bool = False) -> None:
    """Write a collection as `arangodump` does: its structure, and its documents as gzipped JSON lines."""
    stem = f"{name}_{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}"
    kind = {"type": 3 if edges else 2, "isSystem": name.startswith("_")}
    structure = {"indexes": [], "parameters": {"name": name, **kind, "deleted": False, "status": 3}}
    (folder / f"{stem}.structure.json").write_text(json.dumps(structure) + "\n", encoding="utf-8")
    lines = "".join(json.dumps(document, separators=(",", ":")) + "\n" for document in documents)
    # No time and no file name in the header: the same seed gives the same bytes.
    (folder / f"{stem}.data.json.gz").write_bytes(gzip.compress(lines.encode(), compresslevel=9, mtime=0))


def write_graphs(folder: Path, edge_definitions: Mapping[str, list[Document]]) -> None:
    """Write the named graphs: per name its edge definitions."""
    graphs = [
        {
            "_key": name,
            "_id": f"_graphs/{name}",
            "_rev": "_iA7hKq2--_",
            "edgeDefinitions": edges,
            "orphanCollections": [],
        }
        for name, edges in edge_definitions.items()
    ]
    write_collection(folder, "_graphs", graphs)


def write_dump_facts(folder: Path, created: datetime) -> None:
    """Write what `arangodump` says about the dump as a whole; `created` is in UTC."""
    dump = {
        "database": DATABASE,
        "createdAt": f"{created:%Y-%m-%dT%H:%M:%SZ}",
        "lastTickAtDumpStart": "315",
        "useEnvelope": False,
        "useVPack": False,
        "properties": {"id": "91", "name": DATABASE, "isSystem": False},
    }
    (folder / "dump.json").write_text(json.dumps(dump) + "\n", encoding="utf-8")
    (folder / "ENCRYPTION").write_text("none", encoding="ascii")


def require_empty(parser: argparse.ArgumentParser, folder: Path) -> None:
    """Leave a folder alone that somebody has filled."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        parser.error(f"--out {folder}: is not an empty folder; remove it or name another")
