"""Which collections an arangodump folder holds, and in which files."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from trainer.bounds import dump as bounds
from trainer.bounds.parsed import is_too_rich
from trainer.errors import DataError
from trainer.graph.dump.data_files import DataFiles, choose, find_data_files, without_hash
from trainer.graph.graph import join_names
from trainer.process.regular_files import read_regular

_EDGE_COLLECTION = 3
_CIPHERS = ("aes-128-ctr", "aes-192-ctr", "aes-256-ctr")
"""Those of arangodump."""


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
        name = (parameters.get("name") or without_hash(stem)) if isinstance(parameters, dict) else None
        if not isinstance(parameters, dict) or not isinstance(name, str) or not _is_text(name):
            raise DataError(f"{path} does not describe a collection; dump the database again.")
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


def read_file(path: Path) -> bytes:
    """The content of a file of the dump.

    Raises:
        FileNotFoundError: there is none.
        DataError: it cannot be read.
    """
    try:
        return read_regular(path, bounds.LONGEST_DESCRIPTION_BYTES)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> DataError:
    """A file or folder of the dump that the operating system does not let us read."""
    return DataError(f"{path} cannot be read ({error.strerror}); correct it or dump the database again.")


def _is_text(name: str) -> bool:
    """Whether a name that may be that of a file is text in UTF-8."""
    return name.encode(errors="ignore").decode() == name


def _refuse_unreadable(folder: Path) -> None:
    if not os.path.isdir(folder):  # noqa: PTH112 - no error for an endless name
        raise DataError(f"GRAPH_PATH={str(folder)!r} is not a folder; name the folder that arangodump wrote.")
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        raise unreadable(folder, error) from error
    with suppress(FileNotFoundError):
        cipher = read_file(folder / "ENCRYPTION").strip().decode("ascii", "replace")
        if cipher != "none":  # what else such a file holds may be a key that was put there by mistake
            named = f" ({cipher})" if cipher in _CIPHERS else ""
            raise DataError(f"The dump in {folder} is encrypted{named}; dump the database again without encryption.")
    facts = folder / "dump.json"
    if os.path.lexists(facts) and _read_json(facts).get("useVPack"):
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
        text = read_file(path)
    except FileNotFoundError as error:
        raise DataError(f"{path} is a link to a file that is not there; dump the database again.") from error
    if is_too_rich(text):
        raise DataError(f"{path} holds far more than the description of a collection; dump the database again.")
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise DataError(f"{path} is not JSON ({error}); dump the database again.") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} does not hold a JSON object; dump the database again.")
    return content
