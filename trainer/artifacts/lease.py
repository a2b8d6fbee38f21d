"""Which of several pods with one QUEUE_ID may write its artifacts.

Kubernetes may start a Job's pod twice. The later one owns the artifacts; the other one notices
before it writes anything and steps back, so that no result is made of parts of both.
"""

from __future__ import annotations

import uuid

import orjson

from trainer.artifacts.store import ArtifactStore


class SupersededError(Exception):
    """Another run with the same QUEUE_ID has taken over; its events will say how that ends."""


class Lease:
    """The right of one run to write the artifacts of its QUEUE_ID."""

    def __init__(self, store: ArtifactStore) -> None:
        """Nothing is leased yet."""
        self._store = store
        self._content = orjson.dumps({"run": uuid.uuid4().hex})

    def take(self) -> None:
        """Become the owner, whoever it was before."""
        self._store.put("lease", self._content)

    def check(self) -> None:
        """Raise `SupersededError` when another run has become the owner since."""
        if self._store.get("lease") != self._content:
            raise SupersededError

    def release(self) -> None:
        """Give the lease up, unless another run holds it by now."""
        if self._store.get("lease") == self._content:
            self._store.delete("lease")
