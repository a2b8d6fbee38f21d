"""How much a collection may hold, whatever it is read from."""

from __future__ import annotations

from trainer.bounds.bound import Bound

MOST_ATTRIBUTES = 65_536
MOST_UNSEEN_CELLS = 8_000_000
MOST_CELLS_A_VALUE = 64
LONGEST_KEY = 254

BOUNDS = (
    Bound(
        "MOST_ATTRIBUTES",
        "different attributes of the documents of a collection, and paths into objects",
        "a column for each gene of a human are 20,000; what is wider is an array attribute",
    ),
    Bound(
        "MOST_CELLS_A_VALUE",
        f"vertices times attributes for each value that there is, where they are more than {MOST_UNSEEN_CELLS:,}",
        "where a vertex has fewer than one of 64 attributes, a run names the few that it uses in FEATURES; others do not count",
    ),
    Bound("LONGEST_KEY", "bytes of a `_key`", "ArangoDB allows no more"),
)
