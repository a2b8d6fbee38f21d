"""How much a collection may hold, whatever it is read from."""

from __future__ import annotations

from trainer.bounds.bound import Bound

MOST_ATTRIBUTES = 65_536
LONGEST_KEY = 254

BOUNDS = (
    Bound(
        "MOST_ATTRIBUTES",
        "different attributes of the documents of a collection, and paths into objects",
        "a column for each gene of a human are 20,000; what is wider is an array attribute",
    ),
    Bound("LONGEST_KEY", "bytes of a `_key`", "ArangoDB allows no more"),
)
