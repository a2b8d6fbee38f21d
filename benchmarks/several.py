"""Runs of one process or of several that train one model, each a fresh interpreter of this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.standins.ports import free_port


@dataclass(frozen=True)
class Ran:
    """What a run has left.

    Attributes:
        record: metrics.json.
        memory: of each rank, see `benchmarks.rank_process`.
    """

    record: Mapping[str, Any]
    memory: Sequence[Mapping[str, int]]


def run(graph: str, num_vertices: int, size: int, flags: Sequence[str], threads: int = 1) -> Ran:
    """Train to the end.

    Args:
        graph: see `benchmarks.graphs.GRAPHS`.
        num_vertices: of the graph.
        size: how many processes.
        flags: of the program.
        threads: of each process.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port, ranks = free_port(), []
        for rank in range(size):
            findings = folder / f"{rank}.json"
            command = [sys.executable, "-m", "benchmarks.rank_process", graph, str(num_vertices), str(findings)]
            more = ["--threads", str(threads), "--output_path", str(folder / "m.pt"), "--resume", "never"]
            with (folder / f"{rank}.log").open("w") as log:
                ranks.append(
                    subprocess.Popen(
                        [*command, *more, *flags], env=_place(rank, size, port), stdout=log, stderr=subprocess.STDOUT
                    )
                )
        codes = [rank.wait() for rank in ranks]
        if any(codes):
            logs = "\n".join((folder / f"{rank}.log").read_text() for rank in range(size))
            raise RuntimeError(f"The ranks ended with {codes}:\n{logs}")
        record = json.loads((folder / "metrics.json").read_text())
        return Ran(record, [json.loads((folder / f"{rank}.json").read_text()) for rank in range(size)])


def _place(rank: int, size: int, port: int) -> dict[str, str]:
    if size == 1:
        return dict(os.environ)
    place = {"RANK": rank, "WORLD_SIZE": size, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "RANK_TIMEOUT": 300}
    return os.environ | {name: str(value) for name, value in place.items()}
