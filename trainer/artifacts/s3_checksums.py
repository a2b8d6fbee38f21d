"""Whether what is stored travels with a checksum: many stores need none, buckets with Object Lock demand one."""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import ClientError

from trainer.artifacts.s3_answers import CHECKSUM_CODES, answer_of
from trainer.settings.groups.s3 import ChecksumMode

_log = logging.getLogger("gnn_trainer")

T = TypeVar("T")


class Checksums:
    """The checksums of one store: as S3_CHECKSUM says; with `auto` from the first time that the store asks for them."""

    def __init__(self, mode: ChecksumMode) -> None:
        """Follow the setting."""
        self._mode = mode
        self._sent = mode == "always"

    def send(self, content: bytes, call: Callable[[dict[str, str]], T]) -> T:
        """Send this content.

        Args:
            content: what is sent.
            call: sends it with these parameters more; made twice when the store misses a checksum.
        """
        if self._sent:
            return call(_checksum(content))
        try:
            return call({})
        except ClientError as error:
            if self._mode == "never" or answer_of(error)[0] not in CHECKSUM_CODES:
                raise
        answer = call(_checksum(content))
        if not self._sent:
            self._sent = True
            _log.info("The store takes no object without a checksum; from now on each has one (S3_CHECKSUM=auto).")
        return answer


def _checksum(content: bytes) -> dict[str, str]:
    """Content-MD5, which every store knows, old ones too."""
    digest = hashlib.md5(content, usedforsecurity=False).digest()
    return {"ContentMD5": base64.b64encode(digest).decode()}
