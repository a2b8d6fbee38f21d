"""The one definition of every setting: name, type, default, meaning.

The flags, the environment, `--help`, `docs/settings.md` and the error messages all follow from it.
A setting's variable is its name in upper case, its flag the name in lower case.
"""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, SecretStr

from trainer.settings.learning_settings import GraphSettings, ModelSettings, TrainingSettings
from trainer.settings.place_settings import LocalSettings, QueueSettings, ServiceSettings


class Settings(LocalSettings, ServiceSettings, TrainingSettings, ModelSettings, GraphSettings, QueueSettings):
    """The checked settings of one run."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())

    @property
    def has_own_queue_id(self) -> bool:
        """Whether QUEUE_ID was given, rather than made from the graph's name."""
        return self.queue_id != f"local-{self.graph_name}"

    @property
    def graph_names(self) -> list[str]:
        """The graphs of GRAPH_NAME, in the order given."""
        return self.graph_name.split(",")

    def learning(self) -> dict[str, Any]:
        """The settings that decide what is learned, as plain values."""
        values = self.model_dump(mode="json")
        return {name: values[name] for name in _learning_names() if name not in ("checkpoint_every", "resume")}


def _learning_names() -> list[str]:
    groups = ("graph", "model", "training")
    return [name for name in Settings.model_fields if details(name)["group"] in groups]


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return name.upper()


def details(name: str, definition: type[Settings] = Settings) -> dict[str, Any]:
    """What `setting` was told about a setting: group, right, shown_default, aliases, not_set."""
    extra = definition.model_fields[name].json_schema_extra
    assert isinstance(extra, dict)
    return dict(extra)


def is_secret(name: str) -> bool:
    """Whether the value of a setting must never be shown."""
    return Settings.model_fields[name].annotation is SecretStr
