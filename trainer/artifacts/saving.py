"""The order in which a run's artifacts are stored, and what happens when they cannot be."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.artifacts.lease import Lease, SupersededError
from trainer.artifacts.run_folder import RunFolder, names_weights
from trainer.artifacts.store import Artifact, ArtifactStore, Staged
from trainer.errors import ServiceError
from trainer.process.deadline import OutOfTimeError

if TYPE_CHECKING:
    from trainer.record import RunRecord

_log = logging.getLogger("gnn_trainer")

_LONGEST_NAME = 200
"""Bytes of a folder's name; file systems allow 255."""


def save_run(
    store: ArtifactStore,
    lease: Lease,
    queue_id: str,
    contents: Mapping[Artifact, bytes],
    describe: Callable[[Mapping[Artifact, bytes]], bytes],
) -> Mapping[Artifact, bytes]:
    """Store the artifacts of a run: first bring all of them to the store, then name them, `metrics` last.

    An older result stays as it is until everything has arrived. Nothing is removed before: a run that was replaced without
    noticing would remove what belongs to the newer one.

    Args:
        store: of the run.
        lease: of the run.
        queue_id: names the folder of a local copy.
        contents: all artifacts but the metrics, the model first.
        describe: the metrics of a run that stored these artifacts. After a stop, extras that STOP_DEADLINE leaves no time
            for are not among them.

    Returns:
        The artifacts that are stored, but the metrics.

    Raises:
        ServiceError: the model, the metrics or another artifact could not be stored; says where the local copy is.
        SupersededError: another run with the same QUEUE_ID owns the artifacts by now.
    """
    saving = _Saving(store, lease, contents)
    store.begin_end()
    try:
        lease.check()
        saving.stage()
        saving.stage_metrics(describe)
        has_older_weights = "weights" not in contents and _has_weights(store)
        saving.commit(describe)
        # Whoever took over before the metrics were there does not know of them and will replace them.
        lease.check()
    except ServiceError as error:
        saving.withdraw_older_metrics()
        copy = _keep_locally(queue_id, {**contents, "metrics": describe(contents)})
        raise ServiceError(f"{str(error).rstrip('.')}; {copy}.") from error
    finally:
        saving.discard()
    extras: tuple[Artifact, ...] = ("report", "predictions", *(("weights",) if has_older_weights else ()))
    for artifact in extras:
        if artifact not in saving.stored:
            _remove(store, artifact)  # that of an older model
    return saving.stored


class _Saving:
    """The artifacts of one run on their way: staged, then committed."""

    def __init__(self, store: ArtifactStore, lease: Lease, contents: Mapping[Artifact, bytes]) -> None:
        self._store, self._lease, self._contents = store, lease, contents
        self._staged: dict[Artifact, Staged] = {}
        self._is_complete = False
        self.stored: dict[Artifact, bytes] = {}

    def stage(self) -> None:
        """Bring all but the metrics to the store."""
        for artifact, content in self._contents.items():
            with _unless_out_of_time(artifact):
                self._staged[artifact] = self._store.stage(artifact, content)

    def stage_metrics(self, describe: Callable[[Mapping[Artifact, bytes]], bytes]) -> None:
        """Bring the metrics of what is staged or stored to the store."""
        named = {
            name: content for name, content in self._contents.items() if name in self._staged or name in self.stored
        }
        self._staged["metrics"] = self._store.stage("metrics", describe(named))

    def commit(self, describe: Callable[[Mapping[Artifact, bytes]], bytes]) -> None:
        """Name everything, the metrics last."""
        num_staged = len(self._staged) - 1
        for artifact, content in self._contents.items():
            if artifact in self._staged:
                with _unless_out_of_time(artifact):
                    self._lease.commit(self._staged[artifact])
                    self.stored[artifact] = content
                    del self._staged[artifact]
        if len(self.stored) < num_staged:
            self.discard()
            self.stage_metrics(describe)
        self._look(*self.stored)
        self._lease.commit(self._staged["metrics"])
        del self._staged["metrics"]
        self._look("metrics")
        self._is_complete = True

    def _look(self, *artifacts: Artifact) -> None:
        """See that artifacts are there, whatever the store has answered: metrics are a promise."""
        with suppress(OutOfTimeError):
            missing = [artifact for artifact in artifacts if self._store.version(artifact) is None]
            if not missing:
                return
            self._lease.check()  # a newer run may have removed it
            location = self._store.location(missing[0])
            raise ServiceError(f"{location} is not there, though it was stored without an error; see what removes it.")

    def withdraw_older_metrics(self) -> None:
        """Remove the metrics of an older result of which a part was replaced; the rest could not be."""
        if not self.stored or self._is_complete:
            return
        with suppress(ServiceError, SupersededError):
            self._lease.check()
            if self._store.version("metrics") == self._lease.version("metrics"):
                self._store.delete("metrics")

    def discard(self) -> None:
        """Remove what was staged and not committed."""
        for staged in self._staged.values():
            staged.discard()
        self._staged.clear()


@contextmanager
def _unless_out_of_time(artifact: Artifact) -> Iterator[None]:
    """Go on without an extra that STOP_DEADLINE leaves no time for."""
    try:
        yield
    except OutOfTimeError as error:
        if artifact in ("model", "weights"):
            raise
        _log.warning(f"The run ends without its {artifact}: {error}")


def _has_weights(store: ArtifactStore) -> bool:
    """Whether the model that is replaced has weights of its own beside it; another file of that name is not ours."""
    try:
        return store.version("weights") is not None and names_weights(store.get("metrics") or b"")
    except ServiceError as error:
        _log.warning(f"Whether {store.location('weights')} is of an older run cannot be said: {error}")
        return False


def _remove(store: ArtifactStore, artifact: Artifact) -> None:
    try:
        if store.version(artifact) is not None:
            store.delete(artifact)
    except ServiceError as error:
        _log.warning(f"{store.location(artifact)} of an older run is still there: {error}")


def graph_metadata(run: RunRecord, model_path: str) -> dict[str, Any]:
    """The document about a run for the collection `graph_metadata`."""
    return {
        "queue_id": run.queue_id,
        "graph_name": run.graph_name,
        "symbol": run.symbol,
        "status": run.status,
        "task": run.task,
        "created_at": run.created_at,
        "best_epoch": run.best_epoch,
        "epochs_run": run.epochs_run,
        "stop_reason": run.stop_reason,
        "model_type": run.model.type,
        "target": run.target.name,
        "model_path": model_path,
        "features": list(dict.fromkeys(feature.name for feature in run.features)),
        "metrics": run.metrics.plain(),
    }


def _keep_locally(queue_id: str, contents: Mapping[Artifact, bytes]) -> str:
    folder = Path(tempfile.gettempdir()) / "gnn-trainer" / _folder_name(queue_id)
    local = RunFolder(str(folder / "model.pt"))
    try:
        for artifact, content in contents.items():
            local.put(artifact, content)
    except ServiceError:
        return "no local copy could be written either"
    return f"a copy is in {folder} and goes with the pod"


def _folder_name(queue_id: str) -> str:
    """One name for a folder: the id itself, shortened with a hash where a file system would refuse its length."""
    name = queue_id.replace("/", "_")
    if len(os.fsencode(name)) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(queue_id.encode()).hexdigest()[:16]
    return f"{os.fsencode(name)[:_LONGEST_NAME].decode(errors='ignore')}-{digest}"
