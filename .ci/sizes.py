"""Prints what a virtual environment holds, by library, in MB: `python .ci/sizes.py`, with the Python of that environment."""

from __future__ import annotations

import csv
import os
import re
import sysconfig
from collections import Counter
from importlib.metadata import distributions
from pathlib import Path

LEAST_MB = 10
"""Smaller libraries are one row."""


def sizes() -> Counter[str]:
    """Bytes of each library with its version; what belongs to none is `compiled files and others`."""
    site = Path(sysconfig.get_path("purelib"))
    left = {
        f"{folder}/{name}": os.lstat(f"{folder}/{name}").st_size for folder, _, names in os.walk(site) for name in names
    }
    found: Counter[str] = Counter()
    for distribution in distributions(path=[str(site)]):
        name = re.sub(r"[-_.]+", "-", distribution.name).lower()
        for file, *_ in csv.reader((distribution.read_text("RECORD") or "").splitlines()):
            found[f"{name} {distribution.version}"] += left.pop(f"{site}/{file}", 0)
    found["compiled files and others"] = sum(left.values())
    return found


def main() -> None:
    """A table in Markdown, the largest first."""
    found = sizes()
    large = [(name, size) for name, size in found.most_common() if size >= LEAST_MB * 10**6]
    rows = [
        *large,
        (f"{len(found) - len(large)} more, each under {LEAST_MB} MB", found.total() - sum(size for _, size in large)),
    ]
    print("| library | MB |\n| --- | --- |")
    for name, size in [*rows, ("together", found.total())]:
        print(f"| {name} | {size / 10**6:,.0f} |")


if __name__ == "__main__":
    main()
