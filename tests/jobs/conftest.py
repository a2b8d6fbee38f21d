"""A world of services for each test; the servers themselves live as long as the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.world import BUCKET, CONTROL, EVENTS, World, assert_no_secret, open_arango
from tests.standins.arango import ArangoStandIn
from tests.standins.endpoints import S3Endpoint
from tests.standins.servers import SaslSslKafka


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
