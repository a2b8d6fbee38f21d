"""The order in which a run's artifacts are stored, and what happens when they cannot be."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from trainer.artifacts.folder import FolderStore, paths_of_run
from trainer.artifacts.lease import Lease
from trainer.artifacts.store import Artifact, ArtifactStore
from trainer.errors import ServiceError


def save_run(store: ArtifactStore, lease: Lease, queue_id: str, contents: dict[Artifact, bytes]) -> None:
    """Store the artifacts of a run, `metrics` last: its presence means that the others are whole.

    Raises:
        ServiceError: an artifact could not be stored; says where the local copy is.
        SupersededError: another run with the same QUEUE_ID owns the place by now.
    """
    try:
        lease.check()
        store.delete("metrics")  # an older run's mark of completeness
        if "predictions" not in contents:
            store.delete("predictions")  # those of an older model
        for artifact, content in contents.items():
            if artifact == "metrics":
                lease.check()
            store.put(artifact, content)
    except ServiceError as error:
        raise ServiceError(f"{str(error).rstrip('.')}; {_keep_locally(queue_id, contents)}.") from error


def finished_before(
    store: ArtifactStore, learning: Mapping[str, Any], *, with_predictions: bool
) -> dict[str, Any] | None:
    """The content of `metrics.json` when this very run was finished by an earlier process.

    Args:
        store: of the run.
        learning: the settings that decide what is learned, see `Settings.learning`.
        with_predictions: whether it counts only with predictions.
    """
    content = store.get("metrics")
    try:
        run = orjson.loads(content) if content is not None else {}
    except orjson.JSONDecodeError:
        return None
    told = run.get("settings") or {}
    same = all(told.get(name) == value for name, value in learning.items())
    if with_predictions and not told.get("save_predictions"):
        return None
    return run if run.get("status") == "finished" and same else None


def headline(metrics: dict[str, Any]) -> dict[str, Any]:
    """The measures to speak of: those of the test part, else validation, else training."""
    found: dict[str, Any] = metrics["test"] or metrics["val"] or metrics["train"] or {}
    return found


def graph_metadata(run: dict[str, Any], model_path: str) -> dict[str, Any]:
    """The document about a run for the collection `graph_metadata`."""
    told = (
        "queue_id",
        "graph_name",
        "symbol",
        "status",
        "task",
        "created_at",
        "best_epoch",
        "epochs_run",
        "stop_reason",
    )
    document = {name: run[name] for name in told}
    names = {"model_type": run["model"]["type"], "target": run["target"]["name"], "model_path": model_path}
    features = list(dict.fromkeys(feature["name"] for feature in run["features"]))
    return document | names | {"features": features, "metrics": run["metrics"]}


def _keep_locally(queue_id: str, contents: dict[Artifact, bytes]) -> str:
    folder = Path(tempfile.gettempdir()) / "gnn-trainer" / queue_id.replace("/", "_")
    local = FolderStore(paths_of_run(str(folder / "model.pt")))
    try:
        for artifact, content in contents.items():
            local.put(artifact, content)
    except ServiceError:
        return "no local copy could be written either"
    return f"a copy is in {folder} and goes with the pod"
