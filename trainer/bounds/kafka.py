"""How long a message on `queue-control` may be."""

from __future__ import annotations

from trainer.bounds.bound import MIB, Bound

LONGEST_COMMAND_BYTES = MIB
FULL_BATCH_BYTES = 8 * MIB

BOUNDS = (
    Bound(
        "LONGEST_COMMAND_BYTES",
        "a message that is looked at; a longer one is passed over with a warning",
        "a stop is a few hundred bytes, a start with thousands of features a hundred thousand",
    ),
    Bound(
        "FULL_BATCH_BYTES",
        "messages that are taken from the topic at once, reckoned from the length of those before",
        "it delays nothing: the others are taken next",
    ),
)
