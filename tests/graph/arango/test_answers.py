"""Which answers of ArangoDB are met by another try, number by number, and what is never followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.standins.arango import Fault, When
from tests.standins.http_proxy import HttpProxy
from tests.standins.pki import Pki, server_context
from tests.standins.ports import free_port
from tests.waits import retries
from trainer.errors import ServiceError
from trainer.graph.arango.metadata import write_graph_metadata

from .served import StandInGraph, serve_stand_in


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine of the tests has."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("status", "number"),
    [
        (408, 408),
        (409, 1200),
        (409, 1303),
        (409, 1601),
        (412, 21004),
        (421, 1496),
        (423, 28),
        (429, 0),
        (500, 0),
        (500, 18),
        (500, 1457),
        (500, 1465),
        (500, 1478),
        (500, 1492),
        (502, 0),
        (503, 30),
        (503, 38),
        (503, 1429),
        (503, 1495),
        (503, 21003),
        (503, 0),
        (504, 504),
        (520, 0),
    ],
)
def test_an_answer_that_passes_costs_one_more_request(spoiled_market: StandInGraph, status: int, number: int) -> None:
    """Whatever the server, its cluster or a proxy says once, the graph is whole."""
    fault = spoiled_market.server.faults.add(Fault("answer", When("cursor-next"), status=status, number=number))
    assert spoiled_market.load().num_vertices == 26
    assert fault.num_hits == 1


@pytest.mark.parametrize(
    ("status", "number", "words"),
    [
        (400, 0, "check that ARANGO_URL leads to ArangoDB"),
        (400, 1501, "refused to"),
        (403, 0, "which ArangoDB does not do"),
        (403, 11, "has no right to"),
        (404, 404, "refused to"),
        (407, 0, "The proxy before"),
        (500, 4, "refused to"),
        (500, 32, "limit of memory"),
        (500, 1104, "has no room left"),
        (501, 0, "which ArangoDB does not do"),
        (503, 9005, "has no room left"),
        (507, 0, "has no room left"),
        (511, 0, "which ArangoDB does not do"),
    ],
)
def test_an_answer_that_lasts_is_not_waited_for(
    spoiled_market: StandInGraph, status: int, number: int, words: str
) -> None:
    """A second try would be refused as the first one."""
    spoiled_market.server.faults.add(Fault("answer", When(times=99), status=status, number=number))
    with pytest.raises(ServiceError, match=words):
        spoiled_market.load()
    assert len(spoiled_market.server.log) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(spoiled_market: StandInGraph, market_dump: Path, status: int) -> None:
    """The sentence says where to, without what may be a secret; who is there gets no request."""
    with serve_stand_in(market_dump) as elsewhere:
        location = f"{elsewhere.url.replace('http://', 'http://me:hunter2@')}/_db/market?token=hunter2"
        spoiled_market.server.faults.add(Fault("answer", When(times=99), status=status, location=location))
        settings = spoiled_market.settings()
        for call in (
            spoiled_market.load,
            lambda: write_graph_metadata(settings.arango, "q", {}),
        ):
            spoiled_market.server.log.clear()
            with pytest.raises(ServiceError) as refused:
                call()
            assert f"redirects (HTTP {status}) to {elsewhere.url}, which is not followed" in str(refused.value)
            assert "hunter2" not in str(refused.value)
            assert len(spoiled_market.server.log) == 1
        assert elsewhere.server.log == []


def test_a_redirect_to_a_login_page_is_told(spoiled_market: StandInGraph) -> None:
    """It names no other address."""
    spoiled_market.server.faults.add(Fault("answer", When(times=99), status=302, location="/login"))
    with pytest.raises(ServiceError, match=r"redirects \(HTTP 302\) within itself, as a login page does"):
        spoiled_market.load()


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_requests_go_through_the_proxy(
    spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """The same variables as for S3."""
    with HttpProxy("user:hunter2") as proxy:
        monkeypatch.setenv(variable, f"user:hunter2@{proxy.address}")
        assert spoiled_market.load().num_vertices == 26
        assert set(proxy.asked_for) == {spoiled_market.url.removeprefix("http://")}


@pytest.mark.parametrize("no_proxy", ["127.0.0.1", "127.0.0.0/8", "*", "elsewhere,127.0.0.1"])
def test_no_proxy_is_obeyed(spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch, no_proxy: str) -> None:
    """Hosts and networks; the proxy is not even there."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert spoiled_market.load().num_vertices == 26


def test_a_proxy_that_does_not_serve_is_named(spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is away, and one that wants a login; its password stays where it is."""
    monkeypatch.setenv("HTTP_PROXY", f"http://user:hunter2@127.0.0.1:{free_port()}")
    with pytest.raises(ServiceError, match="cannot be reached through the proxy of HTTP_PROXY") as refused:
        spoiled_market.load()
    assert "hunter2" not in str(refused.value)
    with HttpProxy("user:hunter2") as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
        with pytest.raises(ServiceError, match="put them into HTTP_PROXY"):
            spoiled_market.load()


def test_https_goes_through_a_tunnel(market_dump: Path, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy sees the host and nothing else."""
    with HttpProxy() as proxy, serve_stand_in(market_dump, tls=server_context(pki.server_path)) as served:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        assert served.load(arango_ca_path=str(pki.ca_path)).num_vertices == 26
        assert set(proxy.asked_for) == {served.url.removeprefix("https://")}


def test_a_server_that_speaks_https_only_is_told_at_once(
    market_dump: Path, pki: Pki, patient_handshake: None, caplog: pytest.LogCaptureFixture
) -> None:
    """Plain http to a port of https breaks off, for ever."""
    with (
        serve_stand_in(market_dump, tls=server_context(pki.server_path)) as served,
        pytest.raises(ServiceError, match="speaks https and is addressed by http; write https:// in ARANGO_URL"),
    ):
        served.load(arango_url=served.url.replace("https:", "http:"))
    assert not retries(caplog)


def test_the_authorities_of_the_process_are_trusted(
    market_dump: Path, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE counts where ARANGO_CA_PATH is not set, as for S3."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pki.ca_path))
    with serve_stand_in(market_dump, tls=server_context(pki.server_path)) as served:
        assert served.load().num_vertices == 26
        with pytest.raises(ServiceError, match="is not trusted"):
            served.load(arango_ca_path=str(pki.other_ca_path))


def test_a_certificate_that_has_expired_is_told(market_dump: Path, pki: Pki) -> None:
    """Another trouble than a CA that nobody knows."""
    with (
        serve_stand_in(market_dump, tls=server_context(pki.expired_path)) as served,
        pytest.raises(ServiceError, match=r"certificate has expired\); renew it"),
    ):
        served.load(arango_ca_path=str(pki.ca_path))
