"""How requests to the store are sent: as boto3 does it, with answers that end.

boto3 hands each request to who listens to its event `before-send` first, and takes what that returns for the answer.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
    AWSPreparedRequest,
    AWSResponse,
)
from botocore.httpsession import URLLib3Session

from trainer.bounds import s3 as bounds
from trainer.process.bounded_answers import AnswerBounds, BoundedConnection, bounded, bounds_of_thread


class _PlainConnection(BoundedConnection, AWSHTTPConnection):  # type: ignore[misc]
    pass


class _TlsConnection(BoundedConnection, AWSHTTPSConnection):  # type: ignore[misc]
    pass


class _PlainPool(AWSHTTPConnectionPool):  # type: ignore[misc]
    ConnectionCls = _PlainConnection


class _TlsPool(AWSHTTPSConnectionPool):  # type: ignore[misc]
    ConnectionCls = _TlsConnection


class BoundedSession(URLLib3Session):  # type: ignore[misc]
    """A session of boto3 whose answers end: an object within the bounds of the thread, all else within those of a store."""

    def __init__(self, **options: Any) -> None:
        """Take the options of `URLLib3Session`."""
        super().__init__(**options)
        self._pool_classes_by_scheme.update({"http": _PlainPool, "https": _TlsPool})

    def before_send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Send a request; for the event of this name.

        Raises:
            AnswerBoundError: the answer exceeds its bounds, in the `HTTPClientError` that boto3 makes of it or as it is.
        """
        answers = answer_bounds()
        with bounded((bounds_of_thread() or answers) if request.stream_output else answers):
            response = self.send(request)
        if not request.stream_output or response.status_code < 300:
            return response
        content = _Content()
        for piece in response.raw.stream():  # a refusal; boto3 would read all that comes
            if content.write(piece) and content.tell() > answers.most_bytes:
                raise answers.too_long()
        return AWSResponse(request.url, response.status_code, response.headers, content)


class _Content(io.BytesIO):
    """A content as boto3 takes it: as what urllib3 would read."""

    def stream(self) -> Iterator[bytes]:
        yield self.getvalue()


def answer_bounds() -> AnswerBounds:
    """Of an answer that is no object; a store that puts an object together lets wait meanwhile."""
    return AnswerBounds(bounds.MOST_ANSWER_BYTES, bounds.MOST_HEADER_BYTES, bounds.ANSWER_S, bounds.ANSWER_S, 0)


def object_bounds(most_bytes: int) -> AnswerBounds:
    """Of an object of at most so many bytes."""
    pace = bounds.SLOW_S, bounds.SLOWEST_BYTES
    return AnswerBounds(most_bytes, bounds.MOST_HEADER_BYTES, bounds.OBJECT_S, *pace)
