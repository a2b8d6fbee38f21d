"""The port of artifact stores: a folder or a bucket, behind five methods."""

from __future__ import annotations

from typing import Literal, Protocol

Artifact = Literal["model", "metrics", "report", "predictions", "checkpoint", "lease", "stop"]


class ArtifactStore(Protocol):
    """Keeps artifacts by role; nothing appears under its final name half-written."""

    def check(self) -> None:
        """Make sure, before the work starts, that the store can be written; leaves no trace.

        Raises:
            SettingsError: it cannot, and trying again would not help.
            ServiceError: it is away or refuses us.
        """

    def location(self, artifact: Artifact) -> str:
        """The path or address of an artifact."""

    def get(self, artifact: Artifact) -> bytes | None:
        """The content of an artifact, None when there is none.

        Raises:
            ServiceError: the store could not be asked.
        """

    def put(self, artifact: Artifact, content: bytes) -> None:
        """Store an artifact, in place of an earlier one.

        Raises:
            ServiceError: it could not be stored, after retries.
        """

    def delete(self, artifact: Artifact) -> None:
        """Remove an artifact; nothing happens when there is none.

        Raises:
            ServiceError: it could not be removed, after retries.
        """
