"""Records of one template, which differ in their texts and numbers only, parsed in whole arrays.

The edges of a collection are written by one program, so nearly all have the same attributes in the same
order. The positions of the quotes then give those of every text. Nothing is taken for granted: each byte of a
block is compared with the template, and a block that differs anywhere is left to a JSON parser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import orjson
from numpy.typing import NDArray

from trainer.graph.building.texts import WORD, Texts

_QUOTE = ord('"')
_FIRST_PRINTABLE = 0x20
_SCALARS = {int, float, bool, type(None)}


@dataclass(frozen=True)
class Segment:
    """What is between two consecutive quotes of a record.

    Attributes:
        content: `fixed` bytes, any `text`, or a `scalar`: a number, true, false or null.
        before: the bytes before the scalar, or the fixed bytes.
        after: the bytes after the scalar.
    """

    content: Literal["fixed", "text", "scalar"]
    before: bytes = b""
    after: bytes = b""


@dataclass(frozen=True)
class _Piece:
    """Fixed bytes between two values: from `shift` after the quote number `quote` up to `more` after that of `end`."""

    content: bytes
    quote: int
    shift: int
    end: int
    more: int


class Template:
    """A record from its first quote to the first quote of the next one."""

    def __init__(self, lead: bytes, segments: Sequence[Segment]) -> None:
        """Describe a record.

        Args:
            lead: the bytes before the first quote of the first record.
            segments: what is between the quotes of a record; the last one ends with the lead of the next record.
        """
        self.lead = lead
        self.segments = segments
        self.line_ends = sum(segment.before.count(b"\n") + segment.after.count(b"\n") for segment in segments)
        self.pieces: list[_Piece] = []
        content, quote, shift = b"", 0, 1
        for number, segment in enumerate(segments):
            if segment.content == "text":
                self.pieces.append(_Piece(content, quote, shift, number, 1))
                content, quote, shift = b'"', number + 1, 0
            elif segment.content == "scalar":
                self.pieces.append(_Piece(content + segment.before, quote, shift, number, 1 + len(segment.before)))
                content, quote, shift = segment.after + b'"', number + 1, -len(segment.after)
            else:
                content += segment.before + b'"'
        # The last record has no quote after it.
        self.pieces.append(_Piece(content[:-1], quote, shift, len(segments), 0))


class UniformRecords:
    """The records of a block, all of one template."""

    def __init__(self, text: bytes, template: Template, quotes: NDArray[np.int64]) -> None:
        """Use `match`, which makes sure of the template."""
        self._text = text
        self._template = template
        self._words: NDArray[np.uint64] = np.ndarray((len(text) + 1,), np.uint64, text + bytes(WORD), 0, (1,))
        num_quotes = len(template.segments)
        self._num_records = len(quotes) // num_quotes
        # The first quote of the next record ends a record.
        self._quotes = [*quotes.reshape(-1, num_quotes).T, np.append(quotes[num_quotes::num_quotes], len(text))]

    def __len__(self) -> int:
        """Number of records."""
        return self._num_records

    def texts(self, number: int) -> Texts:
        """The texts of a segment."""
        starts = self._quotes[number] + 1
        return Texts(self._text, starts, self._quotes[number + 1] - starts)

    def scalars(self, number: int) -> list[Any] | None:
        """The values of a segment, None where one is anything but a single scalar."""
        segment = self._template.segments[number]
        starts = self._quotes[number] + 1 + len(segment.before)
        # One byte more, which becomes the comma.
        lengths = self._quotes[number + 1] - len(segment.after) - starts + 1
        ends = np.cumsum(lengths)
        positions = np.repeat(starts - (ends - lengths), lengths)
        positions += np.arange(len(positions))
        joined = np.frombuffer(self._text, dtype=np.uint8)[positions]
        joined[ends[:-1] - 1] = ord(",")
        try:
            values: list[Any] = orjson.loads(b"[" + joined[:-1].tobytes() + b"]")
        except orjson.JSONDecodeError:
            return None
        # As many as records and none of them an array or object: then each record holds exactly one.
        return values if len(values) == len(self) and set(map(type, values)) <= _SCALARS else None

    def fit_template(self) -> bool:
        """Whether every record has the fixed bytes of the template, each where it belongs, and room for the scalars."""
        for piece in self._template.pieces:
            starts = self._quotes[piece.quote] + piece.shift
            ends = self._quotes[piece.end] + piece.more
            if not (ends - starts == len(piece.content)).all() or not self._contain(starts, piece.content):
                return False
        for number, segment in enumerate(self._template.segments):
            length = 1 + len(segment.before) + len(segment.after)
            if segment.content == "scalar" and not (self._quotes[number + 1] - self._quotes[number] > length).all():
                return False
        return True

    def _contain(self, starts: NDArray[np.int64], expected: bytes) -> bool:
        """Whether these bytes begin at each of these positions."""
        for offset in range(0, len(expected), WORD):
            # A word is read only where all before it was right, so that none lies beyond the end; the last one
            # goes back to where it is full, so that only short texts need a mask.
            first = max(0, min(offset, len(expected) - WORD))
            part = expected[first : first + WORD]
            words = self._words[starts + first]
            if len(part) < WORD:
                words &= np.uint64((1 << 8 * len(part)) - 1)
            if not (words == np.frombuffer(part.ljust(WORD, b"\0"), dtype=np.uint64)).all():
                return False
        return True


def match(block: bytes, template: Template) -> UniformRecords | None:
    """The records of a block that consists of nothing but records of this template, else None.

    Only `scalars` finds out whether the scalars are such.
    """
    if b"\\" in block or not block.startswith(template.lead) or not _is_utf8(block):
        return None
    text = block[len(template.lead) :] + template.lead
    content = np.frombuffer(text, dtype=np.uint8)
    quotes = np.flatnonzero(content == _QUOTE)
    num_records, surplus = divmod(len(quotes), len(template.segments))
    if surplus or not num_records or quotes[0] != 0:
        return None
    if np.count_nonzero(content < _FIRST_PRINTABLE) != num_records * template.line_ends:
        return None
    records = UniformRecords(text, template, quotes)
    return records if records.fit_template() else None


def _is_utf8(block: bytes) -> bool:
    try:
        if not block.isascii():
            block.decode()
    except UnicodeDecodeError:
        return False
    return True
