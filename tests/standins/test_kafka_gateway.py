"""The gateway lets in who may come in, and a real client names the reason where it may not.

A client moves on to the address that a broker advertises, so each gateway here has a broker that advertises it.
"""

import socket
import ssl
import struct
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient

from tests.waits import LONG_S

from . import kafka_frames as frames
from .endpoints import KafkaEndpoint
from .kafka_clients import connection_error, read, send
from .kafka_gateway import Login, SaslSslGateway
from .pki import Pki, server_context
from .ports import free_port
from .servers import SaslSslKafka
from .tansu import TansuBroker
from .tcp_proxy import CuttableProxy


def test_the_right_password_opens_the_gateway(kafka_sasl_ssl: SaslSslKafka, topic: str) -> None:
    """Over TLS and with the right password a message goes to the broker and back."""
    endpoint = kafka_sasl_ssl.endpoint()
    endpoint.create_topic(topic)
    send(endpoint, topic, [b"secret"], {"enable.idempotence": True})
    assert [message.value() for message in read(endpoint, topic, 1)] == [b"secret"]
    assert Login(kafka_sasl_ssl.username, accepted=True) in kafka_sasl_ssl.gateway.logins


@pytest.mark.parametrize("wrong", [{"username": "nobody"}, {"password": "wrong"}])
def test_wrong_credentials_are_an_authentication_error(kafka_sasl_ssl: SaslSslKafka, wrong: dict[str, Any]) -> None:
    """A wrong user or password reaches `error_cb` as an authentication error that names the mechanism."""
    error = connection_error(kafka_sasl_ssl.endpoint(**wrong), KafkaError._AUTHENTICATION)
    assert "invalid credentials with SASL mechanism SCRAM-SHA-512" in error.str()
    assert not kafka_sasl_ssl.gateway.logins[-1].accepted


def test_another_mechanism_is_refused(kafka_sasl_ssl: SaslSslKafka) -> None:
    """A client that asks for SCRAM-SHA-256 is told which mechanism there is."""
    asked = {"sasl.mechanism": "SCRAM-SHA-256"}
    error = connection_error(kafka_sasl_ssl.endpoint(), KafkaError._AUTHENTICATION, asked)
    assert "supported mechanisms: SCRAM-SHA-512" in error.str()


def test_a_wrong_authority_is_a_tls_error(kafka_sasl_ssl: SaslSslKafka, pki: Pki) -> None:
    """A client that trusts another authority reports a TLS error and never sends its password."""
    num_logins = len(kafka_sasl_ssl.gateway.logins)
    error = connection_error(kafka_sasl_ssl.endpoint(ca_path=pki.other_ca_path), KafkaError._SSL)
    assert "certificate verify failed" in error.str()
    assert len(kafka_sasl_ssl.gateway.logins) == num_logins


def test_a_wrong_host_name_is_a_tls_error(kafka_sasl_ssl: SaslSslKafka, server_dir: Path, pki: Pki) -> None:
    """A certificate of the right authority for another host is refused by the client."""
    users = {kafka_sasl_ssl.username: kafka_sasl_ssl.password}
    port = free_port()
    with (
        SaslSslGateway("127.0.0.1", port, users=users, tls=server_context(pki.wrong_host_path)) as gateway,
        TansuBroker(server_dir, port=port, advertised=gateway.address),
    ):
        address = {"bootstrap.servers": gateway.address}
        error = connection_error(kafka_sasl_ssl.endpoint(), KafkaError._SSL, address)
        assert "certificate verify failed" in error.str()
        assert gateway.logins == []
        # Without the check of the name the same certificate is good, so it was the name.
        unchecked = {**address, "ssl.endpoint.identification.algorithm": "none"}
        AdminClient(kafka_sasl_ssl.endpoint().client_config() | unchecked).list_topics(timeout=LONG_S)


