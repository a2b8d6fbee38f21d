"""Rules about the settings of the services around a run: queue, ArangoDB, Kafka, S3."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trainer.process.proxies import proxy_for
from trainer.settings.addresses import is_http_address
from trainer.settings.ca_files import check_ca_file, check_system_cas
from trainer.settings.definition import Settings
from trainer.settings.form_checks import (
    check_brokers,
    check_bucket,
    check_http_address,
    check_queue_id,
    url_of_store,
)
from trainer.settings.groups.arango import ArangoSettings
from trainer.settings.groups.graph import GraphSettings
from trainer.settings.groups.s3 import S3Settings
from trainer.settings.problem import Problem


def _queue(settings: Settings) -> Iterator[Problem]:
    queue_id, kafka = settings.queue.queue_id, settings.kafka
    uses_s3 = settings.s3.minio_endpoint and not settings.local.output_path
    if not queue_id and (kafka.kafka_bootstrap_servers or uses_s3) and not settings.dry_run.dry_run:
        yield Problem("queue_id", None, "is not set: a run with Kafka or S3 needs it")
    yield from check_queue_id(queue_id) if queue_id else ()


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
    yield from check_brokers(kafka.kafka_bootstrap_servers)
    if kafka.kafka_user and not kafka.kafka_password.get_secret_value():
        yield Problem("kafka_password", None, "is not set, and KAFKA_USER is", ("kafka_user",))
    yield from check_ca_file("ca_path", kafka.ca_path)


def _s3(settings: Settings) -> Iterator[Problem]:
    s3 = settings.s3
    if settings.local.output_path or not s3.minio_endpoint:
        return
    yield from check_s3_access(s3)
    if not s3.minio_bucket:
        yield Problem("minio_bucket", None, "is not set, and MINIO_ENDPOINT is", ("minio_endpoint",))
    else:
        yield from check_bucket(s3.minio_bucket)


def check_s3_access(s3: S3Settings) -> Iterator[Problem]:
    """The problems of the access to an S3 store, given that MINIO_ENDPOINT is set."""
    yield from _http_service("minio_endpoint", url_of_store(s3), "minio_ca_path", s3.minio_ca_path)
    for name in ("minio_access_key", "minio_secret_key"):
        if not getattr(s3, name).get_secret_value():
            yield Problem(name, None, "is not set, and MINIO_ENDPOINT is", ("minio_endpoint",))
    for name in ("minio_access_key", "minio_secret_key", "minio_session_token"):
        if not getattr(s3, name).get_secret_value().isprintable():  # a header of HTTP holds no line break
            yield Problem(name, None, "should be one line of printable characters")


def _http_service(name: str, url: str, ca_name: str, ca_path: str | None) -> Iterator[Problem]:
    """The problems of an address, of the CAs that its certificate is held to, and of the proxy that leads there."""
    yield from check_ca_file(ca_name, ca_path)
    yield from check_http_address(name, url)
    if not is_http_address(url):
        return
    if url.startswith("https://"):
        yield from check_system_cas(ca_path)
    proxy = proxy_for(url)
    if proxy is not None and not proxy.is_usable:
        yield Problem(
            proxy.variable, None, "should be the address of an HTTP proxy, such as http://proxy:3128, or empty"
        )


SERVICE_RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    _queue,
    lambda settings: check_arango(settings.graph, settings.arango),
    _kafka,
    _s3,
)
