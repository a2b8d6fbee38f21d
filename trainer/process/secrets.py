r"""The secrets of this process, and how they are kept out of what it says.

Our own sentences never hold one. Those of servers and libraries may: a gateway quotes the request that it refuses, a
library the address that it could not reach. So each text is looked through once more on its way out, for the secret as it
is, percent-encoded, with the escapes of JSON, HTML or Python, in Base64 as HTTP sends it, and broken over lines.
"""

from __future__ import annotations

import base64
import html
import re
import sys
from collections.abc import Callable, Iterable, Iterator

MASK = "***"
_SHORTEST = 4
"""Characters: a shorter one would be found in ordinary words, and guessed by anybody."""
_MOST_LAYERS = 4
"""Encodings around each other; a text may be quoted several times."""
_BLANKS = re.compile(r"(?:\s|\+|\\+[rnt])+")
_ENCODED = re.compile(
    r"(?P<bytes>(?:%[0-9a-fA-F]{2})+)|(?P<units>(?:\\+u[0-9a-fA-F]{4})+)|\\+(?:x(?P<byte>[0-9a-fA-F]{2})|U(?P<wide>[0-9a-fA-F]{8}))"
    r"|\\+(?P<char>[\"'/\\])|(?P<entity>&(?:\w{1,10}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)"
)

_Spans = list[tuple[int, int]]


class Secrets:
    """Some secrets, as they are looked for in texts."""

    def __init__(self, values: Iterable[str] = (), users: Iterable[str] = ()) -> None:
        """Look for these values; the names of users stand before them where HTTP sends both in Base64."""
        names = [*users]
        needles = {form for value in values for spelled in _spellings(value, names) for form, _ in _layers(spelled)}
        self._needles = [needle for needle in needles if len(needle) >= _SHORTEST]

    def hidden(self, text: str) -> str:
        """The text with a mask in place of each secret."""
        if not self._needles:
            return text
        hits = [hit for plain, spans in _layers(text) for hit in self._hits(plain, spans)]
        end, parts = 0, []
        for first, last in sorted(hits):
            if first >= end:
                parts += [text[end:first], MASK]
            end = max(end, last)
        return "".join([*parts, text[end:]])

    def _hits(self, plain: str, spans: _Spans) -> Iterator[tuple[int, int]]:
        for needle in self._needles:
            start = plain.find(needle)
            while start >= 0:
                yield spans[start][0], spans[start + len(needle) - 1][1]
                start = plain.find(needle, start + 1)


_of_process = Secrets()


def keep_secret(values: Iterable[str], users: Iterable[str] = ()) -> None:
    """Hide these values from now on, in place of earlier ones: as of the log, there is one list in a process."""
    global _of_process
    _of_process = Secrets(values, users)


def hidden(text: str) -> str:
    """The text with a mask in place of each secret of this process."""
    return _of_process.hidden(text)


def _spellings(value: str, users: Iterable[str]) -> Iterator[str]:
    yield value
    for sent in (value, *(f"{user}:{value}" for user in users)):
        for encoding in ("utf-8", "latin-1"):  # libraries differ in how they send what is not ASCII
            content = sent.encode(encoding, "replace")
            yield base64.b64encode(content).decode().rstrip("=")
            yield base64.urlsafe_b64encode(content).decode().rstrip("=")


def _layers(text: str) -> Iterator[tuple[str, _Spans]]:
    """The text as it is, without blanks, and decoded as often as it can be; each character with its place in the text."""
    plain, spans = text, [(index, index + 1) for index in range(len(text))]
    yield plain, spans
    plain, spans = _replaced(_BLANKS, lambda found: "", plain, spans)
    yield plain, spans
    for _ in range(_MOST_LAYERS):
        decoded, spans = _replaced(_ENCODED, _decoded, plain, spans)
        if decoded == plain:
            return
        plain, spans = _replaced(_BLANKS, lambda found: "", decoded, spans)
        yield plain, spans


def _replaced(
    pattern: re.Pattern[str], new: Callable[[re.Match[str]], str], text: str, spans: _Spans
) -> tuple[str, _Spans]:
    parts, places, end = [], [], 0
    for found in pattern.finditer(text):
        inserted = new(found)
        parts += [text[end : found.start()], inserted]
        places += spans[end : found.start()]
        places += [(spans[found.start()][0], spans[found.end() - 1][1])] * len(inserted)
        end = found.end()
    return "".join([*parts, text[end:]]), places + spans[end:]


def _decoded(found: re.Match[str]) -> str:
    text = found[0]
    if found["bytes"]:
        return bytes.fromhex(text.replace("%", "")).decode(errors="replace")
    if found["units"]:
        return bytes.fromhex(re.sub(r"\\+u", "", text)).decode("utf-16-be", "surrogatepass")
    if code := found["byte"] or found["wide"]:
        return chr(min(int(code, 16), sys.maxunicode))
    return found["char"] or html.unescape(text)
