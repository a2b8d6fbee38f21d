"""The edges of a dump: of each line only the two ends, the key, and the weight if it is asked for."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.bounds import parsed
from trainer.graph.building.edge_builder import Edges
from trainer.graph.building.texts import Texts
from trainer.graph.building.uniform_records import Segment, Template, match
from trainer.graph.dump.blocks import blocks
from trainer.graph.dump.documents import Batch, decode_block, has_removals, read_documents, text_attribute

_LEAD = re.compile(rb"\{ *")
_AFTER_NAME = re.compile(rb'(?P<colon> *: *)(?:(?P<scalar>[^\s"{}\[\],:]+)(?P<rest> *, *| *\} *\n))?')
_AFTER_VALUE = re.compile(rb" *, *| *\} *\n")


def read_edges(files: Sequence[Path], weight: str | None) -> Generator[Edges]:
    """All edges of a collection; `weight` is the attribute to read, if any.

    Raises:
        DataError: naming the file, and the line where there is one.
    """
    for file in files:
        if has_removals(file):
            yield from (_from_documents(batch, weight) for batch in read_documents([file]))
            continue
        for first_line, block in blocks(file):
            edges = read_uniform(block, weight)
            yield edges or _from_documents(decode_block(file, first_line, block), weight)


def _from_documents(batch: Batch, weight: str | None) -> Edges:
    sources, targets = text_attribute(batch, "_from"), text_attribute(batch, "_to")
    weights = [document.get(weight) for document in batch.documents] if weight else []
    keys = [key if type(key := document.get("_key")) is str else "" for document in batch.documents]
    return Edges(Texts.of(sources), Texts.of(targets), weights, Texts.of(keys))


def read_uniform(block: bytes, weight: str | None) -> Edges | None:
    """The edges of a block whose lines differ in their values only, else None."""
    if len(block) > parsed.UNCOUNTED_BYTES:  # a line of many quotes would take ten times its size
        return None
    if not block.endswith(b"\n"):
        block += b"\n"
    line = _line_template(block[: block.index(b"\n") + 1])
    if line is None or not {"_from", "_to"} <= line.texts.keys():
        return None
    records = match(block, line.template)
    if records is None:
        return None
    weights: list[Any] = []
    for name, number in line.scalars.items():
        values = records.scalars(number)
        if values is None:
            return None
        if name == weight:
            weights = values
    if weight in line.texts:
        return None  # a text is no weight; whoever reads the documents has a sentence for it
    if weight and weight not in line.scalars:
        weights = [None] * len(records)
    sources, targets = (records.texts(line.texts[name]) for name in ("_from", "_to"))
    return Edges(sources, targets, weights, records.texts(line.texts["_key"]) if "_key" in line.texts else None)


@dataclass(frozen=True)
class _Line:
    """The template of a line, and the segments that hold the values of attributes."""

    template: Template
    texts: dict[str, int]
    scalars: dict[str, int]


def _line_template(line: bytes) -> _Line | None:
    """The template of a line, None unless it is an object without an array or another object in it."""
    lead, *pieces = line.split(b'"')
    if not _LEAD.fullmatch(lead) or len(pieces) % 2 or not line.endswith(b"\n"):
        return None
    segments: list[Segment] = []
    texts: dict[str, int] = {}
    scalars: dict[str, int] = {}
    name = ""
    for start in range(0, len(pieces), 2):
        text, after = pieces[start : start + 2]
        is_last = start == len(pieces) - 2
        if after.endswith(b"\n") != is_last:
            return None
        closing = lead if is_last else b""
        if name:
            if not _AFTER_VALUE.fullmatch(after):
                return None
            texts[name] = len(segments)
            segments += [Segment("text"), Segment("fixed", after + closing)]
            name = ""
            continue
        value = _AFTER_NAME.fullmatch(after)
        name = text.decode(errors="replace")
        if value is None or not name or name in texts or name in scalars:
            return None
        segments.append(Segment("fixed", text))
        if value["scalar"] is None:
            segments.append(Segment("fixed", after))
        else:
            scalars[name] = len(segments)
            segments.append(Segment("scalar", value["colon"], value["rest"] + closing))
            name = ""
    return None if name else _Line(Template(lead, segments), texts, scalars)
