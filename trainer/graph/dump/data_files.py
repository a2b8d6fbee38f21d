"""The data files of a dump: to which collection they belong, and which are read where several dumps of one lie together.

`arangodump --overwrite true` leaves what was in its folder before, so that a folder may hold a collection twice: plain
and gzip, in one file and in parts, under the names of older versions. `arangorestore` takes the first of these that is
there: `NAME_HASH.data.json`, `NAME_HASH.data.json.gz`, `NAME.data.json.gz`, `NAME_HASH.0.data.json.gz` and the parts
after it, `NAME_HASH.0.data.json` and the parts after it, `NAME.data.json`; HASH is the MD5 of the collection's name
(`RestoreMainJob::restoreData` in RestoreFeature.cpp of ArangoDB 3.12).
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trainer.errors import DataError

_HASH = re.compile(r"_([0-9a-f]{32})$")
_DATA_FILE = re.compile(r"(?P<stem>.+?)(?:\.(?P<part>\d+))?\.data\.(?P<format>json|vpack)(?P<gzip>\.gz)?", re.DOTALL)


@dataclass(frozen=True)
class DataFiles:
    """One dump of a collection: a file, or the parts that `--split-files` makes of it, by their numbers."""

    is_hashed: bool
    is_vpack: bool
    is_split: bool
    is_compressed: bool
    parts: dict[int, Path] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[bool, int]:
        """The lower, the sooner arangorestore takes it; names that it does not know come last."""
        order = {(True, False, False): 0, (True, False, True): 1, (False, False, True): 2, (True, True, True): 3,
                 (True, True, False): 4, (False, False, False): 5}  # fmt: skip
        return self.is_vpack, order.get((self.is_hashed, self.is_split, self.is_compressed), len(order))

    @property
    def files(self) -> list[Path]:
        """The parts in order of number, in which they were written."""
        return [self.parts[number] for number in sorted(self.parts)]

    @property
    def missing(self) -> list[str]:
        """The names of parts that should be there: the first is number 0."""
        if not self.is_split:
            return []
        number, path = next(iter(self.parts.items()))
        absent = sorted({*range(max(self.parts))} - self.parts.keys())
        return [path.name.replace(f".{number}.data.", f".{index}.data.") for index in absent]

    def __str__(self) -> str:
        """The name of the first file, and how many there are."""
        name = self.files[0].name
        return f"{name} ({len(self.parts)} parts)" if len(self.parts) > 1 else name


def without_hash(stem: str) -> str:
    """The name of a collection that was dumped under this name of files."""
    return _HASH.sub("", stem)


def find_data_files(folder: Path, stems: Mapping[str, Collection[str]]) -> dict[str, list[DataFiles]]:
    """The dumps of each collection in the order in which arangorestore looks for them.

    Args:
        folder: where they are.
        stems: per collection the names of its structure files without their ends.
    """
    # In a cluster the structure file has no hash and the data file has one; old versions know no hashes at all.
    collection_of = {name: name for name in stems} | {stem: name for name, own in stems.items() for stem in own}
    collection_of_hash = {_md5(name): name for name in stems}
    found: dict[tuple[str, str], dict[tuple[bool, bool, bool], DataFiles]] = defaultdict(dict)
    for path in sorted(folder.iterdir()):
        match = _DATA_FILE.fullmatch(path.name)
        if match is None:
            continue
        stem, part = match["stem"], match["part"]
        if part is not None and f"{stem}.{part}" in collection_of:
            stem, part = f"{stem}.{part}", None
        hashed = _HASH.search(stem)
        name = collection_of_hash.get(hashed[1]) if hashed else None
        is_hashed = name is not None
        name = name or collection_of.get(stem)
        if name is None:
            continue
        form = match["format"] == "vpack", part is not None, match["gzip"] is not None
        files = found[name, stem].setdefault(form, DataFiles(is_hashed, *form))
        files.parts[int(part or 0)] = path
    dumps: dict[str, list[DataFiles]] = {name: [] for name in stems}
    for (name, _), forms in found.items():
        dumps[name] += forms.values()
    return {name: sorted(several, key=lambda files: files.rank) for name, several in dumps.items()}


def choose(folder: Path, name: str, dumps: list[DataFiles]) -> tuple[list[Path], tuple[str, ...]]:
    """The files to read of a collection, in order, and what a reader of the report should know.

    Raises:
        DataError: the documents are in VelocyPack format, or two dumps have equal claims.
    """
    if not dumps:
        return [], ()
    chosen, *others = dumps
    if chosen.is_vpack:
        raise DataError(f"{chosen.files[0]} is in VelocyPack format; dump the database again with --dump-vpack false.")
    if others and others[0].rank == chosen.rank:
        raise DataError(f"{chosen} and {others[0]} in {folder} both hold {name}; remove the one that is out of date.")
    warnings = []
    if others:
        left, newer = " and ".join(map(str, others)), ", though newer" if _is_newer(others, chosen) else ""
        warnings.append(
            f"{name} was dumped more than once into one folder: {chosen} is read, as arangorestore does, and {left} is "
            f"not{newer}; remove what is out of date."
        )
    if chosen.missing:
        warnings.append(f"{name} is incomplete, parts of its dump are missing: {', '.join(chosen.missing)}.")
    return chosen.files, tuple(warnings)


def _is_newer(others: list[DataFiles], chosen: DataFiles) -> bool:
    """Whether one of the others was written later, as far as the folder tells."""
    try:
        newest, *rest = (max(path.stat().st_mtime for path in files.files) for files in (chosen, *others))
    except OSError:  # a link that leads nowhere
        return False
    return max(rest) > newest


def _md5(name: str) -> str:
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
