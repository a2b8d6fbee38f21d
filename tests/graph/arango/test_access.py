"""Who may read what and by which name: one sentence and the right exit code for each refusal."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.conftest import write_collection, write_graph
from tests.standins.arango import Fault, When
from tests.standins.pki import Pki, server_context
from trainer.errors import DataError, ServiceError

from .served import PASSWORD, ServedGraph, StandInGraph, serve_stand_in

WRONG_PASSWORD = "wrong-Пароль-9"


@pytest.mark.parametrize(
    ("values", "kind", "sentence"),
    [
        ({"arango_password": WRONG_PASSWORD}, ServiceError, "not let the user 'root' .*check ARANGO_USER, ARANGO_PASS"),
        ({"arango_user": "nobody"}, ServiceError, "not let the user 'nobody' .*check ARANGO_USER, ARANGO_PASSWORD"),
        ({"arango_db": "nowhere"}, DataError, "There is no database 'nowhere' in .*; set ARANGO_DB"),
        ({"graph_name": "h"}, DataError, "no graph 'h' in the database .*; GRAPH_NAME should be one of: g"),
    ],
)
def test_wrong_setting_is_named(market: ServedGraph, values: dict[str, Any], kind: type, sentence: str) -> None:
    """What is wrong and which variable to change stand in one sentence."""
    with pytest.raises(kind, match=sentence):
        market.load(**values)


@pytest.mark.parametrize(
    ("user", "sentence"),
    [
        ("stranger", "does not let the user 'stranger' into the database 'market'; check ARANGO_USER"),
        ("blind", r"The user 'blind' has no right to read next .*\(AQL: forbidden: next \[read\]\); grant it"),
    ],
)
def test_missing_right_is_named(spoiled_market: StandInGraph, user: str, sentence: str) -> None:
    """A user without access to the database or to a collection is told which, at the first refusal."""
    with pytest.raises(ServiceError, match=sentence):
        spoiled_market.load(arango_user=user)


def test_reader_may_read(spoiled_market: StandInGraph) -> None:
    """The right to read is all that a load needs."""
    assert spoiled_market.load(arango_user="reader").num_vertices == 26


def test_graph_without_edges_is_refused(tmp_path: Path) -> None:
    """A graph that has orphans only is refused before anything is read."""
    write_collection(tmp_path, "v", [{"_key": "a"}])
    write_graph(tmp_path, "g", [], ["v"])
    with serve_stand_in(tmp_path) as served, pytest.raises(DataError, match=r"'g' of .* has no edge definitions"):
        served.load()


def test_names_are_quoted(tmp_path: Path) -> None:
    """Database, graph, collections and attributes may hold what has a meaning in addresses and queries."""
    vertex, edge, graph = "свечи ?x=1&#", "рёбра %41", "g%41(1)"
    write_collection(tmp_path, vertex, [{"_key": "k", "цена `a`": 1, "b.c d": 2, "y": 1}])
    write_collection(tmp_path, edge, [{"_key": "1", "_from": f"{vertex}/k", "_to": f"{vertex}/k"}], edge=True)
    write_graph(tmp_path, graph, [{"collection": edge, "from": [vertex], "to": [vertex]}])
    with serve_stand_in(tmp_path, database="рынок ?a#b%20") as served:
        loaded = served.load(graph_name=graph, features='["цена `a`", "b.c d"]', target="y")
    assert set(loaded.vertices[vertex].columns) == {"цена `a`", "b.c d", "y"}
    assert loaded.num_edges == 1


@pytest.mark.parametrize("ca", ["ca_path", "other_ca_path"])
def test_certificate_is_checked(market_dump: Path, pki: Pki, ca: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The CA of ARANGO_CA_PATH decides, whatever the environment says to others."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pki.other_ca_path if ca == "ca_path" else pki.ca_path))
    with serve_stand_in(market_dump, tls=server_context(pki.server_path)) as served:
        if ca == "ca_path":
            assert served.load(arango_ca_path=str(pki.ca_path)).num_vertices == 26
        else:
            with pytest.raises(ServiceError, match=r"certificate of .* is not trusted \(.+\); set ARANGO_CA_PATH"):
                served.load(arango_ca_path=str(pki.other_ca_path))


def test_certificate_of_another_host_is_refused(market_dump: Path, pki: Pki) -> None:
    """A certificate of the right CA for another host name is not accepted."""
    with (
        serve_stand_in(market_dump, tls=server_context(pki.wrong_host_path)) as served,
        pytest.raises(ServiceError, match=r"is not trusted .*use the host name that it was made for"),
    ):
        served.load(arango_ca_path=str(pki.ca_path))


def test_private_ca_is_needed(market_dump: Path, pki: Pki) -> None:
    """Without ARANGO_CA_PATH the CAs of the system decide, and they do not know ours."""
    with (
        serve_stand_in(market_dump, tls=server_context(pki.server_path)) as served,
        pytest.raises(ServiceError, match="is not trusted"),
    ):
        served.load()


def test_broken_ca_file_is_named(market_dump: Path, pki: Pki, tmp_path: Path) -> None:
    """A file that is no PEM file is named as the reason."""
    broken = tmp_path / "ca.pem"
    broken.write_text("no certificate")
    with (
        serve_stand_in(market_dump, tls=server_context(pki.server_path)) as served,
        pytest.raises(ServiceError, match="ARANGO_CA_PATH cannot be used"),
    ):
        served.load(arango_ca_path=str(broken))


def test_plain_server_does_not_speak_tls(spoiled_market: StandInGraph) -> None:
    """https:// to a server without TLS is told apart from a bad certificate."""
    with pytest.raises(ServiceError, match="does not speak TLS; write http://"):
        spoiled_market.load(arango_url=spoiled_market.url.replace("http:", "https:"))


@contextmanager
def _web_server(status: int, body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (404, b"<html>nothing here</html>", r"answered HTTP 404 \(Not Found\), which ArangoDB does not do; check that"),
        (200, b"<html>welcome</html>", "sent an answer that cannot be read, 6 times in a row; check that ARANGO_URL"),
        (200, b'{"graph":{}}', "sent an answer that cannot be read, 6 times in a row; check that ARANGO_URL"),
    ],
)
def test_other_server_is_no_arangodb(spoiled_market: StandInGraph, status: int, body: bytes, sentence: str) -> None:
    """An address that leads to something else is recognised by its answers."""
    with _web_server(status, body) as url, pytest.raises(ServiceError, match=sentence):
        spoiled_market.load(arango_url=url)


def test_password_is_never_shown(spoiled_market: StandInGraph, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the log at its most talkative nor a traceback holds the password, right or wrong."""
    caplog.set_level(logging.DEBUG)
    faults = spoiled_market.server.faults
    faults.add(Fault("unavailable", When("cursor-next", "candles", times=2)))
    faults.add(Fault("killed", When("cursor-next", "next", times=10_000)))
    shown = []
    for password in (PASSWORD, WRONG_PASSWORD):
        with pytest.raises(ServiceError) as raised:
            spoiled_market.load(arango_password=password)
        shown += traceback.format_exception(raised.value)
    shown += [repr(vars(record)) for record in caplog.records]
    assert len(caplog.records) > 10
    for secret in ("hush", "wrong-", "Пароль"):
        assert not [text for text in shown if secret in text]
