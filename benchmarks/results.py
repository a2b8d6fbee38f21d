"""The table of all that was measured, `results.md`: one section per machine and versions, the latest row of each name.

Rows of a quick run are too rough for it.
"""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from trainer.process.threads import available_cpus

FILE = Path(__file__).with_name("results.md")
_TITLE = "# Measured side by side\n\nMedian (fastest to slowest), of the overhead the fastest; peak memory is ours / the peer's, beyond the libraries.\n"
_COLUMNS = ("what", "ours", "peer", "peer's time", "ratio", "target", "peak memory", "measured")


def is_quick() -> bool:
    """Whether the large rows are left out."""
    return "--quick" in sys.argv


def keep(
    what: str,
    ours: str,
    *,
    peer: str = "–",
    peers_time: str = "–",
    ratio: str = "–",
    target: str = "–",
    peak: str = "–",
) -> None:
    """Write a row into this machine's section, unless it has to be quick; an earlier one of the same name and peer goes."""
    if is_quick():
        return
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    text = FILE.read_text() if FILE.exists() else _TITLE
    heading = f"\n## {_machine()}\n"
    if heading not in text:
        text += f"{heading}\n| {' | '.join(_COLUMNS)} |\n|{' --- |' * len(_COLUMNS)}\n"
    before, _, rest = text.partition(heading)
    section, separator, after = rest.partition("\n## ")
    kept = [line for line in section.rstrip("\n").split("\n") if not _is_of(line, what, peer)]
    kept.append(f"| {' | '.join([what, ours, peer, peers_time, ratio, target, peak, day])} |")
    FILE.write_text(before + heading + "\n".join(kept) + "\n" + separator + after)


def _is_of(line: str, what: str, peer: str) -> bool:
    """Whether a line of the table compares this with this peer."""
    cells = line.strip("| ").split(" | ")
    return cells[0] == what and cells[2:3] == [peer]


def _machine() -> str:
    """Processor, CPUs and the versions that matter."""
    names = [line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    versions = [f"{name} {found}" for name in ("torch", "torch-geometric") if (found := _version(name))]
    processor = names[0] if names else platform.machine()
    return f"{processor}, {available_cpus()} CPUs, Python {platform.python_version()}, {', '.join(versions)}"


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
