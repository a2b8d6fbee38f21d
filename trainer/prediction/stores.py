"""The store that the model of a prediction comes from, and the one that the predictions go to."""

from __future__ import annotations

from pathlib import Path

from trainer.artifacts.folder import FolderStore
from trainer.artifacts.store import ArtifactStore
from trainer.errors import SettingsError
from trainer.settings.groups.s3 import S3Settings
from trainer.settings.prediction import TrainedModelSettings

_LONGEST_KEY = 1024
"""Bytes that S3 allows."""


def open_stores(
    model: TrainedModelSettings, s3: S3Settings, graph_name: str, output_path: str | None
) -> tuple[ArtifactStore, ArtifactStore]:
    """The store of the artifact `model`, and that of the artifact `predictions`.

    Predictions for a model in S3 go beside the artifacts of its run, under the name of the graph, so that they never
    replace the run's own.

    Raises:
        SettingsError: MINIO_ENDPOINT is no address, or GRAPH_NAME is too long to name a key.
    """
    local = None if output_path is None else FolderStore({"predictions": Path(output_path)})
    if not model.is_in_s3:
        assert local is not None
        return FolderStore({"model": Path(model.model)}), local
    from trainer.artifacts.s3 import S3Store

    bucket, _, model_key = model.model.removeprefix("s3://").partition("/")
    key = f"{model_key.removesuffix('.pt')}/predictions/{graph_name}.csv.gz"
    if local is None and len(key.encode()) > _LONGEST_KEY:
        raise SettingsError("GRAPH_NAME is too long to name a key in the S3 store; set OUTPUT_PATH.")
    s3 = s3.model_copy(update={"minio_bucket": bucket})
    return S3Store(s3, bucket, {"model": model_key}), local or S3Store(s3, bucket, {"predictions": key})
