"""Standard streams that cannot fail: what nobody can read any more is no reason to end a training.

A stream may be closed before the program starts (`>&-`), its reader may go away (`| head`), its disk may be full. Without
this, Python would raise in the middle of whatever wrote to it; and with a closed stream, the next file or connection that
is opened would take its number, and get what C libraries write to standard output.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def secure_streams() -> None:
    """Open standard streams that are closed, as nowhere; and let writes that fail go nowhere from then on."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
    sys.stdout, sys.stderr = _text(1, sys.stdout), _text(2, sys.stderr)


class _Raw(io.FileIO):
    """A stream whose writes succeed; what cannot be written is lost."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            self._give_up(error)
            return memoryview(data).nbytes

    def _give_up(self, error: OSError) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)
        if self.fileno() == 1 and error.errno != errno.EPIPE:  # a reader that went away knows it
            sentence = (
                f"gnn-trainer: standard output cannot be written ({error.strerror}); the log is lost from here on\n"
            )
            with contextlib.suppress(OSError):
                os.write(2, sentence.encode())


def _text(number: int, before: TextIO | None) -> io.TextIOWrapper:
    raw = _Raw(number, "w", closefd=False)
    # Complete lines of errors at once, and of output for a person; a log collector gets whole blocks from logging itself.
    at_once = number == 2 or raw.isatty()
    encoding = None if before is None else before.encoding
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding, errors="backslashreplace", line_buffering=at_once)
