"""Which collections an arangodump folder holds, and in which files."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from trainer.bounds import dump as bounds
from trainer.bounds.parsed import is_too_rich
from trainer.errors import DataError
from trainer.graph.dump.data_files import DataFiles, choose, find_data_files, without_hash
from trainer.graph.graph import join_names
from trainer.process.regular_files import open_regular, read_regular

_EDGE_COLLECTION = 3
_LONGEST_CIPHER = 100


@dataclass(frozen=True)
class DumpedCollection:
    """One collection of the folder: its type, the files that hold its documents, and what is doubtful about them."""

    name: str
    is_edge: bool
    files: list[Path]
    warnings: tuple[str, ...] = ()


def list_collections(folder: Path) -> dict[str, DumpedCollection]:
    """The collections of the folder by name, `_graphs` among them when it was dumped.

    Raises:
        DataError: there are none, or none that can be read, or two dumps of one collection that nothing tells apart.
    """
    _refuse_unreadable(folder)
    structures = _structures(folder)
    if not structures:
        raise DataError(_no_collections(folder))
    data = find_data_files(folder, {name: stems.keys() for name, stems in structures.items()})
    return {name: _collection(folder, name, stems, data[name]) for name, stems in structures.items()}


def _structures(folder: Path) -> dict[str, dict[str, bool]]:
    """Per collection the stems of its structure files, and whether each says that it is of edges."""
    structures: dict[str, dict[str, bool]] = defaultdict(dict)
    for path in sorted(folder.glob("*.structure.json")):
        stem = path.name.removesuffix(".structure.json")
        parameters = _read_json(path).get("parameters")
        if not isinstance(parameters, dict):
            raise DataError(f"{path} does not describe a collection; dump the database again.")
        name = str(parameters.get("name") or without_hash(stem))
        structures[name][stem] = parameters.get("type") == _EDGE_COLLECTION
    return structures


def _collection(folder: Path, name: str, structures: Mapping[str, bool], data: list[DataFiles]) -> DumpedCollection:
    if len({*structures.values()}) > 1:
        files = join_names(f"{stem}.structure.json" for stem in structures)
        raise DataError(
            f"{files} in {folder} differ in whether {name} holds edges; remove the file that is out of date."
        )
    chosen, warnings = choose(folder, name, data)
    return DumpedCollection(name, any(structures.values()), chosen, warnings)


def _refuse_unreadable(folder: Path) -> None:
    if not os.path.isdir(folder):  # noqa: PTH112 - no error for an endless name
        raise DataError(f"GRAPH_PATH={str(folder)!r} is not a folder; name the folder that arangodump wrote.")
    encryption = folder / "ENCRYPTION"
    cipher = _cipher(encryption) if encryption.is_file() else "none"
    if cipher != "none":
        raise DataError(
            f"The dump in {folder} is encrypted ({cipher[:40]}); dump the database again without encryption."
        )
    facts = folder / "dump.json"
    if facts.is_file() and _read_json(facts).get("useVPack"):
        raise DataError(
            f"The dump in {folder} is in VelocyPack format; dump the database again with --dump-vpack false."
        )


def _cipher(encryption: Path) -> str:
    try:
        with open_regular(encryption) as file:
            return file.read(_LONGEST_CIPHER).decode(errors="replace").strip()
    except OSError as error:
        raise DataError(f"{encryption} cannot be read ({error.strerror or error}).") from error


def _no_collections(folder: Path) -> str:
    databases = [path.parent.name for path in folder.glob("*/dump.json")]
    if databases:
        return f"{folder} holds a dump of all databases; set GRAPH_PATH to one of its folders: {join_names(databases)}."
    return f"{folder} holds no *.structure.json; GRAPH_PATH should be a folder that arangodump wrote."


def _read_json(path: Path) -> dict[str, Any]:
    try:
        text = read_regular(path, bounds.LONGEST_DESCRIPTION_BYTES)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}).") from error
    if is_too_rich(text):
        raise DataError(f"{path} holds far more than the description of a collection; dump the database again.")
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise DataError(f"{path} is not JSON ({error}); dump the database again.") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} does not hold a JSON object; dump the database again.")
    return content
