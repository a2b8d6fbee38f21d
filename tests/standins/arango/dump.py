"""An arangodump folder -> a database, so that the real data of a dump can be served over HTTP."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from .store import Collection, Database

_STRUCTURE = ".structure.json"
_DATA = re.compile(r"(?:_[0-9a-f]{32})?(?:\.\d+)?\.data\.json(?:\.gz)?")
_REMOVAL = 2302


def load_dump(folder: Path | str) -> Database:
    """Read a dump, plain or gzip, with or without envelopes, split or not.

    Args:
        folder: The dump of one database.

    Raises:
        ValueError: The dump is encrypted, in VelocyPack, or not a dump.
    """
    folder = Path(folder)
    encryption = folder / "ENCRYPTION"
    if encryption.exists() and encryption.read_text().strip() != "none":
        raise ValueError(f"{folder} is encrypted")
    if list(folder.glob("*.vpack*")):
        raise ValueError(f"{folder} holds VelocyPack, not JSON")
    collections: dict[str, Collection] = {}
    graphs: list[dict[str, Any]] = []
    for path in sorted(folder.glob(f"*{_STRUCTURE}")):
        parameters = orjson.loads(path.read_bytes())["parameters"]
        if parameters.get("deleted"):
            continue
        name = parameters["name"]
        documents = list(_documents(folder, name))
        if name == "_graphs":
            graphs = documents
        else:
            collections[name] = Collection(parameters["type"], documents)
    if not collections:
        raise ValueError(f"{folder} holds no collection")
    return Database(collections, graphs)


def _documents(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    by_key: dict[str, dict[str, Any]] = {}
    for path in sorted(p for p in folder.iterdir() if p.name.startswith(name)):
        if _DATA.fullmatch(path.name[len(name) :]) is None:
            continue
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            for line in lines:
                document = orjson.loads(line)
                if "_key" not in document:
                    envelope_type, document = document["type"], document["data"]
                    if envelope_type == _REMOVAL:
                        by_key.pop(document["_key"], None)
                        continue
                by_key[document["_key"]] = document
    yield from by_key.values()
