"""Kafka and S3 as a test sees them: an address, how to log in, and how to prepare it.

The same classes stand for servers that the tests start themselves and for those that variables name.
"""

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

_ADMIN_TIMEOUT_S = 15.0


class KafkaEndpoint:
    """Brokers that a client can reach, with what it must present to them."""

    def __init__(self, bootstrap_servers: str, security: Mapping[str, str] | None = None) -> None:
        """Name the brokers; `security` holds librdkafka's own settings, none means plaintext."""
        self.bootstrap_servers = bootstrap_servers
        self._security = dict(security or {})

    def client_config(self) -> dict[str, Any]:
        """Return what a librdkafka client needs to connect, and no chatter on standard error."""
        return {"bootstrap.servers": self.bootstrap_servers, "log_level": 0, **self._security}

    def create_topic(self, name: str, num_partitions: int = 1) -> None:
        """Create a topic that does not exist yet."""
        admin = AdminClient(self.client_config())
        topic = NewTopic(name, num_partitions=num_partitions, replication_factor=1)
        admin.create_topics([topic], operation_timeout=_ADMIN_TIMEOUT_S)[name].result(_ADMIN_TIMEOUT_S)


class S3Endpoint:
    """An S3-compatible store that a client can reach."""

    def __init__(self, endpoint: str, access_key: str, secret_key: str) -> None:
        """Name the store; `endpoint` is a URL with its scheme."""
        self.endpoint = endpoint
        self.access_key = access_key
        self.secret_key = secret_key

    def client(self, *, access_key: str | None = None, secret_key: str | None = None) -> Any:
        """Return a boto3 client that tries once, with this store's keys unless others are given."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=access_key or self.access_key,
            aws_secret_access_key=secret_key or self.secret_key,
            region_name="us-east-1",
            config=Config(
                s3={"addressing_style": "path"},
                retries={"total_max_attempts": 1},
                connect_timeout=2,
                read_timeout=20,
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def create_bucket(self, name: str) -> str:
        """Create the bucket, or keep the one that is there, and return its name."""
        client = self.client()
        try:
            client.create_bucket(Bucket=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
                raise
        finally:
            client.close()
        return name


def named_kafka(environ: Mapping[str, str]) -> KafkaEndpoint | None:
    """Return the brokers of `TEST_KAFKA_BOOTSTRAP_SERVERS`, if it is set."""
    bootstrap_servers = environ.get("TEST_KAFKA_BOOTSTRAP_SERVERS")
    return KafkaEndpoint(bootstrap_servers) if bootstrap_servers else None


def named_s3(environ: Mapping[str, str]) -> S3Endpoint | None:
    """Return the store of `TEST_MINIO_ENDPOINT`, if set, with `TEST_MINIO_ACCESS_KEY` and `…_SECRET_KEY`."""
    endpoint = environ.get("TEST_MINIO_ENDPOINT")
    if not endpoint:
        return None
    url = endpoint if "://" in endpoint else f"http://{endpoint}"
    return S3Endpoint(url, environ["TEST_MINIO_ACCESS_KEY"], environ["TEST_MINIO_SECRET_KEY"])
