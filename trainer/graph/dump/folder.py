"""Which collections an arangodump folder holds, and in which files."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from trainer.errors import DataError
from trainer.graph.graph import join_names

_EDGE_COLLECTION = 3
_MD5_SUFFIX = re.compile(r"_[0-9a-f]{32}$")
_DATA_FILE = re.compile(r"(?P<stem>.+?)(?:\.(?P<part>\d+))?\.data\.(?P<format>json|vpack)(?:\.gz)?")


@dataclass
class DumpedCollection:
    """One collection of the folder: its type and the files that hold its documents."""

    name: str
    is_edge: bool
    files: list[Path] = field(default_factory=list)


def list_collections(folder: Path) -> dict[str, DumpedCollection]:
    """The collections of the folder by name, `_graphs` among them when it was dumped.

    Raises:
        DataError: there are none, or none that can be read.
    """
    _refuse_unreadable(folder)
    by_stem: dict[str, DumpedCollection] = {}
    for path in sorted(folder.glob("*.structure.json")):
        stem = path.name.removesuffix(".structure.json")
        parameters = _read_json(path).get("parameters")
        if not isinstance(parameters, dict):
            raise DataError(f"{path} does not describe a collection; dump the database again.")
        name = str(parameters.get("name") or _MD5_SUFFIX.sub("", stem))
        by_stem[stem] = DumpedCollection(name, is_edge=parameters.get("type") == _EDGE_COLLECTION)
    if not by_stem:
        raise DataError(_no_collections(folder))
    for path in sorted(folder.iterdir()):
        match = _DATA_FILE.fullmatch(path.name)
        if match is None or match["stem"] not in by_stem:
            continue
        if match["format"] == "vpack":
            raise DataError(f"{path} is in VelocyPack format; dump the database again with --dump-vpack false.")
        by_stem[match["stem"]].files.append(path)
    return {collection.name: collection for collection in by_stem.values()}


def _refuse_unreadable(folder: Path) -> None:
    if not os.path.isdir(folder):  # noqa: PTH112 - no error for an endless name
        raise DataError(f"GRAPH_PATH={str(folder)!r} is not a folder; name the folder that arangodump wrote.")
    encryption = folder / "ENCRYPTION"
    cipher = encryption.read_text(errors="replace").strip() if encryption.is_file() else "none"
    if cipher != "none":
        raise DataError(
            f"The dump in {folder} is encrypted ({cipher[:40]}); dump the database again without encryption."
        )
    facts = folder / "dump.json"
    if facts.is_file() and _read_json(facts).get("useVPack"):
        raise DataError(
            f"The dump in {folder} is in VelocyPack format; dump the database again with --dump-vpack false."
        )


def _no_collections(folder: Path) -> str:
    databases = [path.parent.name for path in folder.glob("*/dump.json")]
    if databases:
        return f"{folder} holds a dump of all databases; set GRAPH_PATH to one of its folders: {join_names(databases)}."
    return f"{folder} holds no *.structure.json; GRAPH_PATH should be a folder that arangodump wrote."


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise DataError(f"{path} is not JSON ({error}); dump the database again.") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} does not hold a JSON object; dump the database again.")
    return content
