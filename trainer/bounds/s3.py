"""How much an S3 store may answer, and how slowly."""

from __future__ import annotations

from trainer.bounds.bound import MIB, Bound

MOST_ANSWER_BYTES = 4 * MIB
MOST_HEADER_BYTES = 65_536
ANSWER_S = 600
OBJECT_S = 3600
SLOW_S = 60
SLOWEST_BYTES = 60_000

BOUNDS = (
    Bound(
        "MOST_ANSWER_BYTES",
        "one answer that is no object: what was done, a refusal, a list",
        "a list has at most 1,000 entries with keys of one run",
    ),
    Bound("MOST_HEADER_BYTES", "status lines and headers before an answer", "they are a few hundred bytes"),
    Bound(
        "ANSWER_S",
        "one answer that is no object, from its first byte to its last",
        "a store that puts a large object together sends blanks for minutes, not for ten",
    ),
    Bound("OBJECT_S", "one object, from its first byte to its last", "768 MiB over 250 kB/s take less"),
    Bound(
        "SLOWEST_BYTES",
        "received in 60 s of an object, at least",
        "no network is as slow as 1 kB/s",
    ),
)
