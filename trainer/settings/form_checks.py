"""The forms of texts that a service or a file system takes: what can be told from the text alone, on any machine."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import PurePath

from trainer.settings.definition import Settings
from trainer.settings.groups.s3 import S3Settings
from trainer.settings.problem import Problem


def check_queue_id(queue_id: str) -> Iterator[Problem]:
    """It names objects and files."""
    if not queue_id.isprintable() or {"", ".", ".."} & set(queue_id.split("/")):
        yield Problem("queue_id", queue_id, "should be a printable text that can name files")
    elif len(queue_id.encode()) > _LONGEST_ID:
        yield Problem("queue_id", queue_id, f"should have at most {_LONGEST_ID} bytes")


def check_brokers(addresses: str) -> Iterator[Problem]:
    """Addresses of Kafka; a value that may hold a password is not shown."""
    name = "kafka_bootstrap_servers"
    servers = addresses.split(",")
    bare = [_SCHEME.sub("", server).rstrip("/") for server in servers]
    if "@" in addresses:
        right = "should be host:port[,host:port…], without a user and password; they have settings of their own"
        yield Problem(name, None, right)
    elif all(_is_broker(server) for server in servers):
        return
    elif all(_is_broker(server) for server in bare):
        right = (
            "should have no scheme and no path; KAFKA_USER and CA_PATH decide on SASL and TLS. Set it to"
            f" {','.join(bare)}"
        )
        yield Problem(name, addresses, right)
    else:
        # An address that failed its check may hold a password.
        shown = addresses if _HARMLESS.fullmatch(addresses) else None
        yield Problem(name, shown, "should be host:port[,host:port…], with ports from 1 to 65535")


def check_http_address(name: str, value: str, url: str) -> Iterator[Problem]:
    """An address of a service over HTTP; a value that may hold a password is not shown.

    Args:
        name: of the setting.
        value: what it holds.
        url: the same with a scheme.
    """
    if "@" in url:
        yield Problem(name, None, "should hold no user and password; they have settings of their own")
    elif not is_http_address(url):
        shown = value if _HARMLESS.fullmatch(url) else None
        yield Problem(name, shown, f"should be {Settings.definitions()[name].right}")


def check_bucket(bucket: str) -> Iterator[Problem]:
    """The name of a bucket."""
    if not _BUCKET.fullmatch(bucket) or _IP_ADDRESS.fullmatch(bucket) or ".." in bucket:
        right = "should be 3 to 63 lower-case letters, digits, hyphens and single dots, and no IP address"
        yield Problem("minio_bucket", bucket, right)


def check_model_file(path: str) -> Iterator[Problem]:
    """The name of the model file to write."""
    if not path.endswith(".pt"):
        yield Problem("output_path", path, "should be the path of a .pt file, such as out/model.pt")
    elif any(len(os.fsencode(part)) > _LONGEST_NAME for part in PurePath(path).parts):
        yield Problem("output_path", path, f"should have no name of more than {_LONGEST_NAME} bytes")


def is_http_address(url: str) -> bool:
    """Whether a text is http:// or https://, a host, and maybe a port."""
    found = _ADDRESS.fullmatch(url)
    return found is not None and (found["port"] is None or 1 <= int(found["port"]) <= _LAST_PORT)


def url_of_store(s3: S3Settings) -> str:
    """MINIO_ENDPOINT with its scheme."""
    endpoint = s3.minio_endpoint or ""
    return endpoint if "://" in endpoint else f"{'https' if s3.minio_secure else 'http'}://{endpoint}"


def _is_broker(server: str) -> bool:
    found = _HOST_AND_PORT.fullmatch(server)
    return found is not None and 1 <= int(found["port"]) <= _LAST_PORT


def _of_what_is_set(settings: Settings) -> Iterator[Problem]:
    yield from check_queue_id(settings.queue.queue_id) if settings.queue.queue_id else ()
    if url := settings.arango.arango_url:
        yield from check_http_address("arango_url", url, url)
    if servers := settings.kafka.kafka_bootstrap_servers:
        yield from check_brokers(servers)
    if endpoint := settings.s3.minio_endpoint:
        yield from check_http_address("minio_endpoint", endpoint, url_of_store(settings.s3))
    if bucket := settings.s3.minio_bucket:
        yield from check_bucket(bucket)
    if path := settings.local.output_path:
        yield from check_model_file(path)


_LONGEST_ID = 252
"""Bytes: stores and file systems that keep a name in one piece allow 255, and the model's has `.pt` besides."""
_LONGEST_NAME = 200
"""Bytes of a file name; file systems allow 255, and a file is written aside under a longer name first."""
_LAST_PORT = 65535
_HARMLESS = re.compile(r"[\w.:,/\[\] -]*")
_HOST_AND_PORT = re.compile(r"(?:[^\s:/?#&=%@\[\]]+|\[[0-9a-fA-F:.]+\]):(?P<port>\d{1,5})")
_SCHEME = re.compile(r"^\s*[\w+.-]+://")
_ADDRESS = re.compile(r"https?://([^\s/:@?#&=%\[\]]+|\[[0-9a-fA-F:.]+\])(:(?P<port>\d{1,5}))?/?")
_IP_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

FORM_RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (_of_what_is_set,)
"""Rules about each of these settings by itself, whether or not another one makes it needless."""
