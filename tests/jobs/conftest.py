"""A world of services for each test; the servers themselves live as long as the session."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.world import BUCKET, CONTROL, EVENTS, World, assert_no_secret, open_arango
from tests.standins.arango import ArangoStandIn
from tests.standins.endpoints import S3Endpoint
from tests.standins.ports import free_port
from tests.standins.servers import SaslSslKafka
from tests.standins.tansu import TansuBroker
from tests.standins.tcp_proxy import CuttableProxy


@pytest.fixture(scope="session")
def topics(kafka_sasl_ssl: SaslSslKafka) -> SaslSslKafka:
    """The broker behind TLS and SCRAM, with both topics."""
    for name in (EVENTS, CONTROL):
        kafka_sasl_ssl.broker.create_topic(name)
    return kafka_sasl_ssl


@pytest.fixture
def arango() -> Iterator[ArangoStandIn]:
    """The database of one test, since a test may break it."""
    with open_arango() as server:
        yield server


@pytest.fixture
def world(tmp_path: Path, arango: ArangoStandIn, topics: SaslSslKafka, s3: S3Endpoint) -> Iterator[World]:
    """Services that work, as the first environment block of the documentation names them."""
    s3.create_bucket(BUCKET)
    variables = {
        "KAFKA_BOOTSTRAP_SERVERS": topics.bootstrap_servers,
        "KAFKA_USER": topics.username,
        "KAFKA_PASSWORD": topics.password,
        "CA_PATH": str(topics.ca_path),
    }
    world = World(tmp_path / "run", arango, topics.endpoint(), s3, variables)
    yield world
    assert_no_secret(world)


@pytest.fixture
def plain(world: World, server_dir: Path) -> Iterator[tuple[World, CuttableProxy]]:
    """The same world with a plaintext broker of its own behind a network that can be cut."""
    port = free_port()
    with CuttableProxy("127.0.0.1", port) as network:
        address = f"127.0.0.1:{network.port}"
        with TansuBroker(server_dir, port=port, advertised=address) as broker:
            for topic in (EVENTS, CONTROL):
                broker.create_topic(topic)
            yield (
                dataclasses.replace(world, kafka=broker, kafka_variables={"KAFKA_BOOTSTRAP_SERVERS": address}),
                network,
            )
