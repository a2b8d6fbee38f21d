"""Which answers of a store are retried, code by code, at the moment when a trained model is stored."""

from __future__ import annotations

import uuid

import pytest

from tests.artifacts.conftest import Behind, Narrow
from tests.artifacts.stores import BUCKET, MIB, s3_store, sentence_of
from tests.standins.endpoints import S3Endpoint
from tests.standins.s3_front import Fault, Request, first, refusal
from trainer.artifacts import s3 as s3_module
from trainer.artifacts import s3_patience

pytestmark = pytest.mark.usefixtures("bucket", "short_waits")

PASSING = [
    (400, "IncompleteBody"),
    (400, "BadDigest"),
    (400, "XAmzContentSHA256Mismatch"),
    (400, "XAmzContentChecksumMismatch"),
    (400, "RequestTimeout"),
    (400, "RequestTimeoutException"),
    (403, "RequestTimeTooSkewed"),
    (400, "Throttling"),
    (400, "ThrottlingException"),
    (400, "ThrottledException"),
    (400, "RequestThrottled"),
    (400, "RequestThrottledException"),
    (400, "TooManyRequestsException"),
    (400, "ProvisionedThroughputExceededException"),
    (400, "TransactionInProgressException"),
    (400, "RequestLimitExceeded"),
    (400, "BandwidthLimitExceeded"),
    (400, "LimitExceededException"),
    (400, "EC2ThrottledException"),
    (400, "PriorRequestNotComplete"),
    (408, "SomethingNew"),
    (409, "OperationAborted"),
    (409, "ConditionalRequestConflict"),
    (425, "SomethingNew"),
    (429, "TooManyRequests"),
    (499, "ClientDisconnected"),
    (500, "InternalError"),
    (500, "SomethingNew"),
    (502, "BadGateway"),
    (503, "SlowDown"),
    (503, "SlowDownWrite"),
    (503, "ServiceUnavailable"),
    (503, "XMinioServerNotInitialized"),
    (504, "GatewayTimeout"),
    (509, "BandwidthLimitExceeded"),
    (520, "SomethingNew"),
]
LASTING = [
    (400, "InvalidArgument", "is that of the S3 interface, not of the console"),
    (400, "EntityTooLarge", "refused (400 EntityTooLarge)"),
    (400, "ExpiredToken", "have expired"),
    (400, "KeyTooLongError", "choose a shorter and simpler QUEUE_ID"),
    (400, "SomethingNew", "refused (400 SomethingNew)"),
    (403, "AccessDenied", "grant s3:PutObject"),
    (403, "InvalidAccessKeyId", "MINIO_ACCESS_KEY is unknown"),
    (403, "SignatureDoesNotMatch", "MINIO_SECRET_KEY is not the secret"),
    (403, "QuotaExceeded", "is full; make room"),
    (404, "NoSuchBucket", "there is no bucket"),
    (412, "PreconditionFailed", "refused (412 PreconditionFailed)"),
    (501, "NotImplemented", "does not know what it was asked for"),
    (503, "XMinioStorageFull", "is full; make room"),
    (507, "InsufficientStorage", "is full; make room"),
    (507, "SomethingNew", "is full; make room"),
]


@pytest.mark.parametrize(("status", "code"), PASSING)
def test_an_answer_that_passes_costs_one_more_request(behind: Behind, s3: S3Endpoint, status: int, code: str) -> None:
    """Whatever the store says once, the model is stored."""
    front = behind(first(1, refusal(status, code), "PUT"))
    store = s3_store(s3, minio_endpoint=front.endpoint)
    store.put("model", b"model")
    assert len(front.spoilt) == 1
    assert store.get("model") == b"model"


@pytest.mark.parametrize(
    ("status", "code"), [(400, "BadDigest"), (403, "RequestTimeTooSkewed"), (500, "InternalError")]
)
@pytest.mark.parametrize("call", ["uploads", "partNumber=2", "POST /artifacts-of-tests/q-parts.pt?uploadId"])
def test_of_an_upload_in_parts_one_request_is_repeated(
    behind: Behind, s3: S3Endpoint, call: str, status: int, code: str
) -> None:
    """Its beginning, a part, or its end; what has arrived is not sent again."""
    front = behind(first(1, refusal(status, code), call))
    store = s3_store(s3, queue_id="q-parts", minio_endpoint=front.endpoint)
    store.put("model", bytes(17 * MIB))
    assert len(front.spoilt) == 1
    assert len(front.requests) == 6
    assert len(store.get("model") or b"") == 17 * MIB


@pytest.mark.parametrize(("status", "code", "words"), LASTING)
def test_an_answer_that_lasts_is_not_waited_for(
    behind: Behind, s3: S3Endpoint, status: int, code: str, words: str
) -> None:
    """A second try would be refused as the first one; the sentence says by what."""
    front = behind(first(99, refusal(status, code), "PUT"))
    sentence = sentence_of(lambda: s3_store(s3, minio_endpoint=front.endpoint).put("model", b"x"))
    assert words in sentence
    assert len(front.requests) == 1


@pytest.mark.parametrize("call", ["check", "get", "put", "delete"])
@pytest.mark.parametrize("status", [307, 403, 500])
def test_a_refusal_that_breaks_off_is_asked_for_again(behind: Behind, s3: S3Endpoint, call: str, status: int) -> None:
    """What was cut says nothing, and its status alone is not the store's word."""
    s3_store(s3, queue_id="q-cut").put("model", b"there")
    front = behind(first(2, refusal(status, "AccessDenied")._replace(break_off=True)))
    store = s3_store(s3, queue_id="q-cut", minio_endpoint=front.endpoint)
    calls = {"get": lambda: store.get("model"), "put": lambda: store.put("model", b"x"), "check": store.check}
    calls.get(call, lambda: store.delete("model"))()
    assert len(front.spoilt) == 2