def test_a_client_without_login_gets_nothing(kafka_sasl_ssl: SaslSslKafka) -> None:
    """A request other than those of the login is answered by hanging up."""
    metadata_request = struct.pack(">hhih", 3, 0, 1, -1) + struct.pack(">i", 0)
    context = ssl.create_default_context(cafile=kafka_sasl_ssl.ca_path)
    with (
        socket.create_connection(("127.0.0.1", kafka_sasl_ssl.gateway.port), timeout=LONG_S) as connection,
        context.wrap_socket(connection, server_hostname="localhost") as secured,
    ):
        secured.sendall(struct.pack(">i", len(metadata_request)) + metadata_request)
        assert secured.recv(1) == b""


def test_the_gateway_announces_only_versions_it_answers(kafka_sasl_ssl: SaslSslKafka) -> None:
    """Before a login the broker's versions are announced, those of the login being the gateway's own."""
    context = ssl.create_default_context(cafile=kafka_sasl_ssl.ca_path)
    with (
        socket.create_connection(("127.0.0.1", kafka_sasl_ssl.gateway.port), timeout=LONG_S) as connection,
        context.wrap_socket(connection, server_hostname="localhost") as secured,
        secured.makefile("rb") as answers,
    ):
        secured.sendall(frames.api_versions_request())
        (num_bytes,) = struct.unpack(">i", answers.read(4))
        versions = frames.parse_api_versions(answers.read(num_bytes))
    assert (versions[frames.SASL_HANDSHAKE], versions[frames.SASL_AUTHENTICATE]) == ((0, 1), (0, 1))
    assert {0, 1, 3} < versions.keys(), "Produce, Fetch and Metadata are the broker's"


def test_a_login_without_tls_is_possible(kafka_sasl_ssl: SaslSslKafka, server_dir: Path) -> None:
    """A gateway without a certificate is a SASL_PLAINTEXT listener."""
    users = {kafka_sasl_ssl.username: kafka_sasl_ssl.password}
    port = free_port()
    with (
        SaslSslGateway("127.0.0.1", port, users=users) as gateway,
        TansuBroker(server_dir, port=port, advertised=gateway.address),
    ):
        changes = {"bootstrap.servers": gateway.address, "security.protocol": "SASL_PLAINTEXT"}
        AdminClient(kafka_sasl_ssl.endpoint().client_config() | changes).list_topics(timeout=LONG_S)
        assert Login(kafka_sasl_ssl.username, accepted=True) in gateway.logins


def test_tls_without_a_login_is_possible(server_dir: Path, pki: Pki) -> None:
    """A plain proxy with a certificate is an SSL listener."""
    security = {"security.protocol": "SSL", "ssl.ca.location": str(pki.ca_path)}
    port = free_port()
    with (
        CuttableProxy("127.0.0.1", port, tls=server_context(pki.server_path)) as proxy,
        TansuBroker(server_dir, port=port, advertised=proxy.address),
    ):
        endpoint = KafkaEndpoint(proxy.address, security)
        assert AdminClient(endpoint.client_config()).list_topics(timeout=LONG_S).brokers


@pytest.mark.parametrize("version", range(5))
def test_the_gateway_announces_its_login_in_every_layout(version: int) -> None:
    """An ApiVersions answer holds the entry of SaslAuthenticate, in the layout the client asked for."""
    request = frames.Request(frames.API_VERSIONS, version, 7, b"")
    body = frames.api_versions_body(request, {frames.SASL_AUTHENTICATE: (0, 1)})
    entry = struct.pack(">hhh", 36, 0, 1)
    expected = {
        0: struct.pack(">hi", 0, 1) + entry,
        1: struct.pack(">hi", 0, 1) + entry + bytes(4),
        2: struct.pack(">hi", 0, 1) + entry + bytes(4),
        3: b"\0\0" + b"\x02" + entry + b"\0" + bytes(4) + b"\0",
        4: b"\0\0" + b"\x02" + entry + b"\0" + bytes(4) + b"\0",
    }
    assert body == expected[version]
