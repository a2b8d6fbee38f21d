"""Failures on demand: what goes wrong, and at which request."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

Kind = Literal[
    "drop-before",  # connection cut, nothing processed
    "drop-after",  # connection cut, everything processed: the next batch is lost without allowRetry
    "unavailable",  # 503/503, the only error that python-arango repeats by itself
    "queue-full",  # 503/21003
    "memory",  # 500/32, the cursor is gone
    "killed",  # 410/1500, the cursor is gone
    "expire",  # the cursor has expired just before the request
    "truncate",  # Content-Length is larger than the body
    "bad-gateway",  # a proxy's HTML page with 502
    "slow",  # the reply takes `seconds`; a cursor is busy meanwhile
    "empty-batch",  # no rows, but hasMore
    "gzip",  # the body is compressed
    "read-only",  # 403/1004
    "conflict",  # 409/1200
    "answer",  # what the fault holds: a status, and an error number unless that is 0
]
Endpoint = Literal[
    "auth",
    "version",
    "availability",
    "database",
    "collection",
    "gharial",
    "cursor-create",
    "cursor-next",
    "cursor-delete",
    "document",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a fault may look at in a request; `batch` is the number of the batch that is asked for."""

    endpoint: Endpoint
    collection: str | None = None
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class When:
    """Which requests a fault hits: of those that fit, `times` in a row, beginning with the `nth`."""

    endpoint: Endpoint | None = None
    collection: str | None = None
    batch: int | None = None
    nth: int = 1
    times: int = 1

    def fits(self, seen: Sighting) -> bool:
        """Return whether a request is one of those to count."""
        return (
            self.endpoint in (None, seen.endpoint)
            and self.collection in (None, seen.collection)
            and self.batch in (None, seen.batch)
        )


@dataclass(eq=False, slots=True)
class Fault:
    """One failure; `num_hits` tells whether it has happened, so that a test can prove that it did."""

    kind: Kind
    when: When = field(default_factory=When)
    seconds: float = 0.0
    status: int = 0
    number: int = 0
    location: str = ""
    message: str = "as asked"
    num_hits: int = 0
    num_seen: int = field(default=0, repr=False)


class Faults:
    """The failures that wait for their request."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Arm a failure and return it."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget every failure."""
        with self._lock:
            self._faults.clear()

    def due(self, seen: Sighting) -> "Due":
        """Return the failures that hit this request."""
        hits: list[Fault] = []
        with self._lock:
            for fault in self._faults:
                if fault.when.fits(seen):
                    fault.num_seen += 1
                    if 0 <= fault.num_seen - fault.when.nth < fault.when.times:
                        fault.num_hits += 1
                        hits.append(fault)
        return Due(hits)


class Due:
    """The failures of one request."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        """Hold the failures."""
        self._by_kind = {fault.kind: fault for fault in faults}

    def __contains__(self, kind: Kind) -> bool:
        """Return whether a kind of failure is due."""
        return kind in self._by_kind

    @property
    def answer(self) -> Fault | None:
        """The failure that is an answer, if one is due."""
        return self._by_kind.get("answer")

    def take_pause(self) -> float:
        """Return how long the reply has to wait, once."""
        fault = self._by_kind.pop("slow", None)
        return 0.0 if fault is None else fault.seconds
