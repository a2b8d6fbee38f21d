"""An artifact on its way into a bucket: its parts are there, the object is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from trainer.artifacts.store import Artifact, ChangedError, Version


@dataclass(frozen=True)
class Upload:
    """A multipart upload of which every part has arrived."""

    upload_id: str
    etags: list[str]


class Uploads(Protocol):
    """What a staged upload needs of its store."""

    def version(self, artifact: Artifact) -> Version | None:
        """See `ArtifactStore.version`."""

    def complete(self, staged: StagedUpload, over: Version | None) -> Version:
        """Make an object of the parts, in place of this version only."""

    def abort(self, staged: StagedUpload) -> None:
        """Remove the parts."""


@dataclass
class StagedUpload:
    """See `Staged`. The content is kept, for a store may lose the parts.

    Attributes:
        store: where the parts are.
        artifact: what it will be.
        content: all of it.
        upload: the parts.
    """

    store: Uploads
    artifact: Artifact
    content: bytes
    upload: Upload

    def commit(self, over: Version | None) -> Version:
        """See `Staged.commit`; stores that know no conditions are asked first, all others obey the condition."""
        if self.store.version(self.artifact) != over:
            raise ChangedError
        return self.store.complete(self, over)

    def discard(self) -> None:
        """See `Staged.discard`."""
        self.store.abort(self)
