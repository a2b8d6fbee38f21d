"""Large tensors in large pages."""

from __future__ import annotations

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


def huge_kb(environment: dict[str, str]) -> int:
    """Kilobytes in huge pages of a process that fills 200 MB."""
    done = subprocess.run(
        [sys.executable, "-c", FILL_A_TENSOR],
        env=clean_environment(environment),
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.skipif(not SWITCH.exists() or "[madvise]" not in SWITCH.read_text(), reason="the kernel decides here")
def test_large_tensors_are_in_huge_pages_unless_told_otherwise() -> None:
    """The switch has an effect, and whoever runs the program has the last word."""
    assert huge_kb({}) > 20_000 > huge_kb({"THP_MEM_ALLOC_ENABLE": "0"})
