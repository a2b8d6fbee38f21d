"""What is wrong with a setting, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainer.settings.definition import Settings, is_secret, variable


@dataclass(frozen=True)
class Problem:
    """One setting that is not right: which, what it held (None: nothing), and what would be right.

    `also` names the other settings that the problem speaks of.
    """

    name: str
    value: Any
    right: str
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`EPOCHS='ten' should be a whole number of at least 1`, never with a secret."""
        hidden = self.value is None or (self.name in Settings.model_fields and is_secret(self.name))
        shown = "" if hidden else f"={self.value!r}"
        name = variable(self.name) if self.name in Settings.model_fields else self.name
        return f"{name}{shown} {self.right}"
