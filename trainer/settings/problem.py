"""What is wrong with a setting, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One setting that is not right: which, what it held (None: nothing, or a secret), and what would be right.

    `also` names the other settings that the problem mentions.
    """

    name: str
    value: Any
    right: str
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`EPOCHS='ten' should be a whole number of at least 1`."""
        shown = "" if self.value is None else f"={self.value!r}"
        return f"{self.name.upper()}{shown} {self.right}"
