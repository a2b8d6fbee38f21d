"""Rules about the settings of the services around a run: queue, ArangoDB, Kafka, S3."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trainer.process.proxies import proxy_for
from trainer.settings.addresses import broker_flaw, http_flaw, is_broker, is_bucket, is_http_address, without_scheme
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
    if queue_id and not names_a_file(queue_id):
        yield Problem("queue_id", queue_id, "should be a printable text that can name files")
    elif len(queue_id.encode()) > _LONGEST_ID:
        yield Problem("queue_id", queue_id, f"should have at most {_LONGEST_ID} bytes")


def names_a_file(name: str) -> bool:
    """Whether a name can be a part of a path or of a key, and leads nowhere else."""
    return name.isprintable() and not {"", ".", ".."} & {*name.split("/")}


def check_arango(graph: GraphSettings, arango: ArangoSettings) -> Iterator[Problem]:
    """The problems of the database that the graph is read from."""
    if arango.arango_url and not graph.graph_path:
        yield from _http_service("arango_url", arango.arango_url, "arango_ca_path", arango.arango_ca_path)
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
    yield Problem(
        name, None, f"should have no scheme and no path; KAFKA_USER and CA_PATH decide on SASL and TLS. {how}"
    )


def _s3(settings: Settings) -> Iterator[Problem]:
    s3 = settings.s3
    if settings.local.output_path or not s3.minio_endpoint:
        return
    yield from check_s3_access(s3)
    if not s3.minio_bucket:
        yield Problem("minio_bucket", None, "is not set, and MINIO_ENDPOINT is", ("minio_endpoint",))
    elif not is_bucket(s3.minio_bucket):
        right = "should be 3 to 63 lower-case letters, digits, hyphens and single dots, and no IP address"
        yield Problem("minio_bucket", s3.minio_bucket, right)


def check_s3_access(s3: S3Settings) -> Iterator[Problem]:
    """The problems of the access to an S3 store, given that MINIO_ENDPOINT is set."""
    endpoint = s3.minio_endpoint or ""
    url = endpoint if "://" in endpoint else f"{'https' if s3.minio_secure else 'http'}://{endpoint}"
    yield from _http_service("minio_endpoint", url, "minio_ca_path", s3.minio_ca_path)
    for name in ("minio_access_key", "minio_secret_key"):
        if not getattr(s3, name).get_secret_value():
            yield Problem(name, None, "is not set, and MINIO_ENDPOINT is", ("minio_endpoint",))
    for name in ("minio_access_key", "minio_secret_key", "minio_session_token"):
        if not getattr(s3, name).get_secret_value().isprintable():  # a header of HTTP holds no line break
            yield Problem(name, None, "should be one line of printable characters")


def _http_service(name: str, url: str, ca_name: str, ca_path: str | None) -> Iterator[Problem]:
    """The problems of an address, of the CAs that its certificate is held to, and of the proxy that leads there."""
    yield from check_ca_file(ca_name, ca_path)
    if "@" in url:
        yield Problem(name, None, "should hold no user and password; they have settings of their own")
        return
    if not is_http_address(url):
        yield Problem(name, None, f"should be {Settings.definitions()[name].right}; {http_flaw(url)}")
        return
    if url.startswith("https://"):
        yield from check_system_cas(ca_path)
    proxy = proxy_for(url)
    if proxy is not None and not proxy.is_usable:
        yield Problem(
            proxy.variable, None, "should be the address of an HTTP proxy, such as http://proxy:3128, or empty"
        )


_LONGEST_ID = 252
"""Bytes: stores and file systems that keep a name in one piece allow 255, and the model's has `.pt` besides."""

SERVICE_RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    _queue,
    lambda settings: check_arango(settings.graph, settings.arango),
    _kafka,
    _s3,
)
