"""Runs `main.py` again and again, kills it with SIGKILL at random moments, and lets the last one end.

A process of its own: it imports what is slow once and forks, so that each run starts at once. Nothing
is computed before a fork, so that no thread pool is inherited.

    python forks.py SEED KILLS LONGEST_S FLAG...
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time

import torch  # noqa: F401
import torch_geometric.nn  # noqa: F401

import main
import trainer.artifacts.metrics_file
import trainer.artifacts.report
import trainer.dataset.dataset
import trainer.graph.dump
import trainer.training.evaluate
import trainer.training.fit  # noqa: F401


def _start(flags: list[str]) -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(main.main(flags))
    return pid


def _run() -> int:
    seed, kills, longest_s, flags = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
    moments = random.Random(seed)
    for _ in range(kills):
        pid = _start(flags)
        time.sleep(moments.uniform(0, longest_s))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(os.waitpid(_start(flags), 0)[1])


if __name__ == "__main__":
    sys.exit(_run())
