"""Which store a run keeps its artifacts in."""

from __future__ import annotations

from trainer.artifacts.store import ArtifactStore
from trainer.settings import Settings


def open_store(settings: Settings) -> ArtifactStore:
    """The folder of OUTPUT_PATH, else the bucket of MINIO_ENDPOINT."""
    if settings.output_path is not None:
        from trainer.artifacts.folder import FolderStore, paths_of_run

        return FolderStore(paths_of_run(settings.output_path))
    from trainer.artifacts.s3 import S3Store, keys_of_run

    assert settings.minio_bucket is not None
    return S3Store(settings, settings.minio_bucket, keys_of_run(settings.queue_id))
