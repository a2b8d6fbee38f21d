"""Kafka and S3 as a test sees them: an address, how to log in, and how to prepare it.

The same classes stand for servers that the tests start themselves and for those that variables name.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.waits import LONG_S


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
        admin.create_topics([topic], operation_timeout=LONG_S)[name].result(LONG_S)


class S3Keys(NamedTuple):
    """The keys of a user of a store; temporary ones have a token."""

    access_key: str
    secret_key: str
    session_token: str = ""

    def variables(self) -> dict[str, str]:
        """As a run takes them."""
        names = "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", "MINIO_SESSION_TOKEN"
        return {name: value for name, value in zip(names, self, strict=True) if value}

    def settings(self) -> dict[str, str]:
        """The same by the names of the settings."""
        return {name.lower(): value for name, value in self.variables().items()}


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

    def reader(self) -> S3Keys | None:
        """The keys of somebody who may only read and list, None where there is nobody."""
        return self.temporary_keys("s3:GetObject", "s3:ListBucket")

    def temporary_keys(self, *allowed: str, denied: tuple[str, ...] = ()) -> S3Keys | None:
        """Keys of an hour with these rights; None from a store that gives none, as SeaweedFS does not and MinIO does."""
        sts = boto3.client(
            "sts",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=5),
        )
        statements = [_statement("Allow", allowed), *([_statement("Deny", denied)] if denied else [])]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        role = {"RoleArn": "arn:aws:iam::000000000000:role/test", "RoleSessionName": "test"}
        try:
            keys = sts.assume_role(**role, DurationSeconds=3600, Policy=policy)["Credentials"]
        except (ClientError, BotoCoreError):
            return None
        finally:
            sts.close()
        return S3Keys(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def _statement(effect: str, actions: tuple[str, ...]) -> dict[str, Any]:
    return {"Effect": effect, "Action": list(actions), "Resource": ["arn:aws:s3:::*"]}


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
