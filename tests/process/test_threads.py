"""Threads follow the container's quota, not the node's size."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trainer.process.threads import available_cpus, compute_threads


@pytest.fixture(autouse=True)
def _eight_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process may run on eight CPUs."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))


def version_2(folder: Path, content: str) -> Path:
    """A cgroup v2 with this `cpu.max`."""
    (folder / "cpu.max").write_text(content)
    return folder


def version_1(folder: Path, quota: str, period: str = "100000\n") -> Path:
    """A cgroup v1 with this quota."""
    (folder / "cpu").mkdir()
    (folder / "cpu" / "cpu.cfs_quota_us").write_text(quota)
    (folder / "cpu" / "cpu.cfs_period_us").write_text(period)
    return folder


@pytest.mark.parametrize(
    ("content", "cpus"),
    [
        ("max 100000\n", 8),
        ("200000 100000\n", 2),
        ("250000 100000\n", 2),
        ("50000 100000\n", 1),
        ("1600000 100000\n", 8),
        ("150000 50000\n", 3),
        ("nonsense\n", 8),
        ("", 8),
    ],
)
def test_quota_of_cgroup_v2(tmp_path: Path, content: str, cpus: int) -> None:
    """Whole CPUs within the quota, one at least, never more than the affinity allows."""
    assert available_cpus(version_2(tmp_path, content)) == cpus


@pytest.mark.parametrize(("quota", "cpus"), [("-1\n", 8), ("300000\n", 3), ("50000\n", 1), ("", 8)])
def test_quota_of_cgroup_v1(tmp_path: Path, quota: str, cpus: int) -> None:
    """The files of cgroup v1 hold the same; -1 is no limit."""
    assert available_cpus(version_1(tmp_path, quota)) == cpus


def test_version_2_counts_first(tmp_path: Path) -> None:
    """Where both are mounted, v2 is the one that acts."""
    version_1(tmp_path, "700000\n")
    assert available_cpus(version_2(tmp_path, "200000 100000\n")) == 2


def test_no_cgroup_leaves_the_affinity(tmp_path: Path) -> None:
    """Outside a container the process may use what it may run on."""
    assert available_cpus(tmp_path) == 8


def test_affinity_is_the_lower_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is pinned to one CPU has one thread, whatever the quota."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3})
    assert available_cpus(version_2(tmp_path, "400000 100000\n")) == 1


@pytest.mark.parametrize(
    ("wanted", "openmp", "processes", "expected"),
    [
        (0, None, 1, 8),
        (0, None, 2, 4),
        (0, None, 20, 1),
        (0, "3", 2, 3),
        (0, "2,1", 1, 2),
        (5, "3", 2, 5),
        (0, "0", 1, 8),
        (0, "many", 1, 8),
        (0, "", 2, 4),
    ],
)
def test_processes_share_what_there_is(
    monkeypatch: pytest.MonkeyPatch, wanted: int, openmp: str | None, processes: int, expected: int
) -> None:
    """THREADS first, then OMP_NUM_THREADS where that is a number; else the processes of one container share its CPUs."""
    monkeypatch.setattr("trainer.process.threads.available_cpus", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if openmp is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", openmp)
    assert compute_threads(wanted, processes) == expected
