"""Where the artifacts of a run go, and which store a run uses."""

from __future__ import annotations

from typing import Protocol

from trainer.settings import Settings


class ArtifactStore(Protocol):
    """Keeps artifacts; nothing appears under its final name half-written."""

    def check(self) -> None:
        """Make sure, before the work starts, that the store can be written.

        Raises:
            SettingsError: it cannot, and trying again would not help.
        """

    def location(self, artifact: str) -> str:
        """The path or address of an artifact: `model`, `metrics` or `report`."""

    def save(self, model: bytes, report: bytes, metrics: bytes) -> None:
        """Store the artifacts of a run, `metrics` last: its presence means that the others are whole.

        Raises:
            ServiceError: an artifact could not be stored.
        """


def open_store(settings: Settings) -> ArtifactStore:
    """The folder of OUTPUT_PATH."""
    from trainer.artifacts.folder import FolderStore

    assert settings.output_path is not None  # the settings were checked
    return FolderStore(settings.output_path)
