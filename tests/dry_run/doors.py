"""The doors of a dry run: `main.py` as a process, on a terminal or into pipes."""

from __future__ import annotations

import fcntl
import json
import os
import struct
import subprocess
import tempfile
import termios
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conftest import Ended, clean_environment, command
from tests.left_behind import start_process
from tests.schemas import validate_dry_run
from tests.waits import LONG_S


def dry_run(folder: Path, *flags: object, env: Mapping[str, str] | None = None) -> Ended:
    """Into pipes, in a folder of its own; what the process leaves there can be seen afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command(*map(str, flags), "--dry_run"),
        cwd=folder,
        env=clean_environment(env),
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def result_of(ended: Ended) -> dict[str, Any]:
    """The one result that stands on standard output, held to its schema."""
    assert ended.exit_code == 0, ended.stderr
    (line,) = ended.stdout.splitlines()
    validate_dry_run(f"{line}\n".encode())
    result = json.loads(line)
    assert isinstance(result, dict)
    return result


def on_terminal(*flags: object, columns: int = 80) -> Ended:
    """With a terminal of this width as standard output."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = clean_environment({"TERM": "xterm"})
    with tempfile.TemporaryFile("w+") as errors:
        process = start_process(
            command(*map(str, flags), "--dry_run"),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=errors,
        )
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
        os.close(ours)
        code = process.wait(timeout=LONG_S)
        errors.seek(0)
        return Ended(code, shown.decode().replace("\r\n", "\n"), errors.read())


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # EIO: nobody has the other side open any more
        return b""
