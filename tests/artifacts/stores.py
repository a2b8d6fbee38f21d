"""The S3 store of a test: its settings, the sentence it ends with, and a client that looks at the bucket past the code under test."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import make_settings
from tests.standins.endpoints import S3Endpoint
from trainer.artifacts.s3 import S3Store, keys_of_run
from trainer.errors import ServiceError

BUCKET = "artifacts-of-tests"
MIB = 1 << 20
SECRET = "a-secret-that-is-nowhere-else"


def address_of(s3: S3Endpoint) -> tuple[str, int]:
    """Where the store listens."""
    parts = urlsplit(s3.endpoint)
    return parts.hostname or "", parts.port or 80


def s3_store(s3: S3Endpoint, **values: Any) -> S3Store:
    """A store for a queue id that no other test uses, unless `values` say otherwise."""
    usual = {
        "output_path": None,
        "queue_id": f"q-{uuid.uuid4().hex[:12]}",
        "minio_endpoint": s3.endpoint,
        "minio_access_key": s3.access_key,
        "minio_secret_key": s3.secret_key,
        "minio_bucket": BUCKET,
    }
    settings = make_settings(**(usual | values))
    return S3Store(settings.s3, str(settings.s3.minio_bucket), keys_of_run(settings.queue.queue_id))


def keys_in_bucket(s3: S3Endpoint, prefix: str) -> list[str]:
    """The keys that begin with `prefix`."""
    client = s3.client()
    entries = client.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    client.close()
    return [entry["Key"] for entry in entries]


def sentence_of(call: Callable[[], object]) -> str:
    """The sentence with which a call ends."""
    with pytest.raises(ServiceError) as ended:
        call()
    return str(ended.value)
