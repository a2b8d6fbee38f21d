"""The ArangoDB stand-in's HTTP: limits, keep-alive, compression, TLS."""

import socket
import ssl
import subprocess
import zlib
from pathlib import Path

import pytest
import requests
from arango.client import ArangoClient

from tests.waits import LONG_S

from .arango import ArangoStandIn, Database, User
from .conftest import Post


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nx: " + b"a" * 1_100_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"POST / HTTP/1.1\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\ncontent-length: 1073741825\r\n\r\n", 413),
    ],
)
def test_protocol_limits(arango: ArangoStandIn, head: bytes, status: int) -> None:
    """Requests beyond the database's limits are answered and the connection closed."""
    port = int(arango.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=LONG_S) as connection:
        connection.sendall(head)
        assert connection.recv(64).startswith(f"HTTP/1.1 {status} ".encode())


def test_compressed_request(arango: ArangoStandIn, post: Post) -> None:
    """A request body may be compressed."""
    body = zlib.compress(b'{"_key":"z"}')
    assert post("document/graph_metadata", data=body, headers={"Content-Encoding": "deflate"}).status_code == 202


def test_keep_alive(arango: ArangoStandIn) -> None:
    """One connection carries many requests, also after an error."""
    port = int(arango.url.rpartition(":")[2])
    request = b"GET /_api/version HTTP/1.1\r\nHost: x\r\n\r\n"
    with (
        socket.create_connection(("127.0.0.1", port), timeout=LONG_S) as connection,
        connection.makefile("rb") as replies,
    ):
        for _ in range(3):
            connection.sendall(request)
            assert replies.readline() == b"HTTP/1.1 401 Unauthorized\r\n"
            while (line := replies.readline()) != b"\r\n":
                if line.startswith(b"Content-Length"):
                    length = int(line.split()[1])
            replies.read(length)


def test_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a context, the stand-in serves HTTPS and the client verifies it."""
    # requests lets these variables outweigh the bundle that the client was given.
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=stand-in",
    ]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ArangoStandIn({"m": Database()}, {"root": User("x")}, tls=context) as server:
        assert server.url.startswith("https://")
        client = ArangoClient(server.url, verify_override=str(certificate))
        assert client.db("m", "root", "x").version() == "3.12.4"
        client.close()
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{server.url}/_api/version", timeout=LONG_S)
