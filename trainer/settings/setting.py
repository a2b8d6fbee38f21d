"""How one setting is declared: its type is the field's, the rest is said here."""

from __future__ import annotations

from typing import Any

from pydantic import Field


def setting(
    default: Any,
    group: str,
    meaning: str,
    right: str,
    *,
    shown_default: str | None = None,
    aliases: tuple[str, ...] = (),
    not_set: tuple[str, ...] = (),
    several: bool = False,
    **constraints: Any,
) -> Any:
    """Declare a setting.

    Args:
        default: the value when nobody sets it.
        group: the heading under which help and docs list it.
        meaning: one sentence for the user.
        right: what a right value is, to end the sentence "it should be …".
        shown_default: the default in words, where the value alone says too little.
        aliases: other variable names that are read after the documented one.
        not_set: values that count as not set.
        several: whether the flag takes several values.
        **constraints: pydantic's (`ge`, `lt`, …).
    """
    extra: dict[str, Any] = {
        "group": group,
        "right": right,
        "shown_default": shown_default,
        "aliases": list(aliases),
        "not_set": list(not_set),
        "several": several,
    }
    return Field(default, description=meaning, json_schema_extra=extra, **constraints)
