"""Files for `torch.load` that would take much more memory than they have bytes."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import torch

from trainer.training.archive import SwollenError, load_archive

MIB = 2**20


def written(content: Any, **options: Any) -> bytes:
    """A file of torch."""
    buffer = io.BytesIO()
    torch.save(content, buffer, **options)
    return buffer.getvalue()


def repacked(content: bytes, change: dict[str, bytes] | None = None, packing: int = zipfile.ZIP_STORED) -> bytes:
    """The same archive with other parts, or compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w", packing) as target:
        for part in source.infolist():
            target.writestr(part.filename, (change or {}).get(part.filename.rpartition("/")[2], source.read(part)))
    return buffer.getvalue()


def layers(depth: int) -> list[Any]:
    """Lists of the same list, twice at each depth."""
    inner: list[Any] = [0]
    for _ in range(depth):
        inner = [inner, inner]
    return inner


def test_an_honest_file_is_read() -> None:
    """Weights that are the best ones too are stored once, and views of one storage are views."""
    weights = {f"w{n}": torch.arange(1000.0) + n for n in range(20)}
    state = {"model": weights, "best": weights, "view": weights["w0"][::2], "history": [{"loss": 0.5}] * 1000}
    read = load_archive(written(state))
    assert torch.equal(read["best"]["w3"], weights["w3"])
    assert load_archive(written({})) == {}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (repacked(written({"w": torch.zeros(MIB)}), packing=zipfile.ZIP_DEFLATED), "its parts are compressed"),
        (written({"w": torch.ones(1).expand(64 * MIB)}), "its values are repeated without end"),
        (written([torch.ones(1).expand(200)] * 100_000), "its values are repeated without end"),
        (written(torch.empty(10**12, device="meta")), "not stored value by value"),
        (written(torch.ones(3).to_sparse()), "not stored value by value"),
        (written(layers(40)), "its values are repeated without end"),
        (written(["x" * 10_000] * 100_000), "its values are repeated without end"),
    ],
    ids=["compressed", "expanded", "expanded often", "meta", "sparse", "layers", "texts"],
)
def test_a_file_that_swells_is_refused(content: bytes, why: str) -> None:
    """Before the memory is taken."""
    assert len(content) < 2 * MIB
    with pytest.raises(SwollenError, match=why):
        load_archive(content)


def test_parts_that_say_more_than_they_hold() -> None:
    """The sizes in the directory of an archive are anybody's word."""
    content = bytearray(repacked(written({"w": torch.zeros(100)})))
    entry = content.rfind(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (2**31).to_bytes(4, "little")
    with pytest.raises(SwollenError, match="longer than the file"):
        load_archive(bytes(content))


@pytest.mark.parametrize("content", [b"", b"PK", written({"w": torch.zeros(3)}, _use_new_zipfile_serialization=False)])
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    """The older format names the size of each tensor before its bytes."""
    with pytest.raises(zipfile.BadZipFile):
        load_archive(content)


def test_a_tensor_that_is_larger_than_its_part() -> None:
    """Torch would read beyond the end."""
    original = written({"w": torch.zeros(4)})
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("data.pkl")]
        pickled = archive.read(name)
    more = pickled.replace(b"K\x04t", b"J\x00\x00\x00\x10t").replace(b"K\x04\x85", b"J\x00\x00\x00\x10\x85")
    assert more != pickled
    with pytest.raises((RuntimeError, SwollenError)):
        load_archive(repacked(original, {"data.pkl": more}))
