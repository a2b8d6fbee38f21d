"""Dumps that nobody honest writes: each is refused with one sentence that names the bound, and nothing waits."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.graph.reading import as_json, load
from trainer.bounds import dump, graph, parsed
from trainer.errors import DataError
from trainer.graph.building import vertex_builder

MIB = 2**20


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds as they are, a hundred times smaller."""
    monkeypatch.setattr(dump, "LONGEST_LINE_BYTES", 2 * MIB)
    monkeypatch.setattr(parsed, "UNCOUNTED_BYTES", MIB // 2)
    monkeypatch.setattr(parsed, "MOST_PARSED_BYTES", 8 * MIB)
    monkeypatch.setattr(graph, "MOST_ATTRIBUTES", 500)


def file_of(folder: Path, pattern: str) -> Path:
    """The only file of the folder that matches."""
    (found,) = folder.glob(pattern)
    return found


def pack(path: Path, pieces: Iterator[bytes]) -> None:
    """Write a compressed file in the place of a plain one."""
    with gzip.open(f"{path}.gz", "wb") as packed:
        for piece in pieces:
            packed.write(piece)
    path.unlink()


def add(folder: Path, pattern: str, *lines: bytes) -> None:
    """Write further lines."""
    with file_of(folder, pattern).open("ab") as file:
        file.write(b"".join(line + b"\n" for line in lines))


def refusal(folder: Path) -> str:
    """Why a folder is not read."""
    with pytest.raises(DataError) as raised:
        load(folder)
    assert len(str(raised.value)) < 1000
    return str(raised.value)


VERTICES, EDGES = "v_*.data.json", "e_*.data.json"


@pytest.mark.parametrize("pattern", [VERTICES, EDGES, "_graphs_*.data.json", "v_*.structure.json"])
@pytest.mark.parametrize(
    ("make", "kind"), [(os.mkfifo, "a FIFO"), (lambda path: path.symlink_to("/dev/zero"), "a device")]
)
def test_a_file_that_never_ends(small_dump: Path, pattern: str, make: Callable[[Path], object], kind: str) -> None:
    """Wherever it is."""
    path = file_of(small_dump, pattern)
    path.unlink()
    make(path)
    assert f"{path} cannot be read (it is {kind}, and no regular file)" in refusal(small_dump)


def test_a_fifo_in_the_place_of_a_packed_file(small_dump: Path) -> None:
    """Nothing waits for who unpacks it either."""
    path = file_of(small_dump, VERTICES)
    path.unlink()
    os.mkfifo(f"{path}.gz")
    assert "it is a FIFO" in refusal(small_dump)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    "line", [b'{"_key":"z","t":"' + b"x" * 4 * MIB + b'"}\n', b" " * 4 * MIB], ids=["text", "blanks"]
)
def test_a_line_without_end(small_dump: Path, line: bytes, packed: bool) -> None:
    """The line is named, and the bound."""
    path = file_of(small_dump, VERTICES)
    before = path.read_bytes()
    if packed:
        pack(path, iter([before, line]))
    else:
        path.write_bytes(before + line)
    number = len(before.splitlines()) + 1
    assert f"line {number}, is longer than 2 MiB, which no document is" in refusal(small_dump)


def test_long_lines_below_the_bound_are_read(small_dump: Path) -> None:
    """Also where they reach over several pieces of a file."""
    texts = [b"x" * size for size in (MIB - 30, MIB, MIB + 1, 2 * MIB - 100)]
    add(small_dump, VERTICES, *(b'{"_key":"z%d","t":"%b"}' % (n, text) for n, text in enumerate(texts)))
    assert {b"z0", b"z1", b"z2", b"z3"} <= {*load(small_dump).vertices["v"].keys.tolist()}


def test_blank_lines_without_number_are_passed_over(small_dump: Path) -> None:
    """A packed file of them costs the time to unpack it."""
    expected = load(small_dump)
    path = file_of(small_dump, VERTICES)
    pack(path, iter([path.read_bytes(), b"\n" * 9 * MIB]))
    assert load(small_dump).num_vertices == expected.num_vertices


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (VERTICES, b'{"_key":"z","t":[' + b'{"":0},' * 100_000 + b"0]}"),
        (VERTICES, b'{"_key":"z","t":' + b"[" * 500_000 + b"]" * 500_000 + b"}"),
        (EDGES, b'{"_key":"z",' + b'"":"",' * 150_000 + b'"_from":"v/k01","_to":"v/k02"}'),
    ],
    ids=["objects", "deep", "edge"],
)
def test_a_line_that_takes_much_more_than_its_length(small_dump: Path, pattern: str, line: bytes) -> None:
    """Small objects take 34 times as much when they are parsed."""
    add(small_dump, pattern, line)
    assert "values that would take more than 8 MiB of memory" in refusal(small_dump)


