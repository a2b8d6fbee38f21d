"""All benchmarks, one after the other, each in a process of its own: `python -m benchmarks [--quick]`."""

from __future__ import annotations

import subprocess
import sys

SCRIPTS = (
    "epoch",
    "frameworks",
    "scaling",
    "sampling",
    "sampled_scale",
    "memory_estimate",
    "ranks_memory",
    "ranks_time",
    "ranks_curve",
    "load_folder",
    "load_arango",
    "started",
    "overhead",
    "stopped",
)


def main() -> int:
    """Run them; the exit code of the first that fails, after the others had their turn."""
    failed = 0
    for script in SCRIPTS:
        code = subprocess.run([sys.executable, "-m", f"benchmarks.{script}", *sys.argv[1:]], check=False).returncode
        if code:
            print(f"benchmarks.{script} ended with {code}", file=sys.stderr)
        failed = failed or code
    return failed


if __name__ == "__main__":
    sys.exit(main())
