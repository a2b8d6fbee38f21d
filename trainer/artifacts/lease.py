"""Which of several processes with one QUEUE_ID may write its artifacts.

Kubernetes may start a Job's pod twice, and a paused node may wake up with a run that was replaced long ago. The later run
owns the artifacts: it takes the claim and notes what is stored at that moment. It replaces only what it noted, so that an
older run that still writes finds something else in its place, looks at the claim, and steps back. No result is made of
parts of both. A queue that is started again has two Jobs, and a new pod of the older one begins last: it steps back, since the
claim says when its run was ordered.
"""

from __future__ import annotations

import logging
import uuid
from pathlib import PurePath

import orjson

from trainer.artifacts.store import Artifact, ArtifactStore, ChangedError, Staged, Version
from trainer.errors import ServiceError

_RESULT: tuple[Artifact, ...] = ("model", "weights", "metrics", "report", "predictions")
_TRIES = 20

_log = logging.getLogger("gnn_trainer")


class SupersededError(Exception):
    """Another run with the same QUEUE_ID has taken over; its events will say how that ends."""


class Lease:
    """The right of one run to write the artifacts of its QUEUE_ID."""

    def __init__(self, store: ArtifactStore, ordered_s: float | None = None) -> None:
        """Nothing is leased yet.

        Args:
            store: of the artifacts.
            ordered_s: when the run was ordered, in seconds since 1970, if that is known.
        """
        self._store = store
        self._ordered_s = ordered_s
        self._run = uuid.uuid4().hex
        self._content = b""
        self._versions: dict[Artifact, Version | None] | None = None

    def take(self) -> None:
        """Become the owner, whoever it was before.

        Raises:
            SupersededError: the owner was ordered later.
        """
        for _ in range(_TRIES):
            over = self._store.version("lease")
            self.leave_to_a_later_start()
            claim = {"run": self._run, "model": PurePath(self._store.location("model")).name}
            self._content = orjson.dumps(claim | {"ordered_at": self._ordered_s})
            try:
                self._store.replace("lease", self._content, over)
            except ChangedError:  # another run takes it at the same time
                continue
            self._versions = {artifact: self._store.version(artifact) for artifact in (*_RESULT, "checkpoint")}
            return
        raise self._never_still("lease")

    def leave_to_a_later_start(self) -> None:
        """Raise `SupersededError` when the present owner was ordered later than this run."""
        if self._ordered_s is None:
            return
        theirs = _ordered_at(self._store.get("lease"))
        if theirs is not None and theirs > self._ordered_s:
            raise SupersededError

    def version(self, artifact: Artifact) -> Version | None:
        """The version of an artifact that this run may replace: seen when it took the lease, or its own."""
        return None if self._versions is None else self._versions[artifact]

    def check(self) -> None:
        """Raise `SupersededError` when another run has become the owner since.

        A claim that is gone is no other owner: a life-cycle rule of the bucket may have removed it. It is made again, unless
        another run has stored something in the meantime.
        """
        owner = self._store.get("lease")
        if owner == self._content and self._content:
            return
        if owner is not None or self._is_result_of_another():
            raise SupersededError
        try:
            self._store.replace("lease", self._content, None)
        except ChangedError:
            raise SupersededError from None
        if self._is_result_of_another():  # all of it happened after the first look
            self.release()
            raise SupersededError
        _log.warning(
            f"{self._store.location('lease')} was removed by somebody; this run has claimed its QUEUE_ID again."
        )

    def put(self, artifact: Artifact, content: bytes) -> None:
        """Store an artifact, if this run is the owner.

        Raises:
            SupersededError: another run is.
            ServiceError: it could not be stored.
        """
        self.check()
        staged = self._store.stage(artifact, content)
        try:
            self.commit(staged)
        except BaseException:
            staged.discard()
            raise

    def commit(self, staged: Staged) -> None:
        """Put a staged artifact in the place of what this run may replace; the same errors as `put`."""
        assert self._versions is not None, "only an owner commits"
        artifact = staged.artifact
        for _ in range(_TRIES):
            try:
                self._versions[artifact] = staged.commit(self._versions[artifact])
            except ChangedError:
                present = self._store.version(
                    artifact
                )  # before the look at the claim: a later run has stored it after its own
                self.check()
                self._versions[artifact] = present
            else:
                return
        raise self._never_still(artifact)

    def release(self) -> None:
        """Give the lease up, unless another run holds it by now."""
        if self._content and self._store.get("lease") == self._content:
            self._store.delete("lease")

    def _is_result_of_another(self) -> bool:
        """Whether what is stored is not what this run may replace; what was removed was not replaced."""
        if self._versions is None:
            return True
        present = {artifact: self._store.version(artifact) for artifact in _RESULT}
        return any(version not in (None, self._versions[artifact]) for artifact, version in present.items())

    def _never_still(self, artifact: Artifact) -> ServiceError:
        return ServiceError(
            f"{self._store.location(artifact)} is changed by others all the time; let one run of a QUEUE_ID at a time write there."
        )


def _ordered_at(claim: bytes | None) -> float | None:
    """When the run that made a claim was ordered, where it says so."""
    try:
        content = orjson.loads(claim or b"")
    except orjson.JSONDecodeError:
        return None
    value = content.get("ordered_at") if isinstance(content, dict) else None
    return value if isinstance(value, float) else None
