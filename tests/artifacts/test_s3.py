"""Where the S3 store keeps what, whom it talks to, and what it never tells."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import pytest

from tests.artifacts.conftest import Behind
from tests.artifacts.stores import BUCKET, MIB, SECRET, address_of, s3_store
from tests.standins.endpoints import S3Endpoint
from tests.standins.s3_front import first, slow_down
from trainer.errors import ServiceError, SettingsError

pytestmark = pytest.mark.usefixtures("bucket", "short_waits")


def test_keys_follow_the_contract(s3: S3Endpoint) -> None:
    """The addresses are those that the documents name."""
    store = s3_store(s3, queue_id="q-7")
    assert [store.location(artifact) for artifact in ("model", "metrics", "report", "checkpoint", "lease")] == [
        f"s3://{BUCKET}/q-7.pt",
        f"s3://{BUCKET}/q-7/metrics.json",
        f"s3://{BUCKET}/q-7/report.html",
        f"s3://{BUCKET}/q-7/checkpoints/last.ckpt",
        f"s3://{BUCKET}/q-7/checkpoints/owner.json",
    ]


def test_content_types_let_a_browser_show_the_artifacts(s3: S3Endpoint) -> None:
    """Each object says what it is."""
    store = s3_store(s3, queue_id="q-types")
    client = s3.client()
    types = {}
    for artifact in ("model", "metrics", "report"):
        store.put(artifact, b"x")
        key = store.location(artifact).removeprefix(f"s3://{BUCKET}/")
        types[artifact] = client.head_object(Bucket=BUCKET, Key=key)["ContentType"]
    client.close()
    assert types == {
        "model": "application/octet-stream",
        "metrics": "application/json",
        "report": "text/html; charset=utf-8",
    }


def test_a_large_content_travels_in_parts(behind: Behind, s3: S3Endpoint) -> None:
    """Above the threshold there is one request for each part."""
    front = behind(lambda request: None)
    s3_store(s3, minio_endpoint=front.endpoint).put("model", bytes(17 * MIB))
    assert sum("partNumber=" in request.path for request in front.requests) == 3


@pytest.mark.parametrize(
    ("endpoint", "secure", "url"),
    [
        ("minio:9000", False, "http://minio:9000"),
        ("minio:9000", True, "https://minio:9000"),
        ("minio", False, "http://minio"),
        ("http://minio:9000", True, "http://minio:9000"),
        ("https://minio:9000/", False, "https://minio:9000"),
        ("[::1]:9000", False, "http://[::1]:9000"),
    ],
)
def test_the_scheme_of_the_endpoint_counts_before_minio_secure(
    s3: S3Endpoint, endpoint: str, secure: bool, url: str
) -> None:
    """An endpoint may come with or without a scheme; the client accepts each form."""
    store = s3_store(s3, minio_endpoint=endpoint, minio_secure=secure)
    assert store._client.meta.endpoint_url == url


def test_an_endpoint_without_scheme_works(s3: S3Endpoint) -> None:
    """host:port is enough to store something."""
    host, port = address_of(s3)
    store = s3_store(s3, minio_endpoint=f"{host}:{port}")
    store.put("lease", b"x")
    assert store.get("lease") == b"x"


def test_a_host_that_no_client_takes_is_a_wrong_setting(s3: S3Endpoint) -> None:
    """An underscore in the host is refused in one sentence before anything is sent."""
    with pytest.raises(SettingsError, match="MINIO_ENDPOINT should be host:port"):
        s3_store(s3, minio_endpoint="http://my_minio:9000")


@pytest.mark.parametrize("wrong", ["minio_secret_key", "minio_access_key"])
def test_no_secret_is_shown(s3: S3Endpoint, caplog: pytest.LogCaptureFixture, wrong: str) -> None:
    """Neither the error with all its causes, nor the store's repr, nor a log at DEBUG shows a key."""
    caplog.set_level(logging.DEBUG)
    store = s3_store(s3, **{wrong: SECRET})
    with pytest.raises(ServiceError) as refused:
        store.put("model", b"x")
    shown = "".join(traceback.format_exception(refused.value)) + repr(store) + repr(vars(store)) + caplog.text
    shown += "".join(repr(vars(record)) for record in caplog.records)
    assert SECRET not in shown
    assert s3.secret_key not in shown


def test_no_secret_is_logged_while_trying_again(
    behind: Behind, s3: S3Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    """The log tells of the second try, and of nothing that is nobody's business."""
    caplog.set_level(logging.DEBUG)
    front = behind(first(1, slow_down()))
    s3_store(s3, minio_endpoint=front.endpoint).put("model", b"x")
    shown = caplog.text + "".join(repr(vars(record)) for record in caplog.records)
    assert "SlowDown" in shown
    assert s3.secret_key not in shown
    assert s3.access_key not in shown


def test_the_environment_and_files_of_boto3_are_not_used(
    s3: S3Endpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a pod carries for another program neither leads elsewhere nor breaks the client."""
    config = tmp_path / "config"
    config.write_text("[default]\nregion = mars-1\ns3 =\n    addressing_style = virtual\nretry_mode = nonsense\n")
    strange = {
        "AWS_ACCESS_KEY_ID": "stranger",
        "AWS_SECRET_ACCESS_KEY": "stranger",
        "AWS_SESSION_TOKEN": "stranger",
        "AWS_PROFILE": "no-such-profile",
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(config),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_REGION": "mars-1",
        "AWS_DEFAULT_REGION": "mars-1",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_RETRY_MODE": "nonsense",
        "AWS_MAX_ATTEMPTS": "7",
        "AWS_DEFAULTS_MODE": "nonsense",
        "AWS_CA_BUNDLE": "/no/such/file",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_supported",
    }
    for name, value in strange.items():
        monkeypatch.setenv(name, value)
    store = s3_store(s3)
    store.check()
    store.put("lease", b"x")
    assert store.get("lease") == b"x"
    assert store._client.meta.region_name == "us-east-1"
