"""Two ways to the same end, timed in one process, in turns, so that both meet the same machine.

A script calls `compare` once for each row of its table; see the README of this folder.
"""

from __future__ import annotations

import multiprocessing
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.results import is_quick, keep
from trainer.process.threads import available_cpus

Work = Callable[[], object]
Prepare = Callable[[], Work]


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        what: what is done, with its size; the name of the row.
        peer: what ours is compared with.
        target: the ratio that is wanted, None for none.
        repeats: how often each side is timed.
    """

    what: str
    peer: str
    target: float | None = None
    repeats: int = 7


@dataclass(frozen=True)
class Timing:
    """What one side took, in seconds, and the memory that it needed beyond its libraries, in bytes.

    `numbers` is what its work returned each time, where that is a number; the first is of a run that is not timed.
    """

    prepare_s: float
    seconds: list[float]
    numbers: list[float]
    peak_bytes: int | None

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        """Median and spread."""
        return shown_spread(self.seconds)


def compare(row: Row, ours: Prepare, peer: Prepare | None) -> tuple[Timing, Timing | None]:
    """Time both sides, print the row and keep it.

    Args:
        row: what is compared.
        ours: prepares our side and returns what is timed; picklable, for its peak memory is taken in a process of
            its own, unless it has to be quick.
        peer: the same for the peer; None where it is not installed.
    """
    sides = [side for side in (ours, peer) if side is not None]
    peaks = [None if is_quick() else _peak_bytes(side) for side in sides]
    prepared: list[Work] = []
    prepare_s: list[float] = []
    numbers: list[list[float]] = []
    for side in sides:
        started = time.perf_counter()
        prepared.append(side())
        numbers.append(_number(prepared[-1]()))
        prepare_s.append(time.perf_counter() - started)
    seconds: list[list[float]] = [[] for _ in sides]
    for repeat in range(row.repeats):
        for place in range(len(sides)) if repeat % 2 else reversed(range(len(sides))):
            started = time.perf_counter()
            result = prepared[place]()
            seconds[place].append(time.perf_counter() - started)
            numbers[place] += _number(result)
            del result  # or the next one would be charged with it
    timings = [Timing(*values) for values in zip(prepare_s, seconds, numbers, peaks, strict=True)]
    found, other = timings[0], timings[1] if peer is not None else None
    _report(row, found, other)
    return found, other


def shown_time(seconds: float) -> str:
    """With three digits and the unit that fits."""
    for unit, factor in (("s", 1), ("ms", 1e3)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def shown_spread(seconds: Sequence[float]) -> str:
    """Median (fastest to slowest)."""
    return f"{shown_time(statistics.median(seconds))} ({shown_time(min(seconds))} to {shown_time(max(seconds))})"


def shown_count(number: int) -> str:
    """100 k, 20 M."""
    return f"{number / 1e6:g} M" if number >= 1_000_000 else f"{number / 1e3:g} k"


def shown_bytes(num_bytes: int | None) -> str:
    """In GB or MB."""
    if num_bytes is None:
        return "–"
    return f"{num_bytes / 1e9:.2f} GB" if num_bytes >= 1e9 else f"{num_bytes / 1e6:.0f} MB"


def _report(row: Row, ours: Timing, peer: Timing | None) -> None:
    ratio = "–" if peer is None else f"{peer.median / ours.median:.1f}x"
    target = "–" if row.target is None else f"{row.target:g}x"
    print(row.what)
    print(f"  ours    {ours}, before it {shown_time(ours.prepare_s)}, peak {shown_bytes(ours.peak_bytes)}")
    if peer is None:
        print(f"  peer    {row.peer} is not installed")
    else:
        print(f"  peer    {peer}, before it {shown_time(peer.prepare_s)}, peak {shown_bytes(peer.peak_bytes)}")
        print(f"  ratio   {ratio} (target {target})", flush=True)
    peak = f"{shown_bytes(ours.peak_bytes)} / {shown_bytes(peer.peak_bytes if peer else None)}"
    peers_time = "not installed" if peer is None else str(peer)
    keep(row.what, str(ours), peer=row.peer, peers_time=peers_time, ratio=ratio, target=target, peak=peak)


def _number(result: object) -> list[float]:
    return [result] if isinstance(result, float) else []


def _peak_bytes(side: Prepare) -> int:
    """Memory of a fresh process that prepares a side and does its work twice, beyond that of its libraries."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure_peak, (side,))


def _measure_peak(side: Prepare) -> int:
    import torch
    import torch_geometric.nn  # noqa: F401

    torch.set_num_threads(available_cpus())
    before = _high_water_bytes()
    work = side()
    work()
    work()
    return _high_water_bytes() - before


def _high_water_bytes() -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None, "Linux says it"
    return int(found[1]) * 1024
