"""One training by several processes of this machine, each told its place as a pod of an Indexed Job is told.

`python examples/run_ranks.py --ranks 2 --graph_path … --output_path …`: the flags after `--ranks` are those of main.py.
A stop (Ctrl+C, SIGTERM) reaches rank 0, which tells the others. The exit code is that of rank 0.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

MAIN = Path(__file__).parent.parent / "main.py"


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def run_ranks(size: int, flags: Sequence[str]) -> int:
    """Train in `size` processes; returns the exit code of rank 0."""
    where = {"WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    command = [sys.executable, str(MAIN), *flags]
    ranks = [
        subprocess.Popen(command, env={**os.environ, **where, "RANK": str(rank)}, start_new_session=True)  # noqa: S603 - what the caller has typed
        for rank in range(size)
    ]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda signum, frame: ranks[0].send_signal(signum))
    codes = [rank.wait() for rank in ranks]
    print(f"exit codes by rank: {codes}", flush=True)
    return codes[0]


if __name__ == "__main__":
    sys.exit(run_ranks(int(sys.argv[2]), sys.argv[3:]) if sys.argv[1:2] == ["--ranks"] else __doc__)
