"""A store, or a gateway before it, whose status says success and whose answer does not; or that keeps nothing of what it took."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.artifacts.conftest import Behind
from tests.artifacts.stores import s3_store, sentence_of
from tests.standins.endpoints import S3Endpoint
from tests.standins.s3_front import Choice, Fault, Request, first
from trainer.artifacts.lease import Lease
from trainer.artifacts.s3 import S3Store
from trainer.artifacts.saving import save_run
from trainer.artifacts.store import Artifact

pytestmark = pytest.mark.usefixtures("bucket", "short_waits")

MODEL = b"weights"


def error_with_status_200(code: str) -> Fault:
    """An answer that begins as a success, as of a long completion that failed late."""
    body = f"<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>{code}</Code><Message>as asked</Message></Error>"
    return Fault(200, body.encode(), headers={"Content-Type": "application/xml"})


def once(fault: Fault, method: str, part: str) -> Choice:
    """Spoil the first request of a method whose path holds `part`."""
    spoil = first(1, fault, part)
    return lambda request: spoil(request) if request.method == method else None


def save(store: S3Store) -> None:
    """Store a result."""
    lease = Lease(store)
    lease.take()
    contents: dict[Artifact, bytes] = {"model": MODEL, "report": b"<html>"}
    save_run(store, lease, "q", contents, lambda stored: b"metrics")


@pytest.mark.parametrize("code", ["InternalError", "SlowDown", "BadDigest", "NoSuchUpload"])
@pytest.mark.parametrize(
    ("method", "part"),
    [("POST", ".pt?uploadId"), ("POST", "metrics.json?uploadId"), ("POST", ".pt?uploads"), ("PUT", ".pt?")],
)
def test_a_passing_error_with_status_200_costs_another_try(
    s3: S3Endpoint, behind: Behind, method: str, part: str, code: str
) -> None:
    """The code counts, not the status."""
    front = behind(once(error_with_status_200(code), method, part))
    store = s3_store(s3, minio_endpoint=front.endpoint)
    save(store)
    assert len(front.spoilt) == 1
    assert store.get("model") == MODEL
    assert store.get("metrics") == b"metrics"


@pytest.mark.parametrize("action", [save, lambda store: store.put("lease", b"x")], ids=["completion", "object"])
def test_a_refusal_with_status_200_is_one(s3: S3Endpoint, behind: Behind, action: Callable[[S3Store], None]) -> None:
    """Nobody may take it for a stored object."""
    methods = {"POST", "PUT"} if action is not save else {"POST"}

    def choose(request: Request) -> Fault | None:
        is_read = request.method == "GET" or "uploads" in request.path
        return error_with_status_200("AccessDenied") if request.method in methods and not is_read else None

    store = s3_store(s3, minio_endpoint=behind(choose).endpoint)
    assert "has no right to this" in sentence_of(lambda: action(store))


def test_a_model_that_the_store_says_it_keeps_and_does_not(s3: S3Endpoint, behind: Behind) -> None:
    """No metrics are written, so that no run is finished without its model."""
    body = b"<?xml version='1.0'?><CompleteMultipartUploadResult><ETag>&quot;abc-3&quot;</ETag></CompleteMultipartUploadResult>"
    front = behind(once(Fault(200, body), "POST", ".pt?uploadId"))
    store = s3_store(s3, minio_endpoint=front.endpoint)
    assert "is not there, though it was stored without an error" in sentence_of(lambda: save(store))
    assert front.spoilt
    assert store.get("metrics") is None
