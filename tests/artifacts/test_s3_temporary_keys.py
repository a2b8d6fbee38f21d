"""Temporary keys with a session token: of a store that gives them (MinIO), and what is said when they end."""

from __future__ import annotations

import logging
import traceback
import uuid

import pytest

from tests.artifacts.conftest import Behind
from tests.artifacts.stores import BUCKET, SECRET, s3_store, sentence_of
from tests.standins.endpoints import S3Endpoint
from tests.standins.s3_front import first, refusal
from trainer.errors import ServiceError

pytestmark = pytest.mark.usefixtures("bucket", "short_waits")


def temporary_keys(s3: S3Endpoint, *denied: str) -> dict[str, str]:
    """Keys of an hour with all rights but these."""
    keys = s3.temporary_keys("s3:*", denied=denied)
    if keys is None:
        pytest.skip("the store gives no temporary keys; MinIO does, see TEST_MINIO_ENDPOINT")
    return keys.settings()


def test_temporary_keys_are_taken(s3: S3Endpoint) -> None:
    """With their token they do all that lasting ones do."""
    store = s3_store(s3, **temporary_keys(s3))
    store.check()
    store.put("model", bytes(17 << 20))
    assert len(store.get("model") or b"") == 17 << 20
    store.delete("model")


@pytest.mark.parametrize("missing", ["minio_session_token", "minio_secret_key"])
def test_temporary_keys_that_do_not_belong_together_are_told(s3: S3Endpoint, missing: str) -> None:
    """Without the token, or with that of others."""
    keys = temporary_keys(s3) | {missing: "" if missing == "minio_session_token" else SECRET}
    sentence = sentence_of(s3_store(s3, **keys).check)
    assert "MINIO_SE" in sentence or "MINIO_ACCESS_KEY" in sentence


@pytest.mark.parametrize("right", ["s3:DeleteObject", "s3:PutObject", "s3:GetObject"])
def test_the_check_names_the_right_that_is_missing(s3: S3Endpoint, right: str) -> None:
    """Of a real store with a real policy; nothing is left behind."""
    queue_id = f"q-{uuid.uuid4().hex[:8]}"
    sentence = sentence_of(s3_store(s3, queue_id=queue_id, **temporary_keys(s3, right)).check)
    assert right in sentence
    client = s3.client()
    assert client.list_objects_v2(Bucket=BUCKET, Prefix=queue_id).get("Contents", []) == []
    client.close()


def test_a_run_can_do_without_the_rights_to_tidy_up(s3: S3Endpoint) -> None:
    """What a killed run began stays then, and nothing else is different."""
    tidying = ("s3:ListBucketMultipartUploads", "s3:AbortMultipartUpload")
    s3_store(s3, **temporary_keys(s3, *tidying)).check()


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "ExpiredToken"), (403, "ExpiredToken"), (400, "TokenRefreshRequired"), (403, "InvalidTokenId")],
)
def test_keys_that_end_are_told(behind: Behind, s3: S3Endpoint, status: int, code: str) -> None:
    """The sentence names the three variables, and nothing is tried twice."""
    front = behind(first(99, refusal(status, code)))
    store = s3_store(s3, minio_endpoint=front.endpoint, minio_session_token=SECRET)
    calls = (store.check, lambda: store.put("model", b"x"), lambda: store.get("model"), lambda: store.delete("model"))
    for call in calls:
        sentence = sentence_of(call)
        assert "expired" in sentence
        assert "MINIO_ACCESS_KEY, MINIO_SECRET_KEY and MINIO_SESSION_TOKEN" in sentence
    assert len(front.requests) == 4


def test_the_token_is_never_shown(behind: Behind, s3: S3Endpoint, caplog: pytest.LogCaptureFixture) -> None:
    """Neither by the error with all its causes, nor by the store's repr, nor by a log at DEBUG."""
    caplog.set_level(logging.DEBUG)
    front = behind(first(3, refusal(503, "SlowDown")))
    store = s3_store(s3, minio_endpoint=front.endpoint, minio_session_token=SECRET)
    try:
        store.put("model", bytes(17 << 20))
        shown = ""
    except ServiceError as refused:
        shown = "".join(traceback.format_exception(refused))
    assert front.requests[0].headers["x-amz-security-token"] == SECRET, "it was sent"
    shown += repr(store) + repr(vars(store)) + caplog.text + "".join(repr(vars(record)) for record in caplog.records)
    assert SECRET not in shown
    assert s3.secret_key not in shown
