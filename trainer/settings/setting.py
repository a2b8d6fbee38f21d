"""How one setting is declared, and what belongs together with it."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field


class Group(BaseModel):
    """Settings that one room of the program needs.

    Args of a subclass:
        heading: under which help and docs list them.
        listed_after: the setting of an earlier group, under the same heading, that they follow there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())

    heading: ClassVar[str]
    listed_after: ClassVar[str | None]

    def __init_subclass__(cls, heading: str, listed_after: str | None = None) -> None:
        """Note where help and docs list the settings of the group."""
        cls.heading, cls.listed_after = heading, listed_after


def setting(
    default: Any,
    meaning: str,
    right: str,
    *,
    shown_default: str | None = None,
    aliases: tuple[str, ...] = (),
    not_set: tuple[str, ...] = (),
    several: bool = False,
    **constraints: Any,
) -> Any:
    """Declare a setting; its name and type are the field's.

    Args:
        default: the value when nobody sets it.
        meaning: one sentence for the user.
        right: what a right value is, to end the sentence "it should be …".
        shown_default: the default in words, where the value alone is unclear.
        aliases: other variable names that are read after the documented one.
        not_set: values that count as not set.
        several: whether the flag takes several values.
        **constraints: pydantic's (`ge`, `lt`, …).
    """
    extra: dict[str, Any] = {
        "right": right,
        "shown_default": shown_default,
        "aliases": list(aliases),
        "not_set": list(not_set),
        "several": several,
    }
    return Field(default, description=meaning, json_schema_extra=extra, **constraints)
