"""How much ArangoDB may answer, and how slowly."""

from __future__ import annotations

from trainer.bounds.bound import MIB, Bound

MOST_ANSWER_BYTES = 96 * MIB
MOST_HEADER_BYTES = 65_536
ANSWER_S = 1200
SLOW_S = 60
SLOWEST_BYTES = 60_000
MOST_EMPTY_BATCHES = 20
UNCOUNTED_DOCUMENTS = 1_000_000

BOUNDS = (
    Bound(
        "MOST_ANSWER_BYTES",
        "one answer, unpacked",
        "a batch of 10,000 documents of 10 kB; a longer one is asked for again in smaller batches, at last one by one",
    ),
    Bound("MOST_HEADER_BYTES", "status lines and headers before an answer", "they are a few hundred bytes"),
    Bound("ANSWER_S", "one answer, from its first byte to its last", "64 MB over 100 kB/s are 640 s"),
    Bound(
        "SLOWEST_BYTES",
        "received in 60 s of an answer that has begun, at least",
        "ArangoDB sends an answer when it has all of it, and no network is as slow as 1 kB/s",
    ),
    Bound(
        "MOST_EMPTY_BATCHES", "batches without documents in a row", "a cursor fills its batches but for the last one"
    ),
    Bound(
        "UNCOUNTED_DOCUMENTS",
        "documents of a collection before the server is asked how many there are; twice as many are too many",
        "a cursor reads a snapshot, and a collection does not lose half of its documents meanwhile",
    ),
)
