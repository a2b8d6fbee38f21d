"""How much main memory this process holds, and has held."""

from __future__ import annotations

from pathlib import Path


def current_bytes() -> int | None:
    """What it holds now; None where the system does not say (Linux does)."""
    return _status("VmRSS")


def peak_bytes() -> int | None:
    """The most that it has held so far. `ru_maxrss` would not do: it begins with what the parent process holds."""
    return _status("VmHWM")


def _status(name: str) -> int | None:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    return int(found[0]) * 1024 if found else None
