"""How many threads to compute with: what the container may use, not what the node has."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def compute_threads(wanted: int = 0, processes_here: int = 1) -> int:
    """How many threads one process of a run computes with.

    Args:
        wanted: the setting THREADS; 0 for OMP_NUM_THREADS where that is a number, else for the share of what is available.
        processes_here: how many processes of the run share this container.
    """
    given = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if wanted or (given.isascii() and given.isdigit() and int(given)):
        return wanted or int(given)
    return max(1, available_cpus() // processes_here)


def available_cpus(cgroup: Path = _CGROUP) -> int:
    """Whole CPUs within the cgroup's quota and the process's affinity, 1 at least.

    More threads than the quota allows make the kernel pause all of them for most of each period.
    """
    allowed = len(os.sched_getaffinity(0))
    quota = _quota(cgroup)
    return allowed if quota is None else max(1, min(allowed, math.floor(quota)))


def _quota(cgroup: Path) -> float | None:
    """CPUs per period from cgroup v2 (`cpu.max`) or v1 (`cpu.cfs_*_us`), None without a limit."""
    try:
        limit, period = (cgroup / "cpu.max").read_text().split()
        return None if limit == "max" else int(limit) / int(period)
    except (OSError, ValueError):
        pass
    try:
        limit_us = int((cgroup / "cpu" / "cpu.cfs_quota_us").read_text())
        period_us = int((cgroup / "cpu" / "cpu.cfs_period_us").read_text())
        return limit_us / period_us if limit_us > 0 else None
    except (OSError, ValueError):
        return None
