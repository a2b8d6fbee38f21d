"""Seconds per phase of a run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up the wall time of named phases."""

    def __init__(self) -> None:
        """Start the total."""
        self._start = time.perf_counter()
        self._phases: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Count the time inside the `with` block to `name`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._phases[name] = self._phases.get(name, 0.0) + time.perf_counter() - start

    def seconds(self) -> dict[str, float]:
        """The phases so far and `total`, rounded to milliseconds."""
        total = time.perf_counter() - self._start
        return {name: round(value, 3) for name, value in {**self._phases, "total": total}.items()}
