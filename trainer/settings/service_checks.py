"""Rules about the settings of the services around a run: queue, ArangoDB, Kafka, S3."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Callable, Iterator

from trainer.settings.definition import Settings
from trainer.settings.groups.arango import ArangoSettings
from trainer.settings.groups.graph import GraphSettings
from trainer.settings.groups.s3 import S3Settings
from trainer.settings.problem import Problem


def _queue(settings: Settings) -> Iterator[Problem]:
    queue_id, kafka = settings.queue.queue_id, settings.kafka
    uses_s3 = settings.s3.minio_endpoint and not settings.local.output_path
    if not queue_id and (kafka.kafka_bootstrap_servers or uses_s3):
        yield Problem("queue_id", None, "is not set: a run with Kafka or S3 needs it")
    if queue_id and (not queue_id.isprintable() or {"", ".", ".."} & set(queue_id.split("/"))):
        yield Problem("queue_id", queue_id, "should be a printable text that can name files")
    elif len(queue_id.encode()) > _LONGEST_ID:
        yield Problem("queue_id", queue_id, f"should have at most {_LONGEST_ID} bytes")


def check_arango(graph: GraphSettings, arango: ArangoSettings) -> Iterator[Problem]:
    """The problems of the database that the graph is read from."""
    if arango.arango_url and not graph.graph_path:
        yield from _address("arango_url", arango.arango_url, needs_scheme=True)
        yield from _pem("arango_ca_path", arango.arango_ca_path)
    if arango.write_graph_metadata and not arango.arango_url:
        yield Problem("arango_url", None, "is not set, and WRITE_GRAPH_METADATA needs it", ("write_graph_metadata",))


def _kafka(settings: Settings) -> Iterator[Problem]:
    kafka = settings.kafka
    if not kafka.kafka_bootstrap_servers:
        return
    yield from _brokers(kafka.kafka_bootstrap_servers)
    if kafka.kafka_user and not kafka.kafka_password.get_secret_value():
        yield Problem("kafka_password", None, "is not set, and KAFKA_USER is", ("kafka_user",))
    yield from _pem("ca_path", kafka.ca_path)


def _brokers(addresses: str) -> Iterator[Problem]:
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


def _is_broker(server: str) -> bool:
    found = _HOST_AND_PORT.fullmatch(server)
    return found is not None and 1 <= int(found["port"]) <= _LAST_PORT


def _s3(settings: Settings) -> Iterator[Problem]:
    s3 = settings.s3
    if settings.local.output_path or not s3.minio_endpoint:
        return
    yield from check_s3_access(s3)
    if not s3.minio_bucket:
        yield Problem("minio_bucket", None, "is not set, and MINIO_ENDPOINT is", ("minio_endpoint",))
    elif not _BUCKET.fullmatch(s3.minio_bucket):
        right = "should be 3 to 63 lower-case letters, digits, dots and hyphens"
        yield Problem("minio_bucket", s3.minio_bucket, right)


def check_s3_access(s3: S3Settings) -> Iterator[Problem]:
    """The problems of the access to an S3 store, given that MINIO_ENDPOINT is set."""
    yield from _address("minio_endpoint", s3.minio_endpoint or "", needs_scheme=False)
    for name in ("minio_access_key", "minio_secret_key"):
        if not getattr(s3, name).get_secret_value():
            yield Problem(name, None, "is not set, and MINIO_ENDPOINT is", ("minio_endpoint",))


def _address(name: str, value: str, needs_scheme: bool) -> Iterator[Problem]:
    """An address may hold a password by mistake, so its value is never shown when it looks like that."""
    if "@" in value:
        yield Problem(name, None, "should hold no user and password; they have settings of their own")
    elif not _ADDRESS.fullmatch(value if "://" in value or needs_scheme else f"http://{value}"):
        yield Problem(name, value, f"should be {Settings.definitions()[name].right}")


def _pem(name: str, path: str | None) -> Iterator[Problem]:
    if not path:
        return
    if not os.path.isfile(path):  # noqa: PTH113 - no error for an endless name
        yield Problem(name, path, "should be a PEM file, and there is none")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        yield Problem(name, path, "should be a PEM file with a CA certificate, and it holds none that can be read")
    except OSError as error:
        yield Problem(name, path, f"should be a PEM file, and it cannot be read ({error.strerror})")


_LONGEST_ID = 512
_HOST_AND_PORT = re.compile(r"(?:[^\s:/?#&=%@\[\]]+|\[[0-9a-fA-F:.]+\]):(?P<port>\d{1,5})")
_SCHEME = re.compile(r"^\s*[\w+.-]+://")
_HARMLESS = re.compile(r"[\w.:,\[\]/ -]*")
_LAST_PORT = 65535
_ADDRESS = re.compile(r"https?://[^\s/:@]+(:\d{1,5})?/?|https?://\[[0-9a-fA-F:]+\](:\d{1,5})?/?")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

SERVICE_RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    _queue,
    lambda settings: check_arango(settings.graph, settings.arango),
    _kafka,
    _s3,
)
