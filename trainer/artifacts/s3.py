"""Artifacts in a bucket of an S3-compatible store.

Calls are retried here and nowhere else: boto3's own retries are off, so that the bounds below hold.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import stamina
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from trainer.artifacts.s3_client import open_client
from trainer.artifacts.s3_faults import FAULTS, Operation, RetryBudget, explain
from trainer.artifacts.store import Artifact
from trainer.errors import ServiceError
from trainer.process.retries import show_retries_in_log
from trainer.settings.groups.s3 import S3Settings

QUICK_PATIENCE_S = 15.0
"""How long a store may be away when little is lost by giving up."""
PUT_PATIENCE_S = 45.0
"""How long it may be away when a trained model waits to be stored; a checkpoint and a model fit into a pod's grace."""
MULTIPART_THRESHOLD = 16 * 2**20
PART_BYTES = 8 * 2**20
NUM_UPLOAD_THREADS = 4
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0
JITTER_S = 0.3

_CONTENT_TYPES: dict[Artifact, str] = {
    "metrics": "application/json",
    "report": "text/html; charset=utf-8",
    "predictions": "application/gzip",
}
_BINARY = "application/octet-stream"

_log = logging.getLogger("gnn_trainer")

T = TypeVar("T")


def keys_of_run(queue_id: str) -> dict[Artifact, str]:
    """Keys begin with the queue id, so that runs do not meet."""
    return {
        "model": f"{queue_id}.pt",
        "metrics": f"{queue_id}/metrics.json",
        "report": f"{queue_id}/report.html",
        "predictions": f"{queue_id}/predictions.csv.gz",
        "checkpoint": f"{queue_id}/checkpoints/last.ckpt",
        "lease": f"{queue_id}/checkpoints/owner.json",
        "stop": f"{queue_id}/checkpoints/stop.json",
    }


class S3Store:
    """Artifacts under keys of their own in one bucket; `keys_of_run` has those of a run."""

    def __init__(self, s3: S3Settings, bucket: str, keys: Mapping[Artifact, str]) -> None:
        """Prepare a client; nothing is sent yet.

        Raises:
            SettingsError: MINIO_ENDPOINT is no address.
        """
        show_retries_in_log()
        self._s3 = s3
        self._bucket = bucket
        self._client: Any = open_client(s3)
        self._keys = dict(keys)

    def check(self) -> None:
        """See `ArtifactStore.check`; a multipart upload of the first artifact is started and aborted: only that tests the right to write."""
        first = next(iter(self._keys))
        upload_id = self._try(first, "written", QUICK_PATIENCE_S, lambda: self._start_upload(first))
        try:
            self._client.abort_multipart_upload(**self._address(first), UploadId=upload_id)
        except FAULTS as error:
            # Some rights to write come without this one, and an upload without parts costs nothing.
            _log.warning("A started upload of %s stays unfinished (%s)", self.location(first), type(error).__name__)

    def location(self, artifact: Artifact) -> str:
        """See `ArtifactStore.location`."""
        return f"s3://{self._bucket}/{self._keys[artifact]}"

    def get(self, artifact: Artifact) -> bytes | None:
        """See `ArtifactStore.get`."""
        return self._try(artifact, "read", QUICK_PATIENCE_S, lambda: self._read(artifact))

    def put(self, artifact: Artifact, content: bytes) -> None:
        """See `ArtifactStore.put`; large contents travel in parts."""
        self._try(artifact, "written", PUT_PATIENCE_S, lambda: self._write(artifact, content))

    def delete(self, artifact: Artifact) -> None:
        """See `ArtifactStore.delete`."""
        address = self._address(artifact)
        self._try(artifact, "removed", QUICK_PATIENCE_S, lambda: self._client.delete_object(**address))

    def _start_upload(self, artifact: Artifact) -> str:
        upload_id = self._client.create_multipart_upload(**self._address(artifact)).get("UploadId")
        if not upload_id:
            raise ResponseParserError("no upload id")
        return str(upload_id)

    def _read(self, artifact: Artifact) -> bytes | None:
        try:
            with self._client.get_object(**self._address(artifact))["Body"] as body:
                return bytes(body.read())
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise

    def _write(self, artifact: Artifact, content: bytes) -> None:
        # A file object and not the bytes: these would have to leave within the connect timeout.
        self._client.upload_fileobj(
            io.BytesIO(content),
            **self._address(artifact),
            ExtraArgs={"ContentType": _CONTENT_TYPES.get(artifact, _BINARY)},
            Config=TransferConfig(
                multipart_threshold=MULTIPART_THRESHOLD,
                multipart_chunksize=PART_BYTES,
                max_concurrency=NUM_UPLOAD_THREADS,
                preferred_transfer_client="classic",
            ),
        )

    def _address(self, artifact: Artifact) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._keys[artifact]}

    def _try(self, artifact: Artifact, operation: Operation, budget_s: float, call: Callable[[], T]) -> T:
        attempts = stamina.retry_context(
            on=RetryBudget(budget_s),
            attempts=None,
            timeout=None,
            wait_initial=FIRST_WAIT_S,
            wait_max=LONGEST_WAIT_S,
            wait_jitter=JITTER_S,
        )
        try:
            for attempt in attempts:
                with attempt:
                    return call()
        except FAULTS as error:
            raise ServiceError(explain(error, self._s3, self.location(artifact), operation)) from error
        raise AssertionError("attempts end with a result or an error")
