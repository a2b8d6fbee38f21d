"""Files that are opened and read to their end: regular ones only, and only what they held when they were opened.

A FIFO would keep the program waiting for ever, a device or a file that somebody goes on writing would never end. Every
failure is an `OSError` whose `strerror` says what is wrong, as those of the system are.
"""

from __future__ import annotations

import errno
import io
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.bounds.bound import shown

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER_BYTES = 1 << 17
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY  # a FIFO that takes its place answers at once
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class NotRegularError(OSError):
    """What was to be read is no regular file."""


class TooLongError(OSError):
    """A file is longer than what is read of its kind."""


def open_regular(path: Path | str) -> io.BufferedReader:
    """A regular file for reading, up to the size that it has now.

    Raises:
        OSError: it cannot be opened, or is no regular file; while it is read: it grew, or became shorter.
    """
    _require_regular(Path(path).stat(), path)
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        _require_regular(status, path)
        return io.BufferedReader(_AsOpened(descriptor, status.st_size, path), _BUFFER_BYTES)
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path | str, most_bytes: int) -> bytes:
    """The content of a regular file.

    Raises:
        TooLongError: it has more than `most_bytes`.
        OSError: see `open_regular`.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most_bytes:
            raise TooLongError(errno.EFBIG, f"longer than the {shown(most_bytes)} that are read of it", str(path))
        return file.read()


def _require_regular(status: os.stat_result, path: Path | str) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(status.st_mode)), "something else")
        number = errno.EISDIR if kind == "a folder" else errno.EINVAL
        raise NotRegularError(number, f"it is {kind}, and no regular file", str(path))


class _AsOpened(io.RawIOBase):
    """A file up to the size that it had when it was opened."""

    def __init__(self, descriptor: int, size: int, path: Path | str) -> None:
        self._file = io.FileIO(descriptor, "rb")
        self._left, self._path = size, str(path)

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        if not self._left:
            if self._file.read(1):
                raise OSError(errno.ESTALE, "it grew while it was read", self._path)
            return 0
        num_read = self._file.readinto(view[: self._left])
        if not num_read:
            raise OSError(errno.ESTALE, "it became shorter while it was read", self._path)
        self._left -= num_read
        return num_read

    def close(self) -> None:
        self._file.close()
        super().close()
