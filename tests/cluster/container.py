"""A pod's container as a process of this machine: `main.py`, with mounts and a host name of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.left_behind import start_process

_NAMESPACES = ("unshare", "--mount", "--uts", "--propagation", "private")
_ENTER = 'set -e; hostname "$1"; shift; while [ "$1" != -- ]; do [ -e "$2" ] || mkdir -p "$2"; mount --bind "$1" "$2"; shift 2; done; shift; exec "$@"'
_HOSTS = Path("/etc/hosts")


def can_mount() -> bool:
    """Whether this user may give a process mounts of its own."""
    try:
        done = subprocess.run([*_NAMESPACES, "mount", "--bind", "/", "/mnt"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def start_container(
    program: Sequence[str], variables: Mapping[str, str], mounts: Mapping[Path, Path], host: str, hosts: Path, log: Path
) -> subprocess.Popen[Any]:
    """Start the program as its image does.

    Args:
        program: what the interpreter is given.
        variables: its environment, beside the few that an image sets.
        mounts: folders of this machine by where they are seen.
        host: the name of the machine it believes to be on.
        hosts: the names that it can look up; names that are added later are found too.
        log: where its output goes.
    """
    image = {"PATH": os.environ["PATH"], "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1", "HOSTNAME": host}
    # what is mounted over the place of our own files comes last: they would not be found any more
    seen = sorted({_HOSTS: hosts, **mounts}.items(), key=lambda pair: hosts.is_relative_to(pair[0]))
    pairs = [str(path) for where, source in seen if not _hides_the_program(where) for path in (source, where)]
    command = [*_NAMESPACES, "sh", "-c", _ENTER, "container", host, *pairs, "--"]
    with log.open("wb") as output:
        return start_process(
            [*command, sys.executable, *program],
            env={**image, **variables},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def _hides_the_program(where: Path) -> bool:
    """A checkout below /tmp has to be seen."""
    return any(Path(path).is_relative_to(where) for path in (ROOT, ROOT.resolve(), sys.prefix, sys.base_prefix))
