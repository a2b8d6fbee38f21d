"""Rules about the settings of the services around a run: queue, ArangoDB, Kafka, S3."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from trainer.process.proxies import proxy_for
from trainer.settings.ca_files import check_ca_file, check_system_cas
from trainer.settings.definition import Settings
from trainer.settings.groups.arango import ArangoSettings
from trainer.settings.groups.graph import GraphSettings
from trainer.settings.groups.s3 import S3Settings
from trainer.settings.problem import Problem


def _queue(settings: Settings) -> Iterator[Problem]:
    queue_id, kafka = settings.queue.queue_id, settings.kafka
    uses_s3 = settings.s3.minio_endpoint and not settings.local.output_path
    if not queue_id and (kafka.kafka_bootstrap_servers or uses_s3) and not settings.dry_run.dry_run:
        yield Problem("queue_id", None, "is not set: a run with Kafka or S3 needs it")
    if queue_id and (not queue_id.isprintable() or {"", ".", ".."} & set(queue_id.split("/"))):
        yield Problem("queue_id", queue_id, "should be a printable text that can name files")
    elif len(queue_id.encode()) > _LONGEST_ID:
        yield Problem("queue_id", queue_id, f"should have at most {_LONGEST_ID} bytes")


def check_arango(graph: GraphSettings, arango: ArangoSettings) -> Iterator[Problem]:
    """The problems of the database that the graph is read from."""
    if arango.arango_url and not graph.graph_path:
        yield from _http_service(
            "arango_url", arango.arango_url, arango.arango_url, "arango_ca_path", arango.arango_ca_path
        )
    if arango.write_graph_metadata and not arango.arango_url:
        yield Problem("arango_url", None, "is not set, and WRITE_GRAPH_METADATA needs it", ("write_graph_metadata",))


def _kafka(settings: Settings) -> Iterator[Problem]:
    kafka = settings.kafka
    if not kafka.kafka_bootstrap_servers:
        return
    yield from _brokers(kafka.kafka_bootstrap_servers)
    if kafka.kafka_user and not kafka.kafka_password.get_secret_value():
        yield Problem("kafka_password", None, "is not set, and KAFKA_USER is", ("kafka_user",))
    yield from check_ca_file("ca_path", kafka.ca_path)


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
    elif not _BUCKET.fullmatch(s3.minio_bucket) or _IP_ADDRESS.fullmatch(s3.minio_bucket) or ".." in s3.minio_bucket:
        right = "should be 3 to 63 lower-case letters, digits, hyphens and single dots, and no IP address"
        yield Problem("minio_bucket", s3.minio_bucket, right)


def check_s3_access(s3: S3Settings) -> Iterator[Problem]:
    """The problems of the access to an S3 store, given that MINIO_ENDPOINT is set."""
    endpoint = s3.minio_endpoint or ""
    url = endpoint if "://" in endpoint else f"{'https' if s3.minio_secure else 'http'}://{endpoint}"
    yield from _http_service("minio_endpoint", endpoint, url, "minio_ca_path", s3.minio_ca_path)
    for name in ("minio_access_key", "minio_secret_key"):
        if not getattr(s3, name).get_secret_value():
            yield Problem(name, None, "is not set, and MINIO_ENDPOINT is", ("minio_endpoint",))
    for name in ("minio_access_key", "minio_secret_key", "minio_session_token"):
        if not getattr(s3, name).get_secret_value().isprintable():  # a header of HTTP holds no line break
            yield Problem(name, None, "should be one line of printable characters")


def _http_service(name: str, value: str, url: str, ca_name: str, ca_path: str | None) -> Iterator[Problem]:
    """The problems of an address, of the CAs that its certificate is held to, and of the proxy that leads there.

    An address may hold a password by mistake, so that its value is only shown when it cannot.
    """
    yield from check_ca_file(ca_name, ca_path)
    if "@" in url:
        yield Problem(name, None, "should hold no user and password; they have settings of their own")
        return
    if not is_http_address(url):
        yield Problem(
            name, value if _HARMLESS.fullmatch(url) else None, f"should be {Settings.definitions()[name].right}"
        )
        return
    if url.startswith("https://"):
        yield from check_system_cas(ca_path)
    proxy = proxy_for(url)
    if proxy is not None and not proxy.is_usable:
        yield Problem(
            proxy.variable, None, "should be the address of an HTTP proxy, such as http://proxy:3128, or empty"
        )


def is_http_address(url: str) -> bool:
    """Whether a text is http:// or https://, a host, and maybe a port."""
    found = _ADDRESS.fullmatch(url)
    return found is not None and (found["port"] is None or 1 <= int(found["port"]) <= _LAST_PORT)


_LONGEST_ID = 252
"""Bytes: stores and file systems that keep a name in one piece allow 255, and the model's has `.pt` besides."""
_LAST_PORT = 65535
_HARMLESS = re.compile(r"[\w.:,/\[\] -]*")
_HOST_AND_PORT = re.compile(r"(?:[^\s:/?#&=%@\[\]]+|\[[0-9a-fA-F:.]+\]):(?P<port>\d{1,5})")
_SCHEME = re.compile(r"^\s*[\w+.-]+://")
_ADDRESS = re.compile(r"https?://([^\s/:@?#&=%\[\]]+|\[[0-9a-fA-F:.]+\])(:(?P<port>\d{1,5}))?/?")
_IP_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

SERVICE_RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    _queue,
    lambda settings: check_arango(settings.graph, settings.arango),
    _kafka,
    _s3,
)
