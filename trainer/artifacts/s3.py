"""Artifacts in a bucket of an S3-compatible store.

Calls are retried here and nowhere else: boto3's own retries are off, so that the bounds below hold.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import stamina
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from trainer.artifacts.s3_client import open_client
from trainer.artifacts.s3_conditions import NO_VERSION, Conditions, has_failed, is_refusal
from trainer.artifacts.s3_faults import FAULTS, Operation, RetryBudget, explain
from trainer.artifacts.s3_staged import StagedUpload, Upload
from trainer.artifacts.store import Artifact, ChangedError, Version
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
        self._conditions = Conditions()

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

    def version(self, artifact: Artifact) -> Version | None:
        """See `ArtifactStore.version`: the ETag."""
        return self._try(artifact, "read", QUICK_PATIENCE_S, lambda: self._etag(artifact))

    def replace(self, artifact: Artifact, content: bytes, over: Version | None) -> None:
        """See `ArtifactStore.replace`; the first time it also finds out whether the store obeys conditions."""
        if self.version(artifact) != over:
            raise ChangedError
        self._try(artifact, "written", QUICK_PATIENCE_S, lambda: self._write_over(artifact, content, over))
        if not self._conditions.are_known:
            self._conditions.learn(
                self._try(artifact, "written", QUICK_PATIENCE_S, lambda: self._obeys(artifact, content))
            )

    def stage(self, artifact: Artifact, content: bytes) -> StagedUpload:
        """See `ArtifactStore.stage`: an upload in parts that is not completed yet."""
        upload = self._try(artifact, "written", PUT_PATIENCE_S, lambda: self._upload(artifact, content))
        return StagedUpload(self, artifact, content, upload)

    def complete(self, staged: StagedUpload, over: Version | None) -> Version:
        """Make an object of a staged upload, in place of this version only; see `Staged.commit`."""
        return self._try(staged.artifact, "written", PUT_PATIENCE_S, lambda: self._complete(staged, over))

    def abort(self, staged: StagedUpload) -> None:
        """Remove the parts of a staged upload, if they are there and the right to do so is."""
        self._abort(staged.artifact, staged.upload.upload_id)

    def put(self, artifact: Artifact, content: bytes) -> None:
        """See `ArtifactStore.put`; large contents travel in parts."""
        self._try(artifact, "written", PUT_PATIENCE_S, lambda: self._write(artifact, content))

    def delete(self, artifact: Artifact) -> None:
        """See `ArtifactStore.delete`."""
        address = self._address(artifact)
        self._try(artifact, "removed", QUICK_PATIENCE_S, lambda: self._client.delete_object(**address))

    def _start_upload(self, artifact: Artifact) -> str:
        kind = _CONTENT_TYPES.get(artifact, _BINARY)
        upload_id = self._client.create_multipart_upload(**self._address(artifact), ContentType=kind).get("UploadId")
        if not upload_id:
            raise ResponseParserError("no upload id")
        return str(upload_id)

    def _etag(self, artifact: Artifact) -> Version | None:
        try:
            return str(self._client.head_object(**self._address(artifact))["ETag"])
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                return None
            raise

    def _write_over(self, artifact: Artifact, content: bytes, over: Version | None) -> None:
        try:
            self._send(artifact, content, self._conditions.parameters(over))
        except ClientError as error:
            if has_failed(error):
                if self._read(artifact) != content:  # else an earlier try had arrived
                    raise ChangedError from error
            elif is_refusal(error) and not self._conditions.are_known:
                self._conditions.learn(obeyed=False)
                self._send(artifact, content, {})
            else:
                raise

    def _obeys(self, artifact: Artifact, content: bytes) -> bool:
        try:
            self._send(artifact, content, self._conditions.parameters(NO_VERSION))
        except ClientError as error:
            if has_failed(error):
                return True
            if not is_refusal(error):
                raise
        return False

    def _send(self, artifact: Artifact, content: bytes, parameters: Mapping[str, str]) -> None:
        kind = _CONTENT_TYPES.get(artifact, _BINARY)
        self._client.put_object(**self._address(artifact), Body=content, ContentType=kind, **parameters)

    def _upload(self, artifact: Artifact, content: bytes) -> Upload:
        upload_id = self._start_upload(artifact)
        try:
            return Upload(upload_id, self._send_parts(artifact, upload_id, content))
        except FAULTS:
            self._abort(artifact, upload_id)
            raise

    def _send_parts(self, artifact: Artifact, upload_id: str, content: bytes) -> list[str]:
        def send(number: int) -> str:
            # A file object and not the bytes: these would have to leave within the connect timeout.
            part = io.BytesIO(content[number * PART_BYTES : (number + 1) * PART_BYTES])
            place = self._address(artifact) | {"UploadId": upload_id}
            return str(self._client.upload_part(**place, PartNumber=number + 1, Body=part)["ETag"])

        num_parts = max(1, -(-len(content) // PART_BYTES))
        with ThreadPoolExecutor(NUM_UPLOAD_THREADS) as pool:
            return list(pool.map(send, range(num_parts)))

    def _complete(self, staged: StagedUpload, over: Version | None) -> Version:
        artifact = staged.artifact
        for is_last_try in (False, True):
            upload = staged.upload
            parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(upload.etags, start=1)]
            place = self._address(artifact) | {"UploadId": upload.upload_id}
            try:
                answer = self._client.complete_multipart_upload(
                    **place, MultipartUpload={"Parts": parts}, **self._conditions.parameters(over)
                )
                return str(answer.get("ETag") or self._etag(artifact))
            except ClientError as error:
                is_lost = error.response["Error"]["Code"] == "NoSuchUpload"
                if not is_lost and not has_failed(error):
                    raise
                if self._read(artifact) == staged.content:  # an earlier try had arrived, or another run stored the same
                    return str(self._etag(artifact))
                if not is_lost:
                    raise ChangedError from error
                if is_last_try:
                    raise
                staged.upload = self._upload(artifact, staged.content)
        raise AssertionError("tries end with a result or an error")

    def _abort(self, artifact: Artifact, upload_id: str) -> None:
        try:
            self._client.abort_multipart_upload(**self._address(artifact), UploadId=upload_id)
        except FAULTS as error:
            _log.debug("A started upload of %s stays unfinished (%s)", self.location(artifact), type(error).__name__)

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
