"""An address that is not quite the store's: redirects, proxies, TLS, ports; keys go to nobody else."""

from __future__ import annotations

import pytest

from tests.artifacts.conftest import Behind
from tests.artifacts.stores import address_of, s3_store, sentence_of
from tests.standins.endpoints import S3Endpoint
from tests.standins.http_proxy import HttpProxy
from tests.standins.pki import Pki, server_context
from tests.standins.ports import free_port
from tests.standins.s3_front import Fault, first
from tests.standins.tcp_proxy import CuttableProxy
from tests.waits import retries

pytestmark = pytest.mark.usefixtures("bucket", "short_waits")

ENDPOINT_BODY = b"<Error><Code>PermanentRedirect</Code><Endpoint>%s</Endpoint><Bucket>b</Bucket></Error>"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine of the tests has."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("call", ["check", "put", "get", "delete"])
def test_a_redirect_is_not_followed(behind: Behind, s3: S3Endpoint, status: int, call: str) -> None:
    """The sentence says where to; who is there gets no request, and nothing is tried twice."""
    elsewhere = behind(lambda request: None)
    location = {"Location": f"{elsewhere.endpoint.replace('http://', 'http://me:hunter2@')}/b?X-Amz-Signature=hunter2"}
    front = behind(first(99, Fault(status, b"", headers=location)))
    store = s3_store(s3, minio_endpoint=front.endpoint)
    calls = {
        "check": store.check,
        "put": lambda: store.put("model", bytes(17 << 20)),
        "get": lambda: store.get("model"),
        "delete": lambda: store.delete("model"),
    }
    sentence = sentence_of(calls[call])
    assert f"redirects (status {status}) to {elsewhere.endpoint}, which is not followed" in sentence
    assert "hunter2" not in sentence
    assert len(front.requests) == 1
    assert elsewhere.requests == []


def test_a_redirect_to_another_region_names_it(behind: Behind, s3: S3Endpoint) -> None:
    """Amazon names the right address in the body, and the region in a header."""
    fault = Fault(301, ENDPOINT_BODY % b"b.s3.eu-west-3.amazonaws.com", headers={"x-amz-bucket-region": "eu-west-3"})
    front = behind(first(99, fault))
    sentence = sentence_of(s3_store(s3, minio_endpoint=front.endpoint).check)
    assert "the region eu-west-3 to b.s3.eu-west-3.amazonaws.com" in sentence


@pytest.mark.parametrize("location", ["/login", "", "javascript:alert(1)"])
def test_a_redirect_to_a_login_page_points_at_the_port(behind: Behind, s3: S3Endpoint, location: str) -> None:
    """A console redirects to its own login page."""
    front = behind(first(99, Fault(302, b"", headers={"Location": location})))
    sentence = sentence_of(s3_store(s3, minio_endpoint=front.endpoint).check)
    assert f"port {front.endpoint.rpartition(':')[2]} is that of the S3 interface, not of the console" in sentence


@pytest.mark.parametrize(
    ("status", "location"), [(303, "http://minio:9000/"), (307, "http://[::1"), (302, "http://h:x/")]
)
def test_a_redirect_that_the_client_cannot_read_is_not_tried_again(
    behind: Behind, s3: S3Endpoint, status: int, location: str
) -> None:
    """No store answers like this, and none will a little later."""
    front = behind(first(99, Fault(status, b"", headers={"Location": location})))
    sentence = sentence_of(s3_store(s3, minio_endpoint=front.endpoint).check)
    assert "is that of the S3 interface, not of the console" in sentence
    assert len(front.requests) == 1


