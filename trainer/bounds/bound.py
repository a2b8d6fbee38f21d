"""What a bound is about, for the page of settings."""

from __future__ import annotations

from typing import NamedTuple

MIB = 2**20


class Bound(NamedTuple):
    """A constant of the module that lists it.

    Attributes:
        name: of the constant; its end says the unit: `_BYTES`, `_S`, or none for a count.
        of: what it limits.
        why: why no honest graph meets it.
    """

    name: str
    of: str
    why: str


def shown(num_bytes: int) -> str:
    """A number of bytes for a sentence.

    >>> shown(64 * 2**20), shown(3000)
    ('64 MiB', '3,000 bytes')
    """
    return f"{num_bytes:,} bytes" if num_bytes % MIB else f"{num_bytes // MIB:,} MiB"


def shown_number(name: str, number: int) -> str:
    """A constant with the unit that its name ends with.

    >>> shown_number("LONGEST_LINE_BYTES", 2**20), shown_number("ANSWER_S", 1200), shown_number("MOST_ATTRIBUTES", 65536)
    ('1 MiB', '1,200 s', '65,536')
    """
    if name.endswith("_BYTES"):
        return shown(number)
    return f"{number:,} s" if name.endswith("_S") else f"{number:,}"
