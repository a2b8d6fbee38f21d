"""A store whose calls end in time: after a stop none of them takes longer than its part of STOP_DEADLINE."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from trainer.artifacts.store import Artifact, ArtifactStore
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

    def get(self, artifact: Artifact) -> bytes | None:
        """See `ArtifactStore.get`."""
        return self._call("Reading", artifact, lambda: self.store.get(artifact))

    def put(self, artifact: Artifact, content: bytes) -> None:
        """See `ArtifactStore.put`."""
        self._call("Writing", artifact, lambda: self.store.put(artifact, content))

    def delete(self, artifact: Artifact) -> None:
        """See `ArtifactStore.delete`."""
        self._call("Removing", artifact, lambda: self.store.delete(artifact))

    def _call(self, doing: str, artifact: Artifact, action: Callable[[], Result]) -> Result:
        until = _UNTIL.get(artifact, Until.RESULT)
        return call_in_time(self.stop, until, f"{doing} {self.store.location(artifact)}", action)
