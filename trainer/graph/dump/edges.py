"""The edges of a dump: of each line only the two ends, and the weight when one is wanted."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.graph.dump.files import Batch, blocks, decode_block, has_removals, read_documents, text_attribute
from trainer.graph.edges import Edges
from trainer.graph.texts import Texts
from trainer.graph.uniform_block import Segment, Shape, match

_LEAD = re.compile(rb"\{ *")
_AFTER_NAME = re.compile(rb'(?P<colon> *: *)(?:(?P<scalar>[^\s"{}\[\],:]+)(?P<rest> *, *| *\} *\n))?')
_AFTER_VALUE = re.compile(rb" *, *| *\} *\n")


def read_edges(files: Sequence[Path], weight: str | None) -> Generator[Edges]:
    """All edges of a collection; `weight` names their attribute to read.

    Raises:
        DataError: naming the file, and the line where there is one.
    """
    for file in files:
        if has_removals(file):
            yield from (_from_documents(batch, weight) for batch in read_documents([file]))
            continue
        for first_line, block in blocks(file):
            edges = read_alike(block, weight)
            yield edges or _from_documents(decode_block(file, first_line, block), weight)


def _from_documents(batch: Batch, weight: str | None) -> Edges:
    sources, targets = text_attribute(batch, "_from"), text_attribute(batch, "_to")
    weights = [document.get(weight) for document in batch.documents] if weight else []
    return Edges(Texts.of(sources), Texts.of(targets), weights)


def read_alike(block: bytes, weight: str | None) -> Edges | None:
    """The edges of a block whose lines differ in their values only, else None."""
    if not block.endswith(b"\n"):
        block += b"\n"
    line = _line_shape(block[: block.index(b"\n") + 1])
    if line is None or not {"_from", "_to"} <= line.texts.keys():
        return None
    found = match(block, line.shape)
    if found is None:
        return None
    weights: list[Any] = []
    for name, gap in line.scalars.items():
        values = found.scalars(gap)
        if values is None:
            return None
        if name == weight:
            weights = values
    if weight in line.texts:
        return None  # whoever reads the documents has a sentence for it
    if weight and weight not in line.scalars:
        weights = [None] * len(found)
    return Edges(found.texts(line.texts["_from"]), found.texts(line.texts["_to"]), weights)


@dataclass(frozen=True)
class _Line:
    """The shape of a line, and the gaps where the values of attributes stand."""

    shape: Shape
    texts: dict[str, int]
    scalars: dict[str, int]


def _line_shape(line: bytes) -> _Line | None:
    """The shape of a line, None unless it is an object without an array or another object in it."""
    lead, *pieces = line.split(b'"')
    if not _LEAD.fullmatch(lead) or len(pieces) % 2 or not line.endswith(b"\n"):
        return None
    gaps: list[Segment] = []
    texts: dict[str, int] = {}
    scalars: dict[str, int] = {}
    name = ""
    for place in range(0, len(pieces), 2):
        text, segment = pieces[place : place + 2]
        ends = place == len(pieces) - 2
        if segment.endswith(b"\n") != ends:
            return None
        closing = lead if ends else b""
        if name:
            if not _AFTER_VALUE.fullmatch(segment):
                return None
            texts[name] = len(gaps)
            gaps += [Segment("text"), Segment("fixed", segment + closing)]
            name = ""
            continue
        found = _AFTER_NAME.fullmatch(segment)
        name = text.decode(errors="replace")
        if found is None or not name or name in texts or name in scalars:
            return None
        gaps.append(Segment("fixed", text))
        if found["scalar"] is None:
            gaps.append(Segment("fixed", segment))
        else:
            scalars[name] = len(gaps)
            gaps.append(Segment("scalar", found["colon"], found["rest"] + closing))
            name = ""
    return None if name else _Line(Shape(lead, gaps), texts, scalars)
