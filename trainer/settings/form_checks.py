"""The forms of texts that a service or a file system takes: what can be told from the text alone, on any machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import PurePath

from trainer.settings.addresses import (
    broker_flaw,
    http_flaw,
    is_address,
    is_broker,
    is_bucket,
    is_http_address,
    without_scheme,
)
from trainer.settings.definition import Settings
from trainer.settings.groups.s3 import S3Settings
from trainer.settings.problem import Problem


def check_queue_id(queue_id: str) -> Iterator[Problem]:
    """It names objects and files."""
    if not names_a_file(queue_id):
        yield Problem("queue_id", queue_id, "should be a printable text that can name files")
    elif len(queue_id.encode()) > _LONGEST_ID:
        yield Problem("queue_id", queue_id, f"should have at most {_LONGEST_ID} bytes")


def check_brokers(addresses: str) -> Iterator[Problem]:
    """Addresses of Kafka; those that fail may hold a password and are not shown."""
    name = "kafka_bootstrap_servers"
    servers = addresses.split(",")
    if all(map(is_broker, servers)):
        return
    right = "should be host:port[,host:port…], with ports from 1 to 65535"
    if "@" in addresses:
        right = "should be host:port[,host:port…], without a user and password; they have settings of their own"
        yield Problem(name, None, right)
        return
    bare = without_scheme(servers)
    if bare is None:
        yield Problem(name, None, f"{right}; {broker_flaw(servers)}")
        return
    how = f"Set it to {bare}" if bare else "leave both away"
    right = f"should have no scheme and no path; KAFKA_USER and CA_PATH decide on SASL and TLS. {how}"
    yield Problem(name, None, right)


def check_http_address(name: str, url: str) -> Iterator[Problem]:
    """An address of a service over HTTP, with its scheme; one that fails may hold a password and is not shown."""
    if "@" in url:
        yield Problem(name, None, "should hold no user and password; they have settings of their own")
    elif not is_http_address(url):
        yield Problem(name, None, f"should be {Settings.definitions()[name].right}; {http_flaw(url)}")


def check_bucket(bucket: str) -> Iterator[Problem]:
    """The name of a bucket."""
    if not is_bucket(bucket):
        right = "should be 3 to 63 lower-case letters, digits, hyphens and single dots, and no IP address"
        yield Problem("minio_bucket", bucket, right)


def check_model_file(path: str) -> Iterator[Problem]:
    """The name of the model file to write."""
    if is_address(path):
        right = "should be the path of a .pt file and holds an address; MINIO_ENDPOINT and MINIO_BUCKET are for that of a store"
        yield Problem("output_path", None, right)
    elif not path.endswith(".pt"):
        yield Problem("output_path", path, "should be the path of a .pt file, such as out/model.pt")
    elif any(len(os.fsencode(part)) > _LONGEST_NAME for part in PurePath(path).parts):
        yield Problem("output_path", path, f"should have no name of more than {_LONGEST_NAME} bytes")


def names_a_file(name: str) -> bool:
    """Whether a name can be a part of a path or of a key, and leads nowhere else."""
    return name.isprintable() and not {"", ".", ".."} & {*name.split("/")}


def url_of_store(s3: S3Settings) -> str:
    """MINIO_ENDPOINT with its scheme."""
    endpoint = s3.minio_endpoint or ""
    return endpoint if "://" in endpoint else f"{'https' if s3.minio_secure else 'http'}://{endpoint}"


def _of_what_is_set(settings: Settings) -> Iterator[Problem]:
    yield from check_queue_id(settings.queue.queue_id) if settings.queue.queue_id else ()
    if url := settings.arango.arango_url:
        yield from check_http_address("arango_url", url)
    if servers := settings.kafka.kafka_bootstrap_servers:
        yield from check_brokers(servers)
    if settings.s3.minio_endpoint:
        yield from check_http_address("minio_endpoint", url_of_store(settings.s3))
    if bucket := settings.s3.minio_bucket:
        yield from check_bucket(bucket)
    if path := settings.local.output_path:
        yield from check_model_file(path)


_LONGEST_ID = 252
"""Bytes: stores and file systems that keep a name in one piece allow 255, and the model's has `.pt` besides."""
_LONGEST_NAME = 200
"""Bytes of a file name; file systems allow 255, and a file is written aside under a longer name first."""

FORM_RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (_of_what_is_set,)
"""Rules about each of these settings by itself, whether or not another one makes it needless."""
