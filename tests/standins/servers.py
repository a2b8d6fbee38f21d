"""The servers of a test session: each started once, when the first test asks for it, and killed at the end.

Where variables name real servers (see `endpoints.py`), `kafka` and `s3` are those. A broker that a test kills
or that asks for a login is always one of ours.
"""

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .endpoints import KafkaEndpoint, S3Endpoint, named_kafka, named_s3
from .kafka_gateway import MECHANISM, SaslSslGateway
from .pki import Pki, make_pki, server_context
from .ports import free_port
from .seaweed import SeaweedS3
from .tansu import TansuBroker


@dataclass(frozen=True, kw_only=True)
class SaslSslKafka:
    """A broker that is reached only over TLS and with a password."""

    bootstrap_servers: str
    username: str
    password: str
    ca_path: Path
    broker: TansuBroker
    gateway: SaslSslGateway

    def endpoint(
        self, *, username: str | None = None, password: str | None = None, ca_path: Path | None = None
    ) -> KafkaEndpoint:
        """Return what a client connects to: the right credentials, or those that a test gets wrong."""
        return KafkaEndpoint(
            self.bootstrap_servers,
            {
                "security.protocol": "SASL_SSL",
                "sasl.mechanism": MECHANISM,
                "sasl.username": username or self.username,
                "sasl.password": password or self.password,
                "ssl.ca.location": str(ca_path or self.ca_path),
            },
        )


@pytest.fixture(scope="session")
def server_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the servers' logs and data."""
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session")
def kafka(server_dir: Path) -> Iterator[KafkaEndpoint]:
    """A plaintext broker that no test may kill."""
    if named := named_kafka(os.environ):
        yield named
        return
    with TansuBroker(server_dir) as broker:
        yield broker


@pytest.fixture
def topic() -> str:
    """A topic name that no other test uses."""
    return f"topic-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def s3(server_dir: Path) -> Iterator[S3Endpoint]:
    """An S3 store that no test may kill."""
    if named := named_s3(os.environ):
        yield named
        return
    with SeaweedS3(server_dir) as store:
        yield store


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Certificates right and wrong."""
    return make_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def kafka_sasl_ssl(server_dir: Path, pki: Pki) -> Iterator[SaslSslKafka]:
    """A broker behind TLS and SCRAM-SHA-512 that no test may kill."""
    users = {"trainer": "standin-kafka-password"}
    port = free_port()
    with (
        SaslSslGateway("127.0.0.1", port, users=users, tls=server_context(pki.server_path)) as gateway,
        TansuBroker(server_dir, port=port, advertised=gateway.address) as broker,
    ):
        yield SaslSslKafka(
            bootstrap_servers=gateway.address,
            username="trainer",
            password=users["trainer"],
            ca_path=pki.ca_path,
            broker=broker,
            gateway=gateway,
        )


@pytest.fixture
def durable_kafka(server_dir: Path, s3: S3Endpoint) -> Iterator[TansuBroker]:
    """A broker of the test's own, to be killed and started: it keeps topics and messages in a bucket."""
    bucket = s3.create_bucket(f"kafka-{uuid.uuid4().hex[:12]}")
    with TansuBroker.on_bucket(server_dir, s3, bucket) as broker:
        yield broker
