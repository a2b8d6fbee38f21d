"""Several groups of settings as one: each setting has one name, that of its flag, whatever group it is in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr, SecretStr

from trainer.settings.setting import Group


@dataclass(frozen=True)
class Definition:
    """All that is known of a setting; see `setting`. `group` is the attribute that holds its group."""

    name: str
    group: str
    heading: str
    annotation: Any
    default: Any
    meaning: str
    right: str
    shown_default: str | None
    aliases: list[str]
    not_set: list[str]
    several: bool

    @property
    def variable(self) -> str:
        """The environment variable."""
        return self.name.upper()

    @property
    def is_secret(self) -> bool:
        """Whether the value must never be shown."""
        return self.annotation is SecretStr

    @property
    def may_be_file(self) -> bool:
        """Whether `<variable>_FILE` may name a file that holds the value: of each user name, key and password."""
        return self.is_secret or self.name.endswith("_user")


class Composition(BaseModel):
    """Frozen groups, each in an attribute of its own.

    Attributes:
        not_read: settings of the groups that keep their default, whatever flags and variables say.
        known_elsewhere: variables that only others of our programs read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    not_read: ClassVar[frozenset[str]] = frozenset()
    known_elsewhere: ClassVar[frozenset[str]] = frozenset()

    _doubts: tuple[str, ...] = PrivateAttr(())

    @classmethod
    @cache
    def definitions(cls) -> dict[str, Definition]:
        """Every setting by its name, in the order of help and docs."""
        rows: list[Definition] = []
        for attribute, group_field in cls.model_fields.items():
            group: Any = group_field.annotation
            names = [row.name for row in rows]
            index = len(rows) if group.listed_after is None else names.index(group.listed_after) + 1
            rows[index:index] = _definitions(attribute, group)
        return {row.name: row for row in rows if row.name not in cls.not_read}

    @classmethod
    def from_flat(cls, values: Mapping[str, Any]) -> Self:
        """Compose from values by the names of the settings.

        Raises:
            ValidationError: a value is wrong, or no setting has that name.
        """
        groups: dict[str, Any] = {attribute: {} for attribute in cls.model_fields}
        for name, value in values.items():
            definition = cls.definitions().get(name)
            (groups if definition is None else groups[definition.group])[name] = value
        return cls.model_validate(groups)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What of flags, variables and the `.env` file may be another thing than was meant, a sentence each."""
        return self._doubts

    def with_doubts(self, doubts: Iterable[str]) -> Self:
        """The same settings with these doubts about them."""
        copy = self.model_copy()
        copy._doubts = tuple(doubts)
        return copy

    def secrets(self) -> dict[str, str]:
        """The values that must never be shown, by the names of their settings."""
        values = {
            row.name: getattr(getattr(self, row.group), row.name)
            for row in self.definitions().values()
            if row.is_secret
        }
        return {name: value.get_secret_value() for name, value in values.items()}

    def flat(self) -> dict[str, Any]:
        """The value of every setting as JSON has it, secrets masked, in the order of help and docs."""
        groups = self.model_dump(mode="json")
        return {row.name: groups[row.group][row.name] for row in self.definitions().values()}


def _definitions(attribute: str, group: type[Group]) -> list[Definition]:
    rows = []
    for name, field in group.model_fields.items():
        words: Any = field.json_schema_extra
        meaning = field.description or ""
        rows.append(Definition(name, attribute, group.heading, field.annotation, field.default, meaning, **words))
    return rows
