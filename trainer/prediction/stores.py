"""The store that the model of a prediction comes from, and the one that the predictions go to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from trainer.artifacts.folder import FolderStore
from trainer.artifacts.run_folder import paths_of_run
from trainer.artifacts.store import Artifact, ArtifactStore, UnusableError
from trainer.errors import DataError, SettingsError
from trainer.settings.groups.s3 import S3Settings
from trainer.settings.prediction import TrainedModelSettings, flaw_of_key

_LONGEST_KEY = 1024
"""Bytes that S3 allows."""


def open_stores(
    model: TrainedModelSettings, s3: S3Settings, graph_name: str, output_path: str | None
) -> tuple[ArtifactStore, ArtifactStore]:
    """The store of the artifact `model` and the `metrics` of its run, and that of `predictions` with their `metrics`.

    The measures are beside the table, under its name with `.metrics.json` in place of `.csv.gz`. Predictions for a model in S3 go beside the artifacts of its run, under the name of the graph, so that they never
    replace the run's own.

    Raises:
        SettingsError: MINIO_ENDPOINT is no address, or GRAPH_NAME cannot name a key.
        DataError: the model is a file that this process may not read.
    """
    paths = None if output_path is None else {role: Path(name) for role, name in _names(output_path).items()}
    local = None if paths is None else FolderStore(paths)
    if not model.is_in_s3:
        assert local is not None
        _check_readable(model.model)
        return FolderStore(paths_of_run(model.model)), local
    from trainer.artifacts.s3 import S3Store

    bucket, _, model_key = model.model.removeprefix("s3://").partition("/")
    keys = _names(f"{model_key.removesuffix('.pt')}/predictions/{graph_name}.csv.gz")
    if local is None:
        _check_key(graph_name, keys)
    s3 = s3.model_copy(update={"minio_bucket": bucket})
    run_keys: dict[Artifact, str] = {"model": model_key, "metrics": f"{model_key.removesuffix('.pt')}/metrics.json"}
    return S3Store(s3, bucket, run_keys), local or S3Store(s3, bucket, keys)


def model_content(store: ArtifactStore) -> bytes | None:
    """The content of the model file, None when there is none.

    Raises:
        DataError: it is longer than a model may be, or no file.
        ServiceError: the store could not be asked.
    """
    try:
        return store.get("model")
    except UnusableError as error:
        raise DataError(f"The model cannot be used: {error}") from error


def _check_readable(path: str) -> None:
    """Before the store, for which every failure of a folder may be one that passes."""
    if not os.access(path, os.R_OK):
        raise DataError(f"MODEL={path!r} cannot be read by the user of this process; give it the right to.")


def _check_key(graph_name: str, keys: Mapping[Artifact, str]) -> None:
    """Once more where the only graph of a folder was found by itself."""
    flaw = flaw_of_key(graph_name)
    if flaw is not None:
        raise SettingsError(f"GRAPH_NAME={graph_name!r} {flaw}.")
    if max(len(key.encode()) for key in keys.values()) > _LONGEST_KEY:
        raise SettingsError("GRAPH_NAME is too long to name a key in the S3 store; set OUTPUT_PATH.")


def _names(table: str) -> dict[Artifact, str]:
    """The paths or keys of a table and of its measures."""
    return {"predictions": table, "metrics": f"{table.removesuffix('.csv.gz')}.metrics.json"}
