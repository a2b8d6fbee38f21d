"""What is wrong with a setting, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from trainer.settings.shown import shown

_MAY_HOLD_PASSWORD = re.compile(r"://|@|\b\w*(?:pass|pwd|secret|token|credential|api_?key)\w*\s*[=:]", re.IGNORECASE)
"""An address, or a part of one, wherever it was put by mistake."""


@dataclass(frozen=True)
class Problem:
    """One setting that is not right: which, what it held (None: nothing, or a secret), and what would be right.

    A value that may be the address of a service with its password is never shown. `also` names the other settings that the problem mentions.
    """

    name: str
    value: Any
    right: str
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`EPOCHS='ten' should be a whole number of at least 1`."""
        is_shown = self.value is not None and not _MAY_HOLD_PASSWORD.search(repr(self.value))
        value = f"={shown(self.value)}" if is_shown else ""
        return f"{self.name.upper()}{value} {self.right}"
