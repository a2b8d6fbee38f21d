"""In which settings two runs differ, for a person who wonders why a result was not taken up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LONGEST_VALUE = 60


def differences(earlier: Mapping[str, Any], learning: Mapping[str, Any], defaults: Mapping[str, Any]) -> list[str]:
    """`LEARNING_RATE 0.01, now 0.05` for each setting that differs.

    Args:
        earlier: the settings of the earlier run, by name in lower case.
        learning: those of this run that decide what is learned.
        defaults: what an earlier run had that does not name a setting.
    """
    before = {name: earlier.get(name, defaults.get(name)) for name in learning}
    return unequal(before, learning, ("was", "is"))


def unequal(first: Mapping[str, Any], second: Mapping[str, Any], verbs: tuple[str, str]) -> list[str]:
    """`SEED was 1, is 2` for each setting of two runs or processes that differs, with these verbs."""
    return [
        f"{name.upper()} {verbs[0]} {_shown(first.get(name))}, {verbs[1]} {_shown(value)}"
        for name, value in second.items()
        if first.get(name) != value
    ]


def _shown(value: Any) -> str:
    text = "not set" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
