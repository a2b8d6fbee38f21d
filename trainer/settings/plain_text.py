"""Which services get credentials over a connection that anybody on the way can read: one sentence about all of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from trainer.settings.definition import Settings
from trainer.settings.form_checks import url_of_store
from trainer.settings.groups.arango import ArangoSettings
from trainer.settings.groups.kafka import KafkaSettings
from trainer.settings.groups.s3 import S3Settings


def sent_in_clear(settings: Settings) -> Iterator[str]:
    """The warning of a run, if there is one."""
    ways: list[tuple[str, str]] = []
    if not settings.graph.graph_path or settings.arango.write_graph_metadata:
        ways += way_to_arango(settings.arango)
    if not settings.dry_run.dry_run:  # connects to nothing else
        ways += _way_to_kafka(settings.kafka)
        ways += () if settings.local.output_path else way_to_store(settings.s3)
    yield from warning_of(ways)


def warning_of(ways: list[tuple[str, str]]) -> Iterator[str]:
    """A sentence about settings whose services are reached in clear, each with what would encrypt the connection."""
    if ways:
        names, remedies = " and ".join(name for name, _ in ways), ", ".join(remedy for _, remedy in ways)
        yield f"{names}: passwords, or what proves them, go there unencrypted and can be read on the way; better: {remedies}."


def way_to_arango(arango: ArangoSettings) -> list[tuple[str, str]]:
    """ArangoDB gets the password itself with each request."""
    if not arango.arango_password.get_secret_value() or not _is_clear(arango.arango_url or ""):
        return []
    return [("ARANGO_URL", "ARANGO_URL=https://…")]


def way_to_store(s3: S3Settings) -> list[tuple[str, str]]:
    """A store gets signatures, and a session token as it is."""
    if not s3.minio_endpoint or not s3.minio_secret_key.get_secret_value() or not _is_clear(url_of_store(s3)):
        return []
    has_scheme = "://" in s3.minio_endpoint
    return [("MINIO_ENDPOINT", "MINIO_ENDPOINT=https://…" if has_scheme else "MINIO_SECURE=true")]


def _way_to_kafka(kafka: KafkaSettings) -> list[tuple[str, str]]:
    """Kafka gets the password with PLAIN, and with SCRAM what it can be guessed from."""
    servers = (kafka.kafka_bootstrap_servers or "").split(",")
    if not kafka.kafka_user or kafka.ca_path or not any(_is_clear(f"http://{server}") for server in servers):
        return []
    return [("KAFKA_BOOTSTRAP_SERVERS", "a port with SASL_SSL and CA_PATH")]


def _is_clear(url: str) -> bool:
    """Whether a connection leaves this machine without TLS."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:  # refused elsewhere
        return False
    if parts.scheme != "http" or not host or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return True
