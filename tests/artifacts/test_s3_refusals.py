"""An S3 store that refuses: each mistake of keys, rights, bucket and TLS has a sentence of its own."""

from __future__ import annotations

import pytest

from tests.artifacts.conftest import Behind
from tests.artifacts.stores import MIB, SECRET, address_of, s3_store, sentence_of
from tests.standins.endpoints import S3Endpoint
from tests.standins.pki import Pki, server_context
from tests.standins.s3_front import Fault, first
from tests.standins.tcp_proxy import CuttableProxy
from tests.waits import retries

pytestmark = pytest.mark.usefixtures("bucket", "short_waits")


def test_a_wrong_secret_names_the_two_variables(s3: S3Endpoint) -> None:
    """The sentence says which of the keys is wrong."""
    sentence = sentence_of(s3_store(s3, minio_secret_key=SECRET).check)
    assert "MINIO_SECRET_KEY is not the secret of MINIO_ACCESS_KEY" in sentence


def test_an_unknown_user_names_the_variable(s3: S3Endpoint) -> None:
    """An access key that the store has never seen is another mistake than a wrong secret."""
    sentence = sentence_of(s3_store(s3, minio_access_key=SECRET).check)
    assert "MINIO_ACCESS_KEY is unknown to the S3 store" in sentence


def test_a_missing_bucket_is_named(s3: S3Endpoint) -> None:
    """The check fails before anything is trained."""
    sentence = sentence_of(s3_store(s3, minio_bucket="not-there").check)
    assert "there is no bucket MINIO_BUCKET='not-there'" in sentence
    assert "create it or correct MINIO_BUCKET" in sentence


def test_reading_in_a_missing_bucket_is_no_absent_artifact(s3: S3Endpoint) -> None:
    """Only a missing key is None."""
    assert "there is no bucket" in sentence_of(lambda: s3_store(s3, minio_bucket="not-there").get("model"))


def test_the_check_refuses_a_reader(s3: S3Endpoint, reader: dict[str, str]) -> None:
    """Whoever sees the bucket but may not write learns it before the training."""
    sentence = sentence_of(s3_store(s3, **reader).check)
    assert "the user of MINIO_ACCESS_KEY has no right to this" in sentence
    assert "s3:PutObject" in sentence


@pytest.mark.parametrize("size", [1, 17 * MIB], ids=["small", "in parts"])
def test_a_refused_put_is_not_repeated(behind: Behind, s3: S3Endpoint, reader: dict[str, str], size: int) -> None:
    """A missing right does not come by waiting."""
    front = behind(lambda request: None)
    store = s3_store(s3, **reader, minio_endpoint=front.endpoint)
    assert "s3:PutObject" in sentence_of(lambda: store.put("model", bytes(size)))
    assert len(front.requests) == 1


def test_a_reader_may_not_remove(s3: S3Endpoint, reader: dict[str, str]) -> None:
    """Removing what is there needs a right of its own; where nothing is, there is nothing to refuse."""
    s3_store(s3, queue_id="q-read-only").put("checkpoint", b"c")
    assert "s3:DeleteObject" in sentence_of(lambda: s3_store(s3, queue_id="q-read-only", **reader).delete("checkpoint"))
    s3_store(s3, queue_id="q-nothing", **reader).delete("checkpoint")


@pytest.mark.parametrize(
    ("status", "page"),
    [(200, "<!doctype html><p>Console<br>"), (200, "<html><p>Console</p></html>"), (404, "404 page not found")],
)
def test_a_server_that_is_no_store_is_reported(
    behind: Behind, s3: S3Endpoint, impatient: None, status: int, page: str
) -> None:
    """A web page in place of an S3 answer points at MINIO_ENDPOINT."""
    front = behind(first(99, Fault(status=status, body=page.encode())))
    sentence = sentence_of(s3_store(s3, minio_endpoint=front.endpoint).check)
    assert "does not answer as an S3 store does" in sentence
    assert "MINIO_ENDPOINT is right" in sentence


def test_a_full_store_is_reported(behind: Behind, s3: S3Endpoint, impatient: None) -> None:
    """A full store is reported as such."""
    body = b"<Error><Code>XMinioStorageFull</Code><Message>full</Message></Error>"
    front = behind(first(99, Fault(status=507, body=body)))
    store = s3_store(s3, minio_endpoint=front.endpoint)
    assert "is full; make room and run again" in sentence_of(lambda: store.put("model", b"x"))


@pytest.mark.parametrize("certificate", ["unknown authority", "wrong host"])
def test_a_certificate_that_is_not_trusted_is_reported(
    s3: S3Endpoint, pki: Pki, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, certificate: str
) -> None:
    """Neither a stranger's certificate nor one for another host is accepted, and waiting does not help."""
    wrong_host = certificate == "wrong host"
    monkeypatch.setenv("SSL_CERT_FILE", str(pki.ca_path if wrong_host else pki.other_ca_path))
    context = server_context(pki.wrong_host_path if wrong_host else pki.server_path)
    with CuttableProxy(*address_of(s3), tls=context) as proxy:
        sentence = sentence_of(s3_store(s3, minio_endpoint=f"https://{proxy.address}").check)
    why = "it is for another host); correct the host" if wrong_host else "its CA is unknown); set MINIO_CA_PATH"
    assert f"is not trusted ({why}" in sentence
    assert not retries(caplog)


def test_a_trusted_certificate_is_accepted(s3: S3Endpoint, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its CA in SSL_CERT_FILE the store is reached over TLS."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pki.ca_path))
    with CuttableProxy(*address_of(s3), tls=server_context(pki.server_path)) as proxy:
        store = s3_store(s3, minio_endpoint=proxy.address, minio_secure=True)
        store.put("lease", b"x")
        assert store.get("lease") == b"x"


def test_tls_to_a_plain_store_is_reported(s3: S3Endpoint) -> None:
    """TLS where only http is spoken points at the scheme."""
    host, port = address_of(s3)
    sentence = sentence_of(s3_store(s3, minio_endpoint=f"https://{host}:{port}").check)
    assert "does not speak TLS; use http:// in MINIO_ENDPOINT, or MINIO_SECURE=false" in sentence
