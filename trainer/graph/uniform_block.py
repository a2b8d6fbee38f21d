"""Records that are alike but for their texts and numbers, taken apart in whole arrays.

The edges of a collection are written by one program, so nearly all have the same attributes in the same
order. Where the quotes stand then says where every text is. Nothing is taken for granted: each byte of a
block is held to the shape of its first record, and a block that differs anywhere is left to a JSON parser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import orjson
from numpy.typing import NDArray

from trainer.graph.texts import WORD, Texts

_QUOTE = ord('"')
_FIRST_PRINTABLE = 0x20
_SCALARS = {int, float, bool, type(None)}


@dataclass(frozen=True)
class Segment:
    """What stands between two quotes of a record that follow each other.

    Attributes:
        kind: `fixed` bytes, a `text` that may be any, or a `scalar`: a number, true, false or null.
        before: the bytes before the scalar, or the fixed bytes.
        after: the bytes after the scalar.
    """

    kind: Literal["fixed", "text", "scalar"]
    before: bytes = b""
    after: bytes = b""


@dataclass(frozen=True)
class _Piece:
    """Fixed bytes that stand between two values.

    Attributes:
        content: the bytes.
        quote: the quote that they are found by; they begin `shift` bytes from it.
        shift: see `quote`.
        end: the quote that they reach up to, that one and `more` bytes after it included.
        more: see `end`.
    """

    content: bytes
    quote: int
    shift: int
    end: int
    more: int


class Shape:
    """A record from its first quote to the first quote of the next one."""

    def __init__(self, lead: bytes, gaps: Sequence[Segment]) -> None:
        """Describe a record.

        Args:
            lead: what stands before the first quote of the first record.
            gaps: what stands between the quotes of a record; the last gap ends with the lead of the next record.
        """
        self.lead = lead
        self.gaps = gaps
        self.line_ends = sum(gap.before.count(b"\n") + gap.after.count(b"\n") for gap in gaps)
        self.pieces: list[_Piece] = []
        content, quote, shift = b"", 0, 1
        for place, gap in enumerate(gaps):
            if gap.kind == "text":
                self.pieces.append(_Piece(content, quote, shift, place, 1))
                content, quote, shift = b'"', place + 1, 0
            elif gap.kind == "scalar":
                self.pieces.append(_Piece(content + gap.before, quote, shift, place, 1 + len(gap.before)))
                content, quote, shift = gap.after + b'"', place + 1, -len(gap.after)
            else:
                content += gap.before + b'"'
        # The last record has no quote after it.
        self.pieces.append(_Piece(content[:-1], quote, shift, len(gaps), 0))


class UniformBlock:
    """The records of a block, all of one shape."""

    def __init__(self, text: bytes, shape: Shape, quotes: NDArray[np.int64]) -> None:
        """Use `match`, which makes sure of the shape."""
        self._text = text
        self._shape = shape
        self._words: NDArray[np.uint64] = np.ndarray((len(text) + 1,), np.uint64, text + bytes(WORD), 0, (1,))
        num_quotes = len(shape.gaps)
        self._num_records = len(quotes) // num_quotes
        # The first quote of the next record ends a record.
        self._quotes = [*quotes.reshape(-1, num_quotes).T, np.append(quotes[num_quotes::num_quotes], len(text))]

    def __len__(self) -> int:
        """Number of records."""
        return self._num_records

    def texts(self, gap: int) -> Texts:
        """The texts of a gap."""
        starts = self._quotes[gap] + 1
        return Texts(self._text, starts, self._quotes[gap + 1] - starts)

    def scalars(self, gap: int) -> list[Any] | None:
        """The values of a gap, None where one is something else than a single scalar."""
        before, after = len(self._shape.gaps[gap].before), len(self._shape.gaps[gap].after)
        starts = self._quotes[gap] + 1 + before
        # One byte more, which becomes the comma.
        lengths = self._quotes[gap + 1] - after - starts + 1
        ends = np.cumsum(lengths)
        places = np.repeat(starts - (ends - lengths), lengths)
        places += np.arange(len(places))
        joined = np.frombuffer(self._text, dtype=np.uint8)[places]
        joined[ends[:-1] - 1] = ord(",")
        try:
            values: list[Any] = orjson.loads(b"[" + joined[:-1].tobytes() + b"]")
        except orjson.JSONDecodeError:
            return None
        # As many as records and none of them an array or object: then each record holds exactly one.
        return values if len(values) == len(self) and set(map(type, values)) <= _SCALARS else None

    def is_all_alike(self) -> bool:
        """Whether every record has the fixed bytes of the shape, each in its place, and room for the scalars."""
        for piece in self._shape.pieces:
            starts = self._quotes[piece.quote] + piece.shift
            ends = self._quotes[piece.end] + piece.more
            if not (ends - starts == len(piece.content)).all() or not self._hold(starts, piece.content):
                return False
        for place, gap in enumerate(self._shape.gaps):
            length = 1 + len(gap.before) + len(gap.after)
            if gap.kind == "scalar" and not (self._quotes[place + 1] - self._quotes[place] > length).all():
                return False
        return True

    def _hold(self, starts: NDArray[np.int64], expected: bytes) -> bool:
        """Whether these bytes stand at all these places."""
        for offset in range(0, len(expected), WORD):
            # A word is looked at only where all before it was right, so that none lies beyond the end; the last
            # one goes back to where it is full, so that only short texts need a mask.
            first = max(0, min(offset, len(expected) - WORD))
            part = expected[first : first + WORD]
            words = self._words[starts + first]
            if len(part) < WORD:
                words &= np.uint64((1 << 8 * len(part)) - 1)
            if not (words == np.frombuffer(part.ljust(WORD, b"\0"), dtype=np.uint64)).all():
                return False
        return True


def match(block: bytes, shape: Shape) -> UniformBlock | None:
    """The records of a block that consists of nothing but records of this shape, else None.

    The scalars are only known to be such when `scalars` was asked for them.
    """
    if b"\\" in block or not block.startswith(shape.lead) or not _is_utf8(block):
        return None
    text = block[len(shape.lead) :] + shape.lead
    content = np.frombuffer(text, dtype=np.uint8)
    quotes = np.flatnonzero(content == _QUOTE)
    num_records, surplus = divmod(len(quotes), len(shape.gaps))
    if surplus or not num_records or quotes[0] != 0:
        return None
    if np.count_nonzero(content < _FIRST_PRINTABLE) != num_records * shape.line_ends:
        return None
    found = UniformBlock(text, shape, quotes)
    return found if found.is_all_alike() else None


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True
