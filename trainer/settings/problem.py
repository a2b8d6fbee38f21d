"""What is wrong with a setting, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainer.settings.shown import shown


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
        value = "" if self.value is None else f"={shown(self.value)}"
        return f"{self.name.upper()}{value} {self.right}"
