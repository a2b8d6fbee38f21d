"""What is asked of a bucket, one request each: an answer that no store gives is an error, whatever its status."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from trainer.artifacts.s3_answers import answer_of
from trainer.artifacts.s3_checksums import Checksums
from trainer.artifacts.s3_faults import FAULTS
from trainer.artifacts.s3_session import object_bounds
from trainer.bounds.artifacts import LONGEST_MODEL_BYTES, LONGEST_NOTE_BYTES
from trainer.process.bounded_answers import bounded

Address = Mapping[str, str]
"""`Bucket` and `Key`."""
_PIECE_BYTES = 1 << 20
_ANY = 1 << 60
NO_CONDITION: Mapping[str, str] = {}


class Objects:
    """The objects of a store; each method raises one of `FAULTS` when it fails, and tries once."""

    def __init__(self, client: Any, checksums: Checksums) -> None:
        """Use this client of boto3."""
        self._client, self._checksums = client, checksums

    def send(self, address: Address, content: bytes, kind: str, condition: Mapping[str, str] = NO_CONDITION) -> None:
        """Store an object of a content type, if the condition holds."""

        def call(checksum: dict[str, str]) -> None:
            # A file object and not the bytes: these would have to leave within the connect timeout.
            _etag(
                self._client.put_object(**address, Body=io.BytesIO(content), ContentType=kind, **condition, **checksum)
            )

        self._checksums.send(content, call)

    def read(self, address: Address, most_bytes: int) -> bytes | None:
        """The content of an object, None when there is none; one of more than `most_bytes` is a fault."""
        content = io.BytesIO()  # which hands its bytes on without a copy
        return content.getvalue() if self._read(address, content.write, most_bytes) else None

    def digest(self, address: Address) -> str | None:
        """The SHA-256 of the content of an object in hexadecimal, None when there is none."""
        digest = hashlib.sha256()
        return digest.hexdigest() if self._read(address, digest.update, None) else None

    def is_there(self, address: Address) -> bool:
        """Whether there is an object."""
        return self.etag(address) is not None

    def etag(self, address: Address) -> str | None:
        """The ETag of an object, None when there is none; asked by its first byte, for refusals of HEAD have no code."""
        try:
            return self._etag_of(address, {"Range": "bytes=0-0"})
        except ClientError as error:
            code, status = answer_of(error)
            if code == "NoSuchKey":
                return None
            if status != 416:
                raise
        return self._etag_of(address, {})  # an empty object has no first byte

    def remove(self, address: Address) -> None:
        """Remove an object, if there is one."""
        self._client.delete_object(**address)

    def start_upload(self, address: Address, kind: str) -> str:
        """Begin an upload in parts; returns its id."""
        upload_id = self._client.create_multipart_upload(**address, ContentType=kind).get("UploadId")
        if not upload_id:
            raise ResponseParserError("no upload id")
        return str(upload_id)

    def send_part(self, address: Address, upload_id: str, number: int, part: bytes) -> str:
        """Send one part, numbered from 1 on; returns its ETag."""
        where = {**address, "UploadId": upload_id, "PartNumber": number}

        def call(checksum: dict[str, str]) -> str:
            return _etag(self._client.upload_part(**where, Body=io.BytesIO(part), **checksum))

        return self._checksums.send(part, call)

    def complete(
        self, address: Address, upload_id: str, etags: list[str], condition: Mapping[str, str] = NO_CONDITION
    ) -> str:
        """Make an object of the parts with these ETags, in this order, if the condition holds; returns its ETag."""
        parts = [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]
        where = {**address, "UploadId": upload_id}
        answer = self._client.complete_multipart_upload(**where, MultipartUpload={"Parts": parts}, **condition)
        return _etag(answer)

    def begun_uploads(self, address: Address) -> list[str]:
        """The ids of the uploads that were begun under this very key and are neither complete nor aborted."""
        answer = self._client.list_multipart_uploads(Bucket=address["Bucket"], Prefix=address["Key"])
        return [upload["UploadId"] for upload in answer.get("Uploads", []) if upload["Key"] == address["Key"]]

    def abort(self, address: Address, upload_id: str) -> None:
        """Remove the parts of an upload, if the store lets us: the next run of the queue tries again."""
        with suppress(*FAULTS):
            self._client.abort_multipart_upload(**address, UploadId=upload_id)

    def _read(self, address: Address, take: Callable[[bytes], object], most_bytes: int | None) -> bool:
        """Hand on an object piece by piece; False when there is none.

        Without `most_bytes` it may have the length that the store names; one without a length is none of a store.
        """
        limits = object_bounds(LONGEST_MODEL_BYTES if most_bytes is None else most_bytes)
        try:
            with bounded(replace(limits, most_bytes=_ANY) if most_bytes is None else limits):
                answer = self._client.get_object(**address)
        except ClientError as error:
            if answer_of(error)[0] == "NoSuchKey":
                return False
            raise
        with closing(answer["Body"]) as body:  # as a context it would hand out what does not see whether it is whole
            _etag(answer)
            length = int(answer.get("ContentLength") or 0)
            left = max(length, limits.most_bytes) if most_bytes is None else most_bytes
            if length > left:
                raise limits.too_long()
            while piece := body.read(_PIECE_BYTES):
                left -= len(piece)
                if left < 0:
                    raise limits.too_long()
                take(piece)
        return True

    def _etag_of(self, address: Address, parameters: Mapping[str, str]) -> str:
        with bounded(object_bounds(LONGEST_NOTE_BYTES)):
            answer = self._client.get_object(**address, **parameters)
        answer["Body"].close()
        return _etag(answer)


def _etag(answer: Mapping[str, Any]) -> str:
    """The ETag, which every store sends of what it stores: a web page with status 200 is no stored object."""
    etag = answer.get("ETag")
    if not etag:
        raise ResponseParserError("no ETag")
    return str(etag)
