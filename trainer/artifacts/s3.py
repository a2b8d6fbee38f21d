"""Artifacts in a bucket of an S3-compatible store.

Calls are retried here and nowhere else: boto3's own retries are off, so that the bounds below hold.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import stamina
from botocore.parsers import ResponseParserError

from trainer.artifacts import s3_patience as patience
from trainer.artifacts.lengths import is_record, longest
from trainer.artifacts.s3_checksums import Checksums
from trainer.artifacts.s3_client import endpoint_url, open_client
from trainer.artifacts.s3_conditions import Conditions
from trainer.artifacts.s3_faults import (
    FAULTS,
    Operation,
    Restarts,
    RetryBudget,
    explain,
    is_https,
    is_lost_upload,
    may_be_tls,
)
from trainer.artifacts.s3_objects import Address, Objects
from trainer.artifacts.s3_parts import PartUploads
from trainer.artifacts.s3_staged import StagedUpload, Upload
from trainer.artifacts.s3_waits import Waits
from trainer.artifacts.store import Artifact, ChangedError, UnusableError, Version
from trainer.bounds.artifacts import LONGEST_NOTE_BYTES
from trainer.errors import ServiceError
from trainer.process.proxies import proxy_for
from trainer.process.retries import show_retries_in_log
from trainer.process.trust import speaks_tls
from trainer.settings.groups.s3 import S3Settings

MULTIPART_THRESHOLD = 16 * 2**20
PART_BYTES = 8 * 2**20
MAX_PARTS = 10_000
NUM_UPLOAD_THREADS = 4

_IN_PARTS: tuple[Artifact, ...] = ("model", "weights", "checkpoint", "predictions", "report", "metrics")
"""Artifacts that travel in parts, small ones too when they are staged."""
_PROBE = b"gnn-trainer looks whether it may write here\n"
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
        "weights": f"{queue_id}.weights.h5",
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
        self._objects = Objects(self._client, Checksums(s3.s3_checksum))
        self._keys = dict(keys)
        self._num_threads = NUM_UPLOAD_THREADS
        self._has_answered = False
        self._conditions = Conditions(self._objects)
        self._end: RetryBudget | None = None

    def check(self) -> None:
        """See `ArtifactStore.check`; does once, with a small object of its own, all that the end of the run will do.

        The object is named like the first artifact but for two letters, so that the store's limits for names are met;
        what earlier runs of the queue began to upload and could not finish is removed.
        """
        first = next(iter(self._keys))
        probe = {"Bucket": self._bucket, "Key": f"{self._keys[first][:-2]}__"}
        self._try(first, "written", Restarts(), lambda: self._check_parts(first, probe))
        try:
            self._quickly(first, "written", lambda: self._objects.send(probe, _PROBE, _BINARY))
            # None: another run of the queue has checked at the same time.
            if self._quickly(first, "read", lambda: self._objects.read(probe, LONGEST_NOTE_BYTES)) not in (
                _PROBE,
                None,
            ):
                error = ResponseParserError("another content")
                raise ServiceError(explain(error, self._s3, self.location(first), "read"))
        finally:
            self._quickly(first, "removed", lambda: self._objects.remove(probe))
        # Without s3:ListBucket, what is absent is refused.
        self._quickly(first, "read", lambda: self._objects.read(probe, LONGEST_NOTE_BYTES))
        self._abort_leftovers([self._address(artifact) for artifact in _IN_PARTS if artifact in self._keys])

    def location(self, artifact: Artifact) -> str:
        """See `ArtifactStore.location`."""
        return f"s3://{self._bucket}/{self._keys[artifact]}"

    def begin_end(self) -> None:
        """See `ArtifactStore.begin_end`."""
        self._end = RetryBudget(patience.END_PATIENCE_S)

    def get(self, artifact: Artifact, most_bytes: int | None = None) -> bytes | None:
        """See `ArtifactStore.get`."""
        most_bytes = most_bytes or longest(artifact)
        content = self._quickly(artifact, "read", lambda: self._objects.read(self._address(artifact), most_bytes))
        if content is not None and not is_record(artifact, content):
            raise UnusableError(f"{self.location(artifact)} holds far more than the record of a run; remove it.")
        return content

    def digest(self, artifact: Artifact) -> str | None:
        """See `ArtifactStore.digest`."""
        return self._quickly(artifact, "read", lambda: self._objects.digest(self._address(artifact)))

    def version(self, artifact: Artifact) -> Version | None:
        """See `ArtifactStore.version`: the ETag."""
        return self._quickly(artifact, "read", lambda: self._objects.etag(self._address(artifact)))

    def put(self, artifact: Artifact, content: bytes) -> None:
        """See `ArtifactStore.put`; large contents travel in parts."""
        address, kind = self._address(artifact), _kind(artifact)
        if len(content) < MULTIPART_THRESHOLD:
            budget = self._budget(patience.PUT_PATIENCE_S)
            self._try(artifact, "written", budget, lambda: self._objects.send(address, content, kind))
        else:
            self._try(artifact, "written", Restarts(), lambda: self._send_in_parts(artifact, content))

    def replace(self, artifact: Artifact, content: bytes, over: Version | None) -> None:
        """See `ArtifactStore.replace`; the first time it also finds out whether the store obeys conditions."""
        if self.version(artifact) != over:
            raise ChangedError
        address, kind = self._address(artifact), _kind(artifact)
        self._quickly(artifact, "written", lambda: self._conditions.send(address, content, kind, over))
        if not self._conditions.are_known:
            self._quickly(artifact, "written", lambda: self._conditions.try_out(address, content, kind))

    def stage(self, artifact: Artifact, content: bytes) -> StagedUpload:
        """See `ArtifactStore.stage`: an upload in parts that is not completed yet."""
        upload = self._try(artifact, "written", Restarts(), lambda: self._upload(artifact, content))
        return StagedUpload(self, artifact, content, upload)

    def complete(self, staged: StagedUpload, over: Version | None) -> Version:
        """Make an object of a staged upload in place of this version only; see `Staged.commit`."""
        budget = self._budget(patience.PUT_PATIENCE_S)
        return self._try(staged.artifact, "written", _unless_lost(budget), lambda: self._complete(staged, over))

    def abort(self, staged: StagedUpload) -> None:
        """Remove the parts of a staged upload, if the store lets us."""
        self._objects.abort(self._address(staged.artifact), staged.upload.upload_id)

    def delete(self, artifact: Artifact) -> None:
        """See `ArtifactStore.delete`; only what is there is removed, so that its absence needs no right to remove."""
        address = self._address(artifact)
        if self._quickly(artifact, "read", lambda: self._objects.is_there(address)):
            self._quickly(artifact, "removed", lambda: self._objects.remove(address))

    def _check_parts(self, first: Artifact, probe: Address) -> None:
        upload_id = self._quickly(first, "written", lambda: self._objects.start_upload(probe, _BINARY))
        try:
            etag = self._quickly(first, "written", lambda: self._objects.send_part(probe, upload_id, 1, _PROBE))
            # Before there is an object: whoever may write and not remove leaves none behind.
            self._quickly(first, "removed", lambda: self._objects.remove(probe))
            self._retried(
                _unless_lost(self._budget(patience.QUICK_PATIENCE_S)),
                lambda: self._objects.complete(probe, upload_id, [etag]),
            )
        except (ServiceError, *FAULTS):
            self._objects.abort(probe, upload_id)
            raise

    def _abort_leftovers(self, addresses: Sequence[Address]) -> None:
        """Remove the parts of uploads that earlier runs of the queue could not finish; they are invisible and cost room."""
        for address in addresses:
            try:
                for upload_id in self._objects.begun_uploads(address):
                    self._objects.abort(address, upload_id)
                    _log.info(f"An upload of {address['Key']} that an earlier run began was removed.")
            except FAULTS as error:  # a right that a run can do without
                _log.debug("Unfinished uploads could not be listed (%s)", type(error).__name__)
                return

    def _send_in_parts(self, artifact: Artifact, content: bytes) -> None:
        upload, address = self._upload(artifact, content), self._address(artifact)
        again = _unless_lost(self._budget(patience.PUT_PATIENCE_S))
        try:
            self._retried(again, lambda: self._objects.complete(address, upload.upload_id, upload.etags))
        except FAULTS:
            self._objects.abort(address, upload.upload_id)
            raise

    def _upload(self, artifact: Artifact, content: bytes) -> Upload:
        """Send all parts of a content, which become an object later."""
        budget, address = self._budget(patience.PUT_PATIENCE_S), self._address(artifact)
        upload_id = self._retried(budget, lambda: self._objects.start_upload(address, _kind(artifact)))
        try:
            etags = self._send_parts(address, upload_id, content, _unless_lost(budget), budget.restart)
        except FAULTS:
            self._objects.abort(address, upload_id)
            raise
        return Upload(upload_id, etags)

    def _complete(self, staged: StagedUpload, over: Version | None) -> Version:
        address = self._address(staged.artifact)
        for _ in range(2):
            version = self._conditions.complete(address, staged.upload, staged.content, over)
            if version is not None:
                return version
            staged.upload = self._upload(staged.artifact, staged.content)
        raise ResponseParserError("the parts of an upload are lost again and again")

    def _send_parts(
        self,
        address: Address,
        upload_id: str,
        content: bytes,
        again: Callable[[Exception], bool],
        arrived: Callable[[], None],
    ) -> list[str]:
        """Send the parts of a large content; one that fails is sent again, and the others stay where they are."""
        part_bytes = max(PART_BYTES, -(-len(content) // MAX_PARTS))

        def send(index: int) -> str:
            part = content[index * part_bytes : (index + 1) * part_bytes]
            return self._objects.send_part(address, upload_id, index + 1, part)

        waits = Waits(patience.FIRST_WAIT_S, patience.LONGEST_WAIT_S, patience.JITTER_S)
        num_parts = max(1, -(-len(content) // part_bytes))
        parts = PartUploads(num_parts, send, again, arrived, waits, self._num_threads)
        try:
            return parts.run()
        finally:
            self._num_threads = parts.num_threads

    def _address(self, artifact: Artifact) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._keys[artifact]}

    def _budget(self, patience_s: float) -> RetryBudget:
        return self._end or RetryBudget(patience_s)

    def _quickly(self, artifact: Artifact, operation: Operation, call: Callable[[], T]) -> T:
        return self._try(artifact, operation, self._budget(patience.QUICK_PATIENCE_S), call)

    def _try(
        self, artifact: Artifact, operation: Operation, again: Callable[[Exception], bool], call: Callable[[], T]
    ) -> T:
        try:
            return self._retried(again, call)
        except FAULTS as error:
            raise ServiceError(explain(error, self._s3, self.location(artifact), operation)) from error

    def _retried(self, again: Callable[[Exception], bool], call: Callable[[], T]) -> T:
        attempts = stamina.retry_context(
            on=again,
            attempts=None,
            timeout=None,
            wait_initial=patience.FIRST_WAIT_S,
            wait_max=patience.LONGEST_WAIT_S,
            wait_jitter=patience.JITTER_S,
        )
        for attempt in attempts:
            with attempt:
                try:
                    result = call()
                except FAULTS as error:
                    self._look_for_tls(error)
                    raise
                self._has_answered = True
                if self._end is not None:
                    self._end.restart()
                return result
        raise AssertionError("attempts end with a result or an error")

    def _look_for_tls(self, error: Exception) -> None:
        """End at once, where waiting would not help: http is spoken to a port of https."""
        if self._has_answered or not may_be_tls(error):
            return
        self._has_answered = True
        url = urlsplit(endpoint_url(self._s3))
        if url.scheme == "http" and proxy_for(url.geturl()) is None and speaks_tls(url.hostname or "", url.port or 80):
            raise ServiceError(is_https(self._s3)) from error


def _kind(artifact: Artifact) -> str:
    return _CONTENT_TYPES.get(artifact, _BINARY)


def _unless_lost(budget: RetryBudget) -> Callable[[Exception], bool]:
    return lambda error: not is_lost_upload(error) and budget(error)
