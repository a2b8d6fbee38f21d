"""What a folder refuses, in words: a full disk needs room, everything else does not."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

_RENAMED = "renamed_"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def advice(error: OSError) -> str:
    """What to do after this error."""
    if error.errno in _FULL:
        return "make room and run again"
    return "see whether files can be created, renamed and removed there by the user of this process"


def make_readable(path: Path) -> None:
    """Let others read a file that was made for its owner alone, where the file system knows such rights at all."""
    with suppress(OSError):  # FUSE and CIFS may refuse any change of rights
        path.chmod(0o644)


def try_folder(folder: Path, name: str) -> OSError | None:
    """The error of doing in a folder, with a file that is gone afterwards, all that storing an artifact of this name does.

    The file is named like the temporary ones of the artifact, so that what a killed process leaves is removed with those.
    """
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(b"gnn-trainer")
            file.flush()
            os.fsync(file.fileno())
        renamed = str(folder / f".{name}.{_RENAMED}")
        Path(temporary).replace(renamed)
        temporary = renamed
        Path(renamed).unlink(missing_ok=True)  # another run may try the same
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink(missing_ok=True)
        return error
    return None
