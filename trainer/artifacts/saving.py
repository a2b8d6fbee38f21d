"""The order in which a run's artifacts are stored, and what happens when they cannot be."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.artifacts.folder import FolderStore, paths_of_run
from trainer.artifacts.lease import Lease
from trainer.artifacts.store import Artifact, ArtifactStore
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
    """Store the artifacts of a run, `metrics` last: its presence means that the others are complete.

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
    stored: dict[Artifact, bytes] = {}
    try:
        lease.check()
        store.delete("metrics")  # an older run's mark of completeness
        if "predictions" not in contents:
            store.delete("predictions")  # those of an older model
        for artifact, content in contents.items():
            try:
                store.put(artifact, content)
                stored[artifact] = content
            except OutOfTimeError as error:
                if artifact == "model":
                    raise
                _log.warning(f"The run ends without its {artifact}: {error}")
        lease.check()
        store.put("metrics", describe(stored))
    except ServiceError as error:
        copy = _keep_locally(queue_id, {**contents, "metrics": describe(contents)})
        raise ServiceError(f"{str(error).rstrip('.')}; {copy}.") from error
    return stored


def finished_before(
    store: ArtifactStore, learning: Mapping[str, Any], defaults: Mapping[str, Any], *, with_predictions: bool
) -> RunRecord | None:
    """The record of this very run when an earlier process has finished it, and its model is still there.

    Args:
        store: of the run.
        learning: the settings that decide what is learned, see `Settings.learning`.
        defaults: their defaults, which hold for a record of before there was such a setting.
        with_predictions: whether it counts only with predictions.
    """
    content = store.get("metrics")
    if content is None:
        return None
    from trainer.record import RunRecord  # 40 ms, for the few runs that need it this early

    try:
        run = RunRecord.from_json(content)
    except ValueError:
        _log.warning(f"{store.location('metrics')} cannot be read as the record of a run; training starts anew.")
        return None
    same = all(run.settings.get(name, defaults[name]) == value for name, value in learning.items())
    if run.status != "finished" or not same or (with_predictions and not run.settings.get("save_predictions")):
        return None
    model = store.get("model")
    if model is None or hashlib.sha256(model).hexdigest() != run.model.sha256:
        _log.warning(
            f"{store.location('model')} is not the model of {store.location('metrics')}; training starts anew."
        )
        return None
    return run


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
    local = FolderStore(paths_of_run(str(folder / "model.pt")))
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
