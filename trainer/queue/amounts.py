"""Kubernetes' quantities: how much of a resource, as text, exactly."""

from __future__ import annotations

import re
from decimal import Decimal

_LONGEST = 30
"""Characters; no amount of a computer needs more."""
_QUANTITY = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?P<unit>m|[kMGTPE]|[KMGTPE]i)?")
_POWERS = "KMGTPE"
_UNITS = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    "k": Decimal(1000),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("MGTPE", 2)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate(_POWERS, 1)},
}
_LIMIT = Decimal(2**60)
"""An exbibyte, or as many CPUs; Kubernetes counts a little further, but not in every unit."""

MEBIBYTE, GIBIBYTE = 2**20, 2**30


def amount_of(text: str) -> Decimal | None:
    """Return a quantity as a number, None where it is none that Kubernetes takes as it stands.

    >>> amount_of("1.5Gi"), amount_of("500m"), amount_of("4 GB")
    (Decimal('1610612736.0'), Decimal('0.500'), None)
    """
    found = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    amount = Decimal(found["number"]) * _UNITS[found["unit"] or ""]
    return amount if amount < _LIMIT else None


def bytes_of(text: str) -> int | None:
    """Return a quantity of bytes, None where it is none: `100m` is a tenth of one."""
    amount = amount_of(text)
    return None if amount is None or amount % 1 else int(amount)


def in_bytes(number: int) -> str:
    """Return the quantity of so many bytes or little more, in the largest unit that is exact to a MiB."""
    if number % GIBIBYTE == 0:
        return f"{number // GIBIBYTE}Gi"
    return f"{-(-number // MEBIBYTE)}Mi"