def test_a_long_vector_is_none(small_dump: Path) -> None:
    """Numbers are what an honest long line is made of."""
    add(small_dump, VERTICES, b'{"_key":"z","t":[' + b"-0.12345678901234," * 60_000 + b"0]}")
    assert b"z" in load(small_dump).vertices["v"].keys.tolist()


def test_attributes_without_number(small_dump: Path) -> None:
    """Names that are data."""
    for start in range(0, 1000, 100):
        names = b",".join(b'"n%d":1' % n for n in range(start, start + 100))
        add(small_dump, VERTICES, b'{"_key":"z%d",%b}' % (start, names))
    assert "more than 500 different attributes" in refusal(small_dump)


def test_attributes_without_values(small_dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table has a cell for each attribute of each vertex: those that are empty are not to take the memory."""
    monkeypatch.setattr(graph, "MOST_UNSEEN_CELLS", 10_000)
    add(small_dump, VERTICES, *(b'{"_key":"z%d","n%d":1}' % (row, row) for row in range(400)))
    assert "fewer than one in 64 of them has a value; name those to learn from in FEATURES" in refusal(small_dump)


def test_attributes_with_few_values(small_dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vertex that has one of sixty attributes is read, however many there are; in parts as at once."""
    add(small_dump, VERTICES, *(b'{"_key":"z%d","n%d":%d}' % (row, row % 50, row) for row in range(1000)))
    whole = load(small_dump).vertices["v"].columns
    monkeypatch.setattr(graph, "MOST_UNSEEN_CELLS", 10_000)
    monkeypatch.setattr(vertex_builder, "MOST_CELLS_AT_ONCE", 300)
    parts = load(small_dump).vertices["v"].columns
    assert sum(name.startswith("n") for name in parts) == 50
    assert {name: as_json(column) for name, column in parts.items()} == {
        name: as_json(column) for name, column in whole.items()
    }


@pytest.mark.parametrize(("pattern", "rest"), [(VERTICES, b""), (EDGES, b',"_from":"v/k01","_to":"v/k02"')])
def test_a_long_key(small_dump: Path, pattern: str, rest: bytes) -> None:
    """All keys of a table would take its width."""
    add(small_dump, pattern, b'{"_key":"' + b"k" * 255 + b'"' + rest + b"}")
    assert "has 255 bytes, and ArangoDB allows 254" in refusal(small_dump)


@pytest.mark.parametrize("number", [b"1e999", b"9" * 100_000])
def test_a_number_that_no_double_holds(small_dump: Path, number: bytes) -> None:
    """JSON has no infinity."""
    add(small_dump, VERTICES, b'{"_key":"z","a":' + number + b"}")
    assert "is not JSON (number is infinity" in refusal(small_dump)


@pytest.mark.parametrize("digits", [310, 4301, 100_000])
def test_a_text_of_very_many_digits_is_a_word(small_dump: Path, digits: int) -> None:
    """Python refuses to read more than 4300."""
    add(small_dump, VERTICES, b'{"_key":"z","a":"' + b"9" * digits + b'"}')
    column = load(small_dump).vertices["v"].columns["a"]
    assert "9" * digits in column.words


@pytest.mark.parametrize("content", [bytes(3 * MIB), b'{"parameters":{"x":[' + b'{"":0},' * 100_000 + b"0]}}"])
def test_a_description_that_describes_too_much(
    small_dump: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A structure file has a few kilobytes."""
    monkeypatch.setattr(dump, "LONGEST_DESCRIPTION_BYTES", 2 * MIB)
    file_of(small_dump, "v_*.structure.json").write_bytes(content)
    assert "longer than the 2 MiB" in (said := refusal(small_dump)) or "far more than the description" in said


def test_a_data_file_that_grows(small_dump: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dump that is still being written is not half a graph."""
    path = file_of(small_dump, VERTICES)
    read = os.fstat

    def grow(descriptor: int) -> os.stat_result:
        status = read(descriptor)
        if os.path.samestat(status, path.stat()):
            add(small_dump, VERTICES, b'{"_key":"later"}')
        return status

    monkeypatch.setattr(os, "fstat", grow)
    assert "it grew while it was read" in refusal(small_dump)
