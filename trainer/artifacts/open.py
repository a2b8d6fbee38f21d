"""Which store a run keeps its artifacts in."""

from __future__ import annotations

from trainer.artifacts.store import ArtifactStore
from trainer.settings.groups.local import LocalSettings
from trainer.settings.groups.s3 import S3Settings


def open_store(local: LocalSettings, s3: S3Settings, queue_id: str) -> ArtifactStore:
    """The folder of OUTPUT_PATH, else the bucket of MINIO_ENDPOINT."""
    if local.output_path is not None:
        from trainer.artifacts.run_folder import RunFolder

        return RunFolder(local.output_path)
    from trainer.artifacts.s3 import S3Store, keys_of_run

    assert s3.minio_bucket is not None
    return S3Store(s3, s3.minio_bucket, keys_of_run(queue_id))
