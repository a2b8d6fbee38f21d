"""What the check before the training finds: everything that the end of the run will need of the store."""

from __future__ import annotations

import pytest

from tests.artifacts.conftest import Behind
from tests.artifacts.stores import BUCKET, keys_in_bucket, s3_store, sentence_of
from tests.standins.endpoints import S3Endpoint
from tests.standins.s3_front import Fault, Request, first, refusal

pytestmark = pytest.mark.usefixtures("bucket", "short_waits")

WANTS_CHECKSUM = refusal(400, "InvalidRequest")


def _without_checksum(request: Request) -> Fault | None:
    """A bucket with a default retention, as Amazon answers."""
    bare = not {"content-md5", "x-amz-checksum-crc32", "x-amz-sdk-checksum-algorithm"} & request.headers.keys()
    return WANTS_CHECKSUM if bare and request.method == "PUT" else None


def _with_checksum(request: Request) -> Fault | None:
    """A store that does not know checksums."""
    return refusal(501, "NotImplemented") if "content-md5" in request.headers else None


@pytest.mark.parametrize(
    ("request_of", "code", "words"),
    [
        ("POST ", "AccessDenied", "s3:PutObject"),
        ("partNumber=1", "AccessDenied", "s3:PutObject"),
        ("DELETE ", "AccessDenied", "s3:DeleteObject"),
        ("GET ", "AccessDenied", "s3:GetObject and s3:ListBucket"),
        ("POST /artifacts-of-tests/q-rights.__?uploads", "NotImplemented", "uploads in parts"),
        ("POST /artifacts-of-tests/q-rights.__?uploadId", "AccessDenied", "s3:PutObject"),
        ("PUT ", "XMinioInvalidObjectName", "choose a shorter and simpler QUEUE_ID"),
        ("PUT ", "KeyTooLongError", "choose a shorter and simpler QUEUE_ID"),
        ("PUT ", "QuotaExceeded", "is full; make room"),
        ("PUT ", "ExpiredToken", "have expired"),
    ],
)
def test_what_the_end_needs_is_tried_before(
    behind: Behind, s3: S3Endpoint, request_of: str, code: str, words: str
) -> None:
    """Each right and each kind of request is asked for before the hours of training, and nothing stays behind."""
    front = behind(first(99, refusal(403, code), request_of))
    sentence = sentence_of(s3_store(s3, queue_id="q-rights", minio_endpoint=front.endpoint).check)
    assert words in sentence
    assert keys_in_bucket(s3, "q-rights") == []


def test_a_name_that_the_store_does_not_take_is_found(behind: Behind, s3: S3Endpoint) -> None:
    """What is tried has the length of the longest name, so that a limit of the store is met."""
    queue_id = "q" * 200
    limited = lambda request: (  # noqa: E731
        refusal(400, "KeyTooLongError")
        if any(len(part) > 202 for part in request.path.partition("?")[0].split("/"))
        else None
    )
    front = behind(limited)
    assert "QUEUE_ID" in sentence_of(s3_store(s3, queue_id=queue_id, minio_endpoint=front.endpoint).check)
    s3_store(s3, queue_id=queue_id[1:], minio_endpoint=front.endpoint).check()


@pytest.mark.parametrize("size", [1, 17 << 20], ids=["whole", "in parts"])
def test_a_bucket_that_demands_checksums_gets_them(behind: Behind, s3: S3Endpoint, size: int) -> None:
    """The check finds it out, and from then on each object has one; the others are spared them."""
    front = behind(_without_checksum)
    store = s3_store(s3, minio_endpoint=front.endpoint)
    store.check()
    assert len(front.spoilt) == 1
    store.put("model", bytes(size))
    assert len(front.spoilt) == 1
    assert len(store.get("model") or b"") == size


def test_a_demand_that_comes_in_the_middle_of_an_upload_is_met(behind: Behind, s3: S3Endpoint) -> None:
    """Retention may be switched on while a run trains: each part is sent once more at most."""
    front = behind(_without_checksum)
    store = s3_store(s3, minio_endpoint=front.endpoint)
    store.put("model", bytes(40 << 20))
    assert len(store.get("model") or b"") == 40 << 20
    assert len(front.spoilt) <= 5


@pytest.mark.parametrize(("mode", "num_bare"), [("auto", 1), ("always", 0), ("never", 1)])
def test_s3_checksum_decides(behind: Behind, s3: S3Endpoint, mode: str, num_bare: int) -> None:
    """`always` asks no store first, `never` spares a store that knows none, and its sentence says what to change."""
    front = behind(lambda request: None)
    s3_store(s3, minio_endpoint=front.endpoint, s3_checksum=mode).put("model", b"x")
    assert sum("content-md5" not in request.headers for request in front.requests) == (mode != "always")
    demanding = behind(_without_checksum)
    store = s3_store(s3, minio_endpoint=demanding.endpoint, s3_checksum=mode)
    if mode == "never":
        assert "set S3_CHECKSUM=auto" in sentence_of(store.check)
    else:
        store.check()
    assert len(demanding.spoilt) == num_bare


def test_a_store_without_checksums_is_told_from_one_without_parts(behind: Behind, s3: S3Endpoint) -> None:
    """The sentence names the setting."""
    front = behind(_with_checksum)
    assert "S3_CHECKSUM=always" in sentence_of(s3_store(s3, minio_endpoint=front.endpoint, s3_checksum="always").check)
    s3_store(s3, minio_endpoint=front.endpoint).check()


def test_a_bucket_with_object_lock_is_written(s3: S3Endpoint) -> None:
    """Each new object is kept for a day; what is replaced and removed stays as an older version."""
    name, client = f"{BUCKET}-locked", s3.client()
    if name not in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
        rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
        client.put_object_lock_configuration(
            Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
        )
    client.close()
    store = s3_store(s3, minio_bucket=name)
    store.check()
    for content in (b"first", b"second"):
        store.put("metrics", content)
    store.put("model", bytes(17 << 20))
    assert store.get("metrics") == b"second"
    store.delete("metrics")
    assert store.get("metrics") is None


def test_what_is_not_there_is_not_removed(behind: Behind, s3: S3Endpoint) -> None:
    """Without a right to remove, the absence of an older result is no error; its presence is."""
    front = behind(first(99, refusal(403, "AccessDenied"), "DELETE"))
    store = s3_store(s3, minio_endpoint=front.endpoint)
    store.delete("metrics")
    for content in (b"", b"{}"):
        store.put("metrics", content)
        assert "s3:DeleteObject" in sentence_of(lambda: store.delete("metrics"))
    assert store.get("metrics") == b"{}"


def test_two_checks_at_once_do_no_harm(behind: Behind, s3: S3Endpoint) -> None:
    """Two pods of a queue may start in the same moment: the object of the one is removed by the other."""
    other = s3_store(s3, queue_id="q-twins")

    met: set[str] = set()

    def interfere(request: Request) -> Fault | None:
        moment = f"{request.method} {request.path.partition('=')[0]}"
        if moment not in met:
            met.add(moment)
            other.check()
        return None

    front = behind(interfere)
    s3_store(s3, queue_id="q-twins", minio_endpoint=front.endpoint).check()
    assert keys_in_bucket(s3, "q-twins") == []