@pytest.mark.parametrize("status", [200, 403, 404, 405, 426])
def test_a_console_points_at_the_port(behind: Behind, s3: S3Endpoint, impatient: None, status: int) -> None:
    """A page in place of an answer names the port that was asked."""
    front = behind(first(99, Fault(status, b"<!doctype html><html><title>Console</title></html>")))
    sentence = sentence_of(s3_store(s3, minio_endpoint=front.endpoint).check)
    if status != 403:  # may be a refusal without a code
        assert f"port {front.endpoint.rpartition(':')[2]} is that of the S3 interface, not of the console" in sentence


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_requests_go_through_the_proxy(s3: S3Endpoint, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """The variables are those of curl."""
    with HttpProxy("user:hunter2") as proxy:
        monkeypatch.setenv(variable, f"user:hunter2@{proxy.address}")
        store = s3_store(s3)
        store.put("lease", b"x")
        assert store.get("lease") == b"x"
        assert set(proxy.asked_for) == {f"{address_of(s3)[0]}:{address_of(s3)[1]}"}


@pytest.mark.parametrize("no_proxy", ["127.0.0.1", "127.0.0.0/8", "*", "elsewhere,127.0.0.1"])
def test_no_proxy_is_obeyed(s3: S3Endpoint, monkeypatch: pytest.MonkeyPatch, no_proxy: str) -> None:
    """Hosts and networks; the proxy is not even there."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    s3_store(s3).put("lease", b"x")


def test_https_goes_through_a_tunnel(s3: S3Endpoint, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy sees the host and nothing else; the certificate is the store's."""
    with HttpProxy() as proxy, CuttableProxy(*address_of(s3), tls=server_context(pki.server_path)) as tls:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        store = s3_store(s3, minio_endpoint=f"https://{tls.address}", minio_ca_path=str(pki.ca_path))
        store.put("lease", b"x")
        assert set(proxy.asked_for) == {tls.address}


def test_a_proxy_that_is_away_is_named(s3: S3Endpoint, impatient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the store is away, and the proxy's password stays where it is."""
    monkeypatch.setenv("HTTP_PROXY", f"http://user:hunter2@127.0.0.1:{free_port()}")
    sentence = sentence_of(s3_store(s3).check)
    assert "could not be reached through the proxy of HTTP_PROXY" in sentence
    assert "hunter2" not in sentence


def test_a_proxy_that_wants_a_login_is_named(s3: S3Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """407 is the proxy's, whatever the store would say."""
    with HttpProxy("user:hunter2") as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
        assert "put them into HTTP_PROXY" in sentence_of(s3_store(s3).check)


def test_a_store_that_speaks_https_only_is_told_at_once(
    s3: S3Endpoint, pki: Pki, patient_handshake: None, caplog: pytest.LogCaptureFixture
) -> None:
    """Http to a port of https breaks off, for ever."""
    with CuttableProxy(*address_of(s3), tls=server_context(pki.server_path)) as proxy:
        for call in ("check", "get"):
            store = s3_store(s3, minio_endpoint=proxy.address)
            sentence = sentence_of(store.check if call == "check" else lambda store=store: store.get("metrics"))  # type: ignore[misc]
            assert "speaks https and is addressed by http; use https:// there, or MINIO_SECURE=true" in sentence
    assert not retries(caplog)


@pytest.mark.parametrize("place", ["MINIO_CA_PATH", "SSL_CERT_FILE"])
def test_a_ca_of_ones_own_is_trusted(s3: S3Endpoint, pki: Pki, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """By the setting, which counts alone, or for the whole process."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pki.ca_path if place == "SSL_CERT_FILE" else pki.other_ca_path))
    own = {"minio_ca_path": str(pki.ca_path)} if place == "MINIO_CA_PATH" else {}
    with CuttableProxy(*address_of(s3), tls=server_context(pki.server_path)) as proxy:
        s3_store(s3, minio_endpoint=f"https://{proxy.address}", **own).check()


def test_a_certificate_that_has_expired_is_told(s3: S3Endpoint, pki: Pki) -> None:
    """Another trouble than a CA that nobody knows."""
    with CuttableProxy(*address_of(s3), tls=server_context(pki.expired_path)) as proxy:
        store = s3_store(s3, minio_endpoint=f"https://{proxy.address}", minio_ca_path=str(pki.ca_path))
        assert "it has expired, or its CA has); renew it" in sentence_of(store.check)
