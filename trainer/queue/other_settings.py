"""The settings that a start message holds beside its documented fields: any, at its top level, under the name in lower case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trainer.queue import fields
from trainer.settings.given import known_settings

FIELD_OF = {"telemetry_producer_id": "telemetry_id", "job_timestamp": "timestamp"}
"""Settings that the documented fields have other names for."""
_RIGHT = {
    "epochs": f"a whole number from 1 to {fields.MAX_EPOCHS}",
    "pods": "a whole number above 0",
    "image": "the name of an image",
}
"""What is needed for fields that are no settings, or hold less than the setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSettings:
    """What a message says of settings that are none of its documented fields.

    Attributes:
        values: by the name of the setting, in the order of the docs, as its variable holds it.
        unreadable: keys with a value that no variable can hold.
        problems: a sentence for each key that a message must not hold.
        unknown: keys that name no setting; other services may have their own.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def with_documented_names(message: Mapping[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
    """The message with each setting under its documented name, and a sentence for each that has two different values."""
    named, problems = dict(message), []
    synonyms = {alias.lower(): row.name for row in known_settings().values() for alias in row.aliases} | FIELD_OF
    for synonym, name in synonyms.items():
        given, documented = named.pop(synonym, None), named.get(name)
        if fields.is_absent(given):
            continue
        if fields.is_absent(documented):
            named[name] = given
        elif given != documented:
            problems.append(f"{name} and {synonym} are the same setting and have different values")
    return named, tuple(problems)


def right_for(key: str) -> str:
    """What a key of a message is to hold, for a sentence."""
    setting = {field: name for name, field in FIELD_OF.items()}.get(key, key)
    return _RIGHT.get(key) or known_settings()[setting].right


def read_other_settings(message: Mapping[str, object], documented: frozenset[str]) -> OtherSettings:
    """Read a message whose settings have their documented names; `documented` are its other keys."""
    values, unreadable, problems = {}, [], []
    for name, row in known_settings().items():
        given = message.get(name)
        if name in documented or fields.is_absent(given):
            continue
        text = fields.setting_text(given, several=row.several, is_number=row.annotation in (int, float))
        if row.is_secret:
            problems.append(
                f"{name} is a secret, and a start message must hold none: put it into the Secret of the runs"
            )
        elif text is None:
            unreadable.append(name)
        elif text.lower() not in row.not_set:
            values[name] = text
    unknown = tuple(key for key in message if key not in documented and key not in known_settings())
    return OtherSettings(values=values, unreadable=tuple(unreadable), problems=tuple(problems), unknown=unknown)
