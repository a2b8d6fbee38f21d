"""Uniform lines of edges are read without a parser, and mean what the parser says."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trainer.errors import DataError
from trainer.graph.building.texts import Texts
from trainer.graph.dump.documents import read_documents, text_attribute
from trainer.graph.dump.edges import read_edges, read_uniform

Read = list[tuple[str, str, Any]] | str


def listed(texts: Texts) -> list[str]:
    """The texts as Python objects."""
    ends = texts.starts + texts.lengths
    return [texts.buffer[start:end].decode() for start, end in zip(texts.starts, ends, strict=True)]


def read(content: bytes, weight: str | None) -> Read:
    """The edges of a file, or why it cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "e.data.json"
        file.write_bytes(content)
        edges = []
        try:
            for part in read_edges([file], weight):
                weights = part.weights if weight else [None] * len(part.sources)
                edges += list(zip(listed(part.sources), listed(part.targets), weights, strict=True))
        except DataError as error:
            return str(error).replace(folder, "")
        return edges


def expected(content: bytes, weight: str | None) -> Read:
    """What the JSON parser makes of the same file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "e.data.json"
        file.write_bytes(content)
        edges = []
        try:
            for batch in read_documents([file]):
                sources, targets = text_attribute(batch, "_from"), text_attribute(batch, "_to")
                weights = [document.get(weight) if weight else None for document in batch.documents]
                edges += list(zip(sources, targets, weights, strict=True))
        except DataError as error:
            return str(error).replace(folder, "")
        return edges


def same(one: Read, other: Read) -> bool:
    """Whether two readings are equal, a whole number being something else than a double or a boolean."""
    return repr(one) == repr(other)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "_key": st.text("0k:", min_size=1, max_size=3),
    "_from": st.sampled_from(["v/a", "v/bb", "v/ключ", "w/" + "x" * 40]),
    "_to": st.sampled_from(["v/a", "v/bb", "", "w/é"]),
    "note": st.sampled_from(["", "plain", "_from", "{", "}{", "_to:v/x,", "[1]", "юникод"]),
    "w": st.integers(-3, 10**19) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none(),
    "lag": st.integers(-12, 12),
}
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : "), (",  ", ":"), (",", ":" + 12 * " ")])


@st.composite
def uniform_lines(draw: st.DrawFn) -> bytes:
    """Lines with the same attributes in the same order."""
    names = draw(st.permutations(["_from", "_to", *draw(st.sets(st.sampled_from(["_key", "note", "w", "lag"])))]))
    separators = draw(SEPARATORS)
    rows = draw(st.lists(st.tuples(*(VALUES[name] for name in names)), min_size=1, max_size=4))
    documents = [dict(zip(names, row, strict=True)) for row in rows]
    lines = [json.dumps(document, ensure_ascii=False, separators=separators) + "\n" for document in documents]
    return "".join(lines).encode()


BYTES = st.sampled_from([bytes([byte]) for byte in b'{}[]":,\\ \n\r\t01.eE-+ntf_a/\x00\x1f\x7f\xff\xc3'])
PIECES = BYTES | st.sampled_from(
    [b'"_from":"v/x",', b"null", b",,", b"{}", b'""', b"1,2", b"\n\n", b"}\n{", b"[1", b"2]"]
)


@given(content=uniform_lines(), weight=st.sampled_from([None, "w", "note", "absent"]))
def test_uniform_lines_mean_what_the_parser_says(content: bytes, weight: str | None) -> None:
    """Order of attributes, blanks around separators and kinds of values change nothing."""
    assert same(read(content, weight), expected(content, weight))
    assert weight == "note" or read_uniform(content, weight) is not None, "the fast way does not know the common form"


@settings(max_examples=400, deadline=None)
@given(content=uniform_lines(), data=st.data(), weight=st.sampled_from([None, "w"]))
def test_any_damage_is_seen_as_the_parser_sees_it(content: bytes, data: st.DataObject, weight: str | None) -> None:
    """With bytes put in, taken out or replaced the file has the same edges or the same sentence, line number included."""
    for _ in range(data.draw(st.integers(1, 2))):
        start = data.draw(st.integers(0, len(content)))
        end = start + data.draw(st.integers(0, 2))
        content = content[:start] + data.draw(PIECES | st.just(b"")) + content[end:]
    assert same(read(content, weight), expected(content, weight))


FIRST = b'{"_from":"v/a","_to":"v/b","w":1}\n'


@pytest.mark.parametrize(
    "line",
    [
        b'{"_from":"v/\\u0061","_to":"v/b\\n","w":1}',
        b'{"_to":"v/b","_from":"v/a","w":1}',
        b'{ "_from" : "v/a" , "_to" : "v/b" , "w" : 1 }',
        b'{"_from":"v/a","_to":"v/b","w":1,"note":"\\"_from\\":\\"x/y\\""}',
        b'{"inner":{"_from":"x/y","_to":"x/y"},"_from":"v/a","_to":"v/b","w":1}',
        b'{"_from":"v/a","_to":"v/b","w":1,"list":["_from","x/y"]}',
        b'{"_from":"x/y","_from":"v/a","_to":"v/b","w":1}',
        b'{"type":2300,"data":{"_from":"v/a","_to":"v/b","w":1}}',
        b'{"data":{"_from":"v/a","_to":"v/b","w":1},"type":2300}',
        b'{"_from":"v/a","_to":"v/b","w":0.5e-3}',
        b'{"_from":"v/a","_to":"v/b","w":[1]}',
        b'{"_from":"v/a","_to":"v/b","w":"1"}',
        b'{"_from":"v/a","_to":"v/b","w":01}',
        b'{"_from":"v/a","_to":"v/b","w":1x}',
        b'{"_from":"v/a","_to":"v/b","w":1,2}',
        b'{"_from":"v/a","_to":"v/b","w":}',
        b'{"_from":"v/a","_to":"v/b","w":1]',
        b'{"_from":"v/\xff","_to":"v/b","w":1}',
        b'{"_from":"v/\t","_to":"v/b","w":1}',
        b'{"_from":1,"_to":"v/b","w":1}',
        b'{"_to":"v/b","w":1}',
        b'{"_from":"v/a","_to":"v/b","w":            1}\n{"_from":"v/a","_to":"v/b","w"',
        b"{}",
        b"[]",
        b"",
    ],
)
@pytest.mark.parametrize("position", ["first", "last", "alone"])
def test_odd_lines(line: bytes, position: str) -> None:
    """Odd lines, before and after common ones, are what the parser says, in edges as in sentences."""
    content = {"first": line + b"\n" + FIRST, "last": FIRST * 2 + line + b"\n", "alone": line}[position]
    assert same(read(content, "w"), expected(content, "w"))


SCALARS = st.sampled_from(["1", "-0.5", "null", "true", "1,2", "[1", "2]", "", " ", "{}", "01", "1 2", "NaN", "1e5"])


@given(values=st.lists(SCALARS, min_size=2, max_size=4))
@example(values=["[1", "2]", "3,4"])
@example(values=["1", "1,2", ""])
def test_values_that_only_together_are_json(values: list[str]) -> None:
    """Broken values do not make up for one another."""
    content = "".join(f'{{"_from":"v/a","_to":"v/b","w":{value}}}\n' for value in values).encode()
    assert same(read(content, "w"), expected(content, "w"))
