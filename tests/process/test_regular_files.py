"""Files that are no files, or that never end: said at once, and nothing waits for them."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from trainer.process.regular_files import NotRegularError, TooLongError, open_regular, read_regular

MOST = 1000


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        before = Path.cwd()
        os.chdir(path.parent)  # the whole path may be longer than an address of a socket
        listener.bind(path.name)
        os.chdir(before)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (os.mkfifo, "a FIFO"),
        (_socket, "a socket"),
        (Path.mkdir, "a folder"),
        (lambda path: path.symlink_to("/dev/zero"), "a device"),
        (lambda path: path.symlink_to("/dev/full"), "a device"),
        (lambda path: path.symlink_to("/dev/tty"), "a device"),
    ],
    ids=["fifo", "socket", "folder", "zero", "full", "tty"],
)
def test_what_is_no_regular_file_is_named(tmp_path: Path, make: Callable[[Path], object], kind: str) -> None:
    """A FIFO without a writer would keep an ordinary `open` for ever, a device gives bytes for ever."""
    make(tmp_path / "x")
    with pytest.raises(NotRegularError) as raised:
        read_regular(tmp_path / "x", MOST)
    assert raised.value.strerror == f"it is {kind}, and no regular file"


def test_a_file_in_the_place_of_a_fifo_is_read(tmp_path: Path) -> None:
    """Links to regular files are what Kubernetes mounts."""
    (tmp_path / "x").write_bytes(b"content")
    (tmp_path / "link").symlink_to(tmp_path / "x")
    assert read_regular(tmp_path / "link", MOST) == b"content"


@pytest.mark.parametrize("surplus", [0, 1])
def test_a_longer_file_is_not_read(tmp_path: Path, surplus: int) -> None:
    """The sentence has the bound."""
    (tmp_path / "x").write_bytes(bytes(MOST + surplus))
    if not surplus:
        assert read_regular(tmp_path / "x", MOST) == bytes(MOST)
        return
    with pytest.raises(TooLongError, match="longer than the 1,000 bytes"):
        read_regular(tmp_path / "x", MOST)


@pytest.mark.parametrize(("size", "what"), [(300_001, "grew"), (299_999, "became shorter")])
def test_a_file_that_changes_its_length_while_it_is_read(tmp_path: Path, size: int, what: str) -> None:
    """Whoever appends for ever does not keep a run for ever."""
    (tmp_path / "x").write_bytes(bytes(300_000))
    with open_regular(tmp_path / "x") as file:
        file.read(10)
        os.truncate(tmp_path / "x", size)
        with pytest.raises(OSError, match=what):
            file.read()


def test_a_file_without_a_size_is_none(tmp_path: Path) -> None:
    """Files of the kernel say 0 and hold what they like."""
    with pytest.raises(OSError, match="grew while it was read"):
        read_regular(Path("/proc/self/maps"), MOST)
