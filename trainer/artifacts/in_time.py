"""A store whose calls end in time: after a stop none of them takes longer than its part of STOP_DEADLINE."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from trainer.artifacts.store import Artifact, ArtifactStore, Staged, Version
from trainer.errors import ServiceError
from trainer.process.deadline import Until, call_in_time
from trainer.process.stop import StopToken

Result = TypeVar("Result")

_UNTIL: dict[Artifact, Until] = {
    "checkpoint": Until.CHECKPOINT,
    "report": Until.EXTRAS,
    "predictions": Until.EXTRAS,
}


@dataclass(frozen=True)
class StoreInTime:
    """Calls another store; raises `ServiceError` when the time for a call is over."""

    store: ArtifactStore
    stop: StopToken

    def check(self) -> None:
        """See `ArtifactStore.check`."""
        self.store.check()

    def location(self, artifact: Artifact) -> str:
        """See `ArtifactStore.location`."""
        return self.store.location(artifact)

    def begin_end(self) -> None:
        """See `ArtifactStore.begin_end`."""
        self.store.begin_end()

    def get(self, artifact: Artifact, most_bytes: int | None = None) -> bytes | None:
        """See `ArtifactStore.get`."""
        return self._call("Reading", artifact, lambda: self.store.get(artifact, most_bytes))

    def digest(self, artifact: Artifact) -> str | None:
        """See `ArtifactStore.digest`."""
        return self._call("Reading", artifact, lambda: self.store.digest(artifact))

    def version(self, artifact: Artifact) -> Version | None:
        """See `ArtifactStore.version`."""
        return self._call("Reading", artifact, lambda: self.store.version(artifact))

    def replace(self, artifact: Artifact, content: bytes, over: Version | None) -> None:
        """See `ArtifactStore.replace`."""
        self._call("Writing", artifact, lambda: self.store.replace(artifact, content, over))

    def stage(self, artifact: Artifact, content: bytes) -> Staged:
        """See `ArtifactStore.stage`."""
        return _StagedInTime(self._call("Writing", artifact, lambda: self.store.stage(artifact, content)), self._call)

    def put(self, artifact: Artifact, content: bytes) -> None:
        """See `ArtifactStore.put`."""
        self._call("Writing", artifact, lambda: self.store.put(artifact, content))

    def delete(self, artifact: Artifact) -> None:
        """See `ArtifactStore.delete`."""
        self._call("Removing", artifact, lambda: self.store.delete(artifact))

    def _call(self, doing: str, artifact: Artifact, action: Callable[[], Result]) -> Result:
        until = _UNTIL.get(artifact, Until.RESULT)
        return call_in_time(self.stop, until, f"{doing} {self.store.location(artifact)}", action)


@dataclass(frozen=True)
class _StagedInTime:
    staged: Staged
    call: Callable[[str, Artifact, Callable[[], Any]], Any]

    @property
    def artifact(self) -> Artifact:
        return self.staged.artifact

    def commit(self, over: Version | None) -> Version:
        version: Version = self.call("Writing", self.artifact, lambda: self.staged.commit(over))
        return version

    def discard(self) -> None:
        with suppress(ServiceError):
            self.call("Removing", self.artifact, self.staged.discard)