def test_a_content_that_breaks_off_is_asked_for_again(behind: Behind, s3: S3Endpoint) -> None:
    """A checkpoint comes back whole or not at all."""
    s3_store(s3, queue_id="q-cut-content").put("checkpoint", bytes(100_000))
    front = behind(first(2, Fault(break_off=True)))
    store = s3_store(s3, queue_id="q-cut-content", minio_endpoint=front.endpoint)
    assert store.get("checkpoint") == bytes(100_000)
    assert len(front.spoilt) == 2


def test_a_web_page_is_no_stored_object(behind: Behind, s3: S3Endpoint, impatient: None) -> None:
    """A gateway that says 200 to everything has stored nothing."""
    front = behind(first(99, Fault(200, b"<html>welcome</html>"), "PUT"))
    sentence = sentence_of(lambda: s3_store(s3, minio_endpoint=front.endpoint).put("model", b"x"))
    assert "does not answer as an S3 store does" in sentence


@pytest.mark.parametrize("code", ["NoSuchUpload", "InvalidPart"])
def test_an_upload_that_the_store_lost_is_begun_anew(behind: Behind, s3: S3Endpoint, code: str) -> None:
    """A store that restarted in the middle may know nothing of the parts any more."""
    front = behind(first(1, refusal(404, code), "POST /artifacts-of-tests/q-lost-parts.pt?uploadId"))
    store = s3_store(s3, queue_id="q-lost-parts", minio_endpoint=front.endpoint)
    store.put("model", bytes(17 * MIB))
    assert len(store.get("model") or b"") == 17 * MIB
    assert sum(request.path.endswith("?uploads") for request in front.requests) == 2


def test_an_upload_that_is_lost_every_time_ends(behind: Behind, s3: S3Endpoint) -> None:
    """A store that never knows its own uploads is given up."""
    front = behind(first(99, refusal(404, "NoSuchUpload"), "partNumber"))
    assert "NoSuchUpload" in sentence_of(
        lambda: s3_store(s3, minio_endpoint=front.endpoint).put("model", bytes(17 * MIB))
    )
    assert sum(request.path.endswith("?uploads") for request in front.requests) == 4


@pytest.mark.parametrize(
    ("most_at_once", "status", "code"), [(1, 429, "TooManyRequests"), (2, 503, "SlowDown"), (3, 503, "Busy")]
)
def test_a_narrow_store_gets_fewer_requests(
    s3: S3Endpoint, narrow: Narrow, most_at_once: int, status: int, code: str
) -> None:
    """A store that lets few requests through at once takes a large model, each part of it once."""
    front = narrow(most_at_once, refusal(status, code))
    store = s3_store(s3, minio_endpoint=front.endpoint)
    content = bytes(range(256)) * (4 * 1024) * 48  # six parts
    store.put("model", content)
    num_sent = sum("partNumber" in request.path for request in front.requests)
    assert num_sent == 6 + sum("partNumber" in request.path for request in front.spoilt), "a part was sent twice"
    assert sum(request.path.endswith("?uploads") for request in front.requests) == 1
    assert store.get("model") == content
    before = len(front.spoilt)
    store.put("checkpoint", bytes(17 * MIB))
    assert len(front.spoilt) - before <= 1, "the width is remembered"


def test_a_part_has_its_own_patience(behind: Behind, s3: S3Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that a store may be away begins anew with each part that arrives: a slow upload is no dead one."""
    monkeypatch.setattr(s3_patience, "PUT_PATIENCE_S", 1.0)
    monkeypatch.setattr(s3_module, "NUM_UPLOAD_THREADS", 1)
    seen: dict[str, int] = {}

    def every_part_twice(request: Request) -> Fault | None:
        seen[request.path] = seen.get(request.path, 0) + 1
        return refusal(500, "InternalError") if "partNumber" in request.path and seen[request.path] <= 3 else None

    front = behind(every_part_twice)
    store = s3_store(s3, minio_endpoint=front.endpoint)
    store.put("model", bytes(24 * MIB))
    assert len(front.spoilt) == 9


def test_leftovers_of_a_killed_run_are_removed_by_the_next(s3: S3Endpoint) -> None:
    """Parts of an upload that nobody will complete are invisible and cost room; those of other queues stay."""
    client = s3.client()
    mine = f"q-{uuid.uuid4().hex[:8]}"
    other = f"{mine}-not"
    for key in (f"{mine}.pt", f"{mine}/checkpoints/last.ckpt", f"{other}.pt"):
        upload_id = client.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
        client.upload_part(Bucket=BUCKET, Key=key, UploadId=upload_id, PartNumber=1, Body=bytes(5 * MIB))
    s3_store(s3, queue_id=mine).check()

    def begun(key: str) -> int:
        return len(client.list_multipart_uploads(Bucket=BUCKET, Prefix=key).get("Uploads", []))

    assert [begun(key) for key in (f"{mine}.pt", f"{mine}/checkpoints/last.ckpt", f"{other}.pt")] == [0, 0, 1]
    client.close()


def test_a_failed_upload_leaves_no_parts(behind: Behind, s3: S3Endpoint, impatient: None) -> None:
    """What could not be completed is removed at once."""
    front = behind(first(999, refusal(500, "InternalError"), "partNumber=2"))
    store = s3_store(s3, queue_id="q-failed", minio_endpoint=front.endpoint)
    sentence_of(lambda: store.put("model", bytes(17 * MIB)))
    client = s3.client()
    assert client.list_multipart_uploads(Bucket=BUCKET, Prefix="q-failed.pt").get("Uploads", []) == []
    client.close()
