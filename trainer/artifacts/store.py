"""The port of artifact stores: a folder or a bucket."""

from __future__ import annotations

from typing import Literal, Protocol

from trainer.errors import ServiceError

Artifact = Literal["model", "weights", "metrics", "report", "predictions", "checkpoint", "lease", "stop"]

Version = str
"""What tells two contents of one artifact apart; it means nothing outside the store."""


class ChangedError(Exception):
    """Somebody else has written, or removed, what was to be replaced."""


class UnusableError(ServiceError):
    """What has the name of an artifact is longer than any of its kind, or no file."""


class Staged(Protocol):
    """A content that is in the store but not under its name yet: nobody sees it."""

    @property
    def artifact(self) -> Artifact:
        """What it will be."""

    def commit(self, over: Version | None) -> Version:
        """Put it under its name in one step, in place of this version only; None: where there is none.

        Returns:
            The version that it is by now.

        Raises:
            ChangedError: another version is there; the content stays staged.
            ServiceError: it could not be done, after retries.
        """

    def discard(self) -> None:
        """Remove it, unless it is committed; what cannot be removed is left without an error."""


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

    def begin_end(self) -> None:
        """From now on the result of the run is stored: much is lost by giving up, so the store may be away for longer.

        The patience is one for all further calls together, as long as none of them succeeds.
        """

    def get(self, artifact: Artifact, most_bytes: int | None = None) -> bytes | None:
        """The content of an artifact, None when there is none.

        Args:
            artifact: one that is read as a whole.
            most_bytes: how long it may be; without, as long as any of its kind, see `trainer.artifacts.lengths`.

        Raises:
            UnusableError: it is longer, or no file.
            ServiceError: the store could not be asked.
        """

    def digest(self, artifact: Artifact) -> str | None:
        """The SHA-256 of an artifact of any length in hexadecimal, None when there is none.

        Raises:
            UnusableError: it is no file.
            ServiceError: the store could not be asked.
        """

    def version(self, artifact: Artifact) -> Version | None:
        """Which version of an artifact is there, None when there is none.

        Raises:
            ServiceError: the store could not be asked.
        """

    def put(self, artifact: Artifact, content: bytes) -> None:
        """Store an artifact, in place of an earlier one.

        Raises:
            ServiceError: it could not be stored, after retries.
        """

    def replace(self, artifact: Artifact, content: bytes, over: Version | None) -> None:
        """Store a small artifact in place of this version only; None: where there is none.

        Raises:
            ChangedError: another version is there.
            ServiceError: it could not be stored, after retries.
        """

    def stage(self, artifact: Artifact, content: bytes) -> Staged:
        """Bring a content to the store without giving it its name.

        Raises:
            ServiceError: it could not be stored, after retries.
        """

    def delete(self, artifact: Artifact) -> None:
        """Remove an artifact; nothing happens when there is none.

        Raises:
            ServiceError: it could not be removed, after retries.
        """
