"""Large tensors in large pages, and what is freed given back to the system."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import clean_environment

SWITCH = Path("/sys/kernel/mm/transparent_hugepage/enabled")
FILL_A_TENSOR = """
from trainer.process.memory import prefer_huge_pages
prefer_huge_pages()
import torch
held = torch.ones(50_000_000)
lines = open("/proc/self/smaps_rollup").read().splitlines()
print(next(int(line.split()[1]) for line in lines if line.startswith("AnonHugePages")))
"""
KEEP_A_LITTLE = """
import re, sys
import numpy as np
from trainer.process import memory
def now():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1])
if "at once" in sys.argv:
    memory.give_back_large_arrays()
np.ones(30_000_000, np.uint8)  # glibc takes it as a sign that arrays of this size come and go
before, held = now(), []
for _ in range(10):
    array = np.ones(10_000_000, np.uint8)
    held.append((array, np.ones(100_000, np.uint8)))
kept = [small for _, small in held]
del array, held
if "later" in sys.argv:
    memory.give_back_freed()
print(now() - before)
"""


def printed(code: str, *arguments: str, environment: dict[str, str] | None = None) -> int:
    """The number that a process of this code prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=clean_environment(environment or {}),
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def huge_kb(environment: dict[str, str]) -> int:
    """Kilobytes in huge pages of a process that fills 200 MB."""
    return printed(FILL_A_TENSOR, environment=environment)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library decides here")
def test_what_is_freed_goes_back_to_the_system() -> None:
    """Arrays of 10 MB with small ones between them: without these calls the process keeps them."""
    kept = {how: printed(KEEP_A_LITTLE, how) for how in ("", "at once", "later")}
    assert kept["at once"] < 10_000, kept
    assert kept["later"] < 10_000, kept
    assert kept[""] > 50_000, f"else there was nothing to give back: {kept}"


@pytest.mark.skipif(not SWITCH.exists() or "[madvise]" not in SWITCH.read_text(), reason="the kernel decides here")
def test_large_tensors_are_in_huge_pages_unless_told_otherwise() -> None:
    """The switch has an effect, and whoever runs the program has the last word."""
    assert huge_kb({}) > 20_000 > huge_kb({"THP_MEM_ALLOC_ENABLE": "0"})
