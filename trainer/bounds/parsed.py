"""How much memory the parsed form of a JSON text may take; a text of empty objects takes 34 times its own size."""

from __future__ import annotations

from trainer.bounds.bound import MIB, Bound

UNCOUNTED_BYTES = 4 * MIB
MOST_PARSED_BYTES = 256 * MIB

BOUNDS = (
    Bound(
        "MOST_PARSED_BYTES",
        "what a JSON text of more than 4 MiB takes when it is parsed, reckoned from its commas, brackets and braces",
        "four million numbers in one piece; batches of ArangoDB are asked for again in smaller ones before this counts",
    ),
)

_VALUE_BYTES, _OBJECT_BYTES = 64, 240
"""Of CPython: a short text or a list and its place in the list around it; a dict with its table."""


def is_too_rich(text: bytes) -> bool:
    """Whether a text would take too much memory when it is parsed; a short one is not looked at."""
    if len(text) <= UNCOUNTED_BYTES:
        return False
    return _VALUE_BYTES * (text.count(b",") + text.count(b"[")) + _OBJECT_BYTES * text.count(b"{") > MOST_PARSED_BYTES
