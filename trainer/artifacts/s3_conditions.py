"""Writes on condition: an object is replaced only if it is still the one that was seen (If-Match, If-None-Match).

MinIO, AWS and SeaweedFS obey both on PUT and on the completion of an upload. For a store that ignores or refuses them the
look at the object just before the write has to do.
"""

from __future__ import annotations

import hashlib
import logging

from botocore.exceptions import ClientError

from trainer.artifacts.s3_answers import answer_of
from trainer.artifacts.s3_faults import is_lost_upload
from trainer.artifacts.s3_objects import Address, Objects
from trainer.artifacts.s3_staged import Upload
from trainer.artifacts.store import ChangedError, Version

_NO_VERSION: Version = '"00000000000000000000000000000000"'
"""An ETag that no object has."""
_FAILED = frozenset({"PreconditionFailed", "NoSuchKey", "412"})
"""MinIO says NoSuchKey where there is nothing that could be replaced."""
_REFUSED = frozenset(
    {"NotImplemented", "MethodNotAllowed", "InvalidArgument", "InvalidRequest", "BadRequest", "501", "400"}
)

_log = logging.getLogger("gnn_trainer")


class Conditions:
    """Conditional writes of one store, each tried once; raises one of `FAULTS`, or `ChangedError` where a condition fails."""

    def __init__(self, objects: Objects) -> None:
        """Nothing is known of the store; until then conditions are sent."""
        self._objects = objects
        self._obeyed: bool | None = None

    @property
    def are_known(self) -> bool:
        """Whether it is known if the store obeys conditions."""
        return self._obeyed is not None

    def try_out(self, address: Address, content: bytes, kind: str) -> None:
        """Find out whether the store obeys: it should not replace an object, which has this content, in place of another one."""
        try:
            self._objects.send(address, content, kind, {"IfMatch": _NO_VERSION})
            self._learn(obeyed=False)
        except ClientError as error:
            if not _has_failed(error) and not _is_refusal(error):
                raise
            self._learn(obeyed=_has_failed(error))

    def send(self, address: Address, content: bytes, kind: str, over: Version | None) -> None:
        """Store an object in place of this version only; None: where there is none."""
        try:
            self._objects.send(address, content, kind, self._parameters(over))
        except ClientError as error:
            if _has_failed(error):
                if self._objects.digest(address) != _sha256(content):  # else an earlier try had arrived
                    raise ChangedError from error
            elif _is_refusal(error) and not self.are_known:
                self._objects.send(address, content, kind)
                self._learn(obeyed=False)
            else:
                raise

    def complete(self, address: Address, upload: Upload, content: bytes, over: Version | None) -> Version | None:
        """Make an object of the parts of a content, in place of this version only.

        Returns:
            The version that it is; None when the store has lost the parts.
        """
        try:
            return self._objects.complete(address, upload.upload_id, upload.etags, self._parameters(over))
        except ClientError as error:
            is_lost = is_lost_upload(error)
            if not is_lost and not _has_failed(error):
                raise
            if self._objects.digest(address) == _sha256(
                content
            ):  # an earlier try had arrived, or another run stored the same
                return self._objects.etag(address)
            if not is_lost:
                raise ChangedError from error
            return None

    def _parameters(self, over: Version | None) -> dict[str, str]:
        if self._obeyed is False:
            return {}
        return {"IfNoneMatch": "*"} if over is None else {"IfMatch": over}

    def _learn(self, *, obeyed: bool) -> None:
        self._obeyed = obeyed
        if not obeyed:
            _log.info("The store ignores or refuses If-Match; runs of one QUEUE_ID are kept apart by owner.json alone.")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _has_failed(error: ClientError) -> bool:
    """Whether another version is there than may be replaced."""
    return answer_of(error)[0] in _FAILED


def _is_refusal(error: ClientError) -> bool:
    """Whether the store does not know conditions."""
    return answer_of(error)[0] in _REFUSED
