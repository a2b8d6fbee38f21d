"""A store in memory in which a test interferes at a counted step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from trainer.artifacts.store import Artifact, ChangedError, Version
from trainer.errors import ServiceError
from trainer.process.deadline import OutOfTimeError

Interference = Callable[["Shelf"], None]


@dataclass
class Shelf:
    """Remembers what was done to it.

    Attributes:
        kept: the artifacts under their names.
        done: the steps, as `stage model`, `name model`, `delete model`.
        before: what happens before a step: an error is raised, another run does something.
        too_slow_for: an artifact that the time is over for.
    """

    kept: dict[Artifact, bytes] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    before: dict[str, Interference] = field(default_factory=dict)
    too_slow_for: Artifact | None = None
    _versions: dict[Artifact, int] = field(default_factory=dict)

    def check(self) -> None:
        """See `ArtifactStore.check`."""

    def location(self, artifact: Artifact) -> str:
        """See `ArtifactStore.location`."""
        return f"shelf/{artifact}"

    def begin_end(self) -> None:
        """See `ArtifactStore.begin_end`."""

    def get(self, artifact: Artifact, most_bytes: int | None = None) -> bytes | None:
        """See `ArtifactStore.get`."""
        self._begin(f"get {artifact}")
        return self.kept.get(artifact)

    def digest(self, artifact: Artifact) -> str | None:
        """See `ArtifactStore.digest`."""
        content = self.get(artifact)
        return None if content is None else hashlib.sha256(content).hexdigest()

    def version(self, artifact: Artifact) -> Version | None:
        """See `ArtifactStore.version`."""
        return f"{self._versions.get(artifact, 0)}" if artifact in self.kept else None

    def put(self, artifact: Artifact, content: bytes) -> None:
        """See `ArtifactStore.put`."""
        self._begin(f"put {artifact}")
        self._name(artifact, content)

    def replace(self, artifact: Artifact, content: bytes, over: Version | None) -> None:
        """See `ArtifactStore.replace`."""
        self._begin(f"replace {artifact}")
        self.name_over(artifact, content, over)

    def stage(self, artifact: Artifact, content: bytes) -> StagedThing:
        """See `ArtifactStore.stage`."""
        self._begin(f"stage {artifact}")
        if artifact == self.too_slow_for:
            raise OutOfTimeError(f"Writing {artifact} takes longer than what is left.")
        return StagedThing(self, artifact, content)

    def delete(self, artifact: Artifact) -> None:
        """See `ArtifactStore.delete`."""
        self._begin(f"delete {artifact}")
        self.kept.pop(artifact, None)

    def commit(self, artifact: Artifact, content: bytes, over: Version | None) -> Version:
        """See `Staged.commit`."""
        self._begin(f"name {artifact}")
        return self.name_over(artifact, content, over)

    def name_over(self, artifact: Artifact, content: bytes, over: Version | None) -> Version:
        """Replace this version only."""
        if self.version(artifact) != over:
            raise ChangedError
        return self._name(artifact, content)

    def _name(self, artifact: Artifact, content: bytes) -> Version:
        self.kept[artifact] = content
        self._versions[artifact] = self._versions.get(artifact, 0) + 1
        return str(self._versions[artifact])

    def _begin(self, step: str) -> None:
        self.done.append(step)
        interfere = self.before.pop(step, None)
        if interfere is not None:
            interfere(self)


@dataclass
class StagedThing:
    """See `Staged`."""

    shelf: Shelf
    artifact: Artifact
    content: bytes

    def commit(self, over: Version | None) -> Version:
        """See `Staged.commit`."""
        return self.shelf.commit(self.artifact, self.content, over)

    def discard(self) -> None:
        """See `Staged.discard`."""
        self.shelf.done.append(f"discard {self.artifact}")


def breaks(shelf: Shelf) -> None:
    """The store refuses a step."""
    raise ServiceError("it could not be stored.")
