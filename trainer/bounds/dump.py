"""How much the files of a dump may hold."""

from __future__ import annotations

from trainer.bounds.bound import MIB, Bound

LONGEST_LINE_BYTES = 64 * MIB
LONGEST_DESCRIPTION_BYTES = 16 * MIB

BOUNDS = (
    Bound(
        "LONGEST_LINE_BYTES",
        "one line of a data file, unpacked where it is gzip: one document",
        "a vector of three million numbers; that a file unpacks to many times its size is no fault, as long as its lines end",
    ),
    Bound(
        "LONGEST_DESCRIPTION_BYTES",
        "`*.structure.json` and `dump.json`",
        "they hold properties and indexes of a collection, a few kilobytes",
    ),
)
