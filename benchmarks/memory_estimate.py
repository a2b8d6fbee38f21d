"""The estimate of memory of a dry run, against the peak of the run itself: whole processes on the same graph.

python -m benchmarks.memory_estimate [--quick] [flags of a run]    with flags: that one training only
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.dumps import GRAPH, described, write_market
from benchmarks.results import is_quick, keep

MAIN = Path(__file__).parent.parent / "main.py"
TRAININGS = (
    (),
    ("--model_type", "GCN", "--num_layers", "3"),
    ("--model_type", "GAT"),
    ("--model_type", "GIN", "--hidden_channels", "128"),
    ("--batch_size", "4096"),
    ("--model_type", "GAT", "--batch_size", "4096"),
)


def estimated(flags: Sequence[str]) -> int:
    """What a dry run says, in bytes."""
    done = subprocess.run([*_command(flags), "--dry_run"], capture_output=True, check=True)
    total: int = json.loads(done.stdout)["memory"]["total_bytes"]
    return total


def measured(flags: Sequence[str], folder: Path) -> int:
    """The peak of the run, in bytes."""
    output = ["--output_path", str(folder / "m.pt"), "--epochs", "3", "--resume", "never"]
    process = subprocess.Popen([*_command(flags), *output], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"the run with {' '.join(flags)} ended with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_maxrss * 1024


def main() -> None:
    """Compare them; with flags for one training of the reader's own."""
    num_vertices = 20_000 if is_quick() else 500_000
    own = tuple(flag for flag in sys.argv[1:] if flag != "--quick")
    with tempfile.TemporaryDirectory() as name:
        graph = ["--graph_path", str(write_market(Path(name) / "dump", num_vertices)), "--graph_name", GRAPH]
        for training in _trainings(own):
            flags = [*graph, "--target", "price_up", *training]
            estimate, peak = estimated(flags), measured(flags, Path(name) / "out")
            what = f"memory of a run, {described(num_vertices)}, {' '.join(training) or 'defaults'}"
            shown = f"estimated {estimate / 1e9:.2f} GB, measured {peak / 1e9:.2f} GB"
            print(f"{what}\n  {shown}, ratio {estimate / peak:.2f}", flush=True)
            keep(what, shown, ratio=f"{estimate / peak:.2f}x")


def _trainings(own: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if own:
        yield own
    else:
        yield from TRAININGS


def _command(flags: Sequence[str]) -> list[str]:
    return [sys.executable, str(MAIN), *flags, "--log_format", "json", "--log_level", "WARNING"]


if __name__ == "__main__":
    main()
