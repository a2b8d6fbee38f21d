"""The documents of a collection, in batches, with or without the envelopes of old servers.

Whole blocks of lines are decoded at once; only when a block does not decode is it read line by line,
to say which line is broken.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from trainer.bounds import parsed
from trainer.bounds.bound import shown
from trainer.errors import DataError
from trainer.graph.dump.blocks import blocks

_INSERT, _REMOVE = 2300, 2302
_REMOVAL = re.compile(rb'"type"\s*:\s*2302\b')


@dataclass(frozen=True)
class Batch:
    """Some documents of a data file, and the lines that they came from."""

    file: Path
    lines: Sequence[int]
    documents: list[dict[str, Any]]

    def where(self, index: int) -> str:
        """File and line of the document at `index`, for a sentence."""
        return f"{self.file}, line {self.lines[index]},"


def read_documents(files: Sequence[Path]) -> Generator[Batch]:
    """All documents of a collection, with or without envelope per line.

    Raises:
        DataError: naming the file, and the line where there is one.
    """
    for file in files:
        batches = (_unwrap(_decode(file, first_line, block)) for first_line, block in blocks(file))
        yield from _without_removed(file, batches) if has_removals(file) else (batch for batch, _ in batches)


def decode_block(file: Path, first_line: int, block: bytes) -> Batch:
    """The documents in some whole lines of a file without removals.

    Raises:
        DataError: a line is no document.
    """
    return _unwrap(_decode(file, first_line, block))[0]


def text_attribute(batch: Batch, attribute: str) -> list[str]:
    """A text attribute that every document must have.

    Raises:
        DataError: a document lacks it.
    """
    values = [document.get(attribute) for document in batch.documents]
    if set(map(type, values)) - {str}:
        index = next(index for index, value in enumerate(values) if type(value) is not str)
        raise DataError(f"{batch.where(index)} holds a document without {attribute}; every document of a dump has one.")
    return values  # type: ignore[return-value]


def has_removals(file: Path) -> bool:
    """Whether an enveloped file (old servers only) removes documents again."""
    first = next(blocks(file), (1, b""))[1]
    if not re.match(rb'\s*\{\s*"type"\s*:\s*\d+\s*,', first):
        return False
    return any(_REMOVAL.search(block) for _, block in blocks(file))


def _decode(file: Path, first_line: int, block: bytes) -> Batch:
    if parsed.is_too_rich(block):
        most = shown(parsed.MOST_PARSED_BYTES)
        raise DataError(
            f"{file} holds a line of values that would take more than {most} of memory, near line {first_line}; dump the"
            " collection again, or leave out what no graph needs."
        )
    num_lines = block.count(b"\n") + (not block.endswith(b"\n"))
    try:
        documents = orjson.loads(b"[" + block.strip().replace(b"\n", b",") + b"]")
    except orjson.JSONDecodeError:
        return _decode_lines(file, first_line, block)
    if len(documents) != num_lines or not all(type(document) is dict for document in documents):
        return _decode_lines(file, first_line, block)
    return Batch(file, range(first_line, first_line + num_lines), documents)


def _decode_lines(file: Path, first_line: int, block: bytes) -> Batch:
    lines, documents = [], []
    for number, line in enumerate(block.split(b"\n"), start=first_line):
        if not line.strip():
            continue
        try:
            document = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise DataError(f"{file}, line {number}, is not JSON ({error}); dump the collection again.") from error
        if not isinstance(document, dict):
            raise DataError(f"{file}, line {number}, does not hold a document; dump the collection again.")
        lines.append(number)
        documents.append(document)
    return Batch(file, lines, documents)


def _unwrap(batch: Batch) -> tuple[Batch, list[bool]]:
    """The documents out of their envelopes, and which of them are removals; no flags where there are no envelopes."""
    documents = batch.documents
    if not any("_key" not in document and "data" in document for document in documents):
        return batch, []
    inner, is_removal = [], []
    for index, document in enumerate(documents):
        has_envelope = "_key" not in document and isinstance(document.get("data"), dict)
        if has_envelope and document.get("type") not in (_INSERT, _REMOVE):
            raise DataError(
                f"{batch.where(index)} has an unknown envelope type {document.get('type')!r}; dump without envelope."
            )
        inner.append(document["data"] if has_envelope else document)
        is_removal.append(has_envelope and document["type"] == _REMOVE)
    return Batch(batch.file, batch.lines, inner), is_removal


def _without_removed(file: Path, batches: Iterator[tuple[Batch, list[bool]]]) -> Iterator[Batch]:
    remaining: dict[str, tuple[int, dict[str, Any]]] = {}
    for batch, is_removal in batches:
        flags = is_removal or [False] * len(batch.documents)
        for line, document, is_removed in zip(batch.lines, batch.documents, flags, strict=True):
            key = str(document.get("_key"))
            remaining.pop(key, None)
            if not is_removed:
                remaining[key] = (line, document)
    if remaining:
        lines, documents = zip(*remaining.values(), strict=True)
        yield Batch(file, lines, list(documents))
