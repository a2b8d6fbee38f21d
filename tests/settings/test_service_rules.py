"""What the settings of the services must be, where they are used; nothing is said of those that are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.settings.conftest import Load
from tests.settings.test_problems import refusal

KAFKA = {"KAFKA_BOOTSTRAP_SERVERS": "broker:9092", "QUEUE_ID": "q"}
S3 = {
    "OUTPUT_PATH": "",
    "MINIO_ENDPOINT": "minio:9000",
    "MINIO_ACCESS_KEY": "access",
    "MINIO_SECRET_KEY": "secret",
    "MINIO_BUCKET": "models",
    "QUEUE_ID": "q",
}
ARANGO = {"GRAPH_PATH": "", "ARANGO_URL": "http://arango:8529"}


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (KAFKA | {"QUEUE_ID": ""}, "QUEUE_ID is not set: a run with Kafka or S3 needs it"),
        (S3 | {"QUEUE_ID": ""}, "QUEUE_ID is not set: a run with Kafka or S3 needs it"),
        ({"QUEUE_ID": "a\nb"}, "QUEUE_ID='a\\nb' should be a printable text that can name files"),
        ({"QUEUE_ID": "../b"}, "QUEUE_ID='../b' should be a printable text"),
        ({"QUEUE_ID": "a//b"}, "QUEUE_ID='a//b' should be a printable text"),
        ({"QUEUE_ID": "q" * 513}, "should have at most 512 bytes"),
        ({"QUEUE_ID": "я" * 257}, "should have at most 512 bytes"),
        (ARANGO | {"ARANGO_URL": "arango:8529"}, "ARANGO_URL='arango:8529' should be"),
        (ARANGO | {"ARANGO_URL": "ftp://arango"}, "ARANGO_URL='ftp://arango' should be"),
        (ARANGO | {"ARANGO_CA_PATH": "nowhere.pem"}, "ARANGO_CA_PATH='nowhere.pem' should be a PEM file"),
        ({"WRITE_GRAPH_METADATA": "true"}, "ARANGO_URL is not set, and WRITE_GRAPH_METADATA needs it"),
        (KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": "broker"}, "KAFKA_BOOTSTRAP_SERVERS='broker' should be host:port"),
        (KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": "a:1,,b:2"}, "KAFKA_BOOTSTRAP_SERVERS='a:1,,b:2' should be host:port"),
        (KAFKA | {"KAFKA_USER": "u"}, "KAFKA_PASSWORD is not set, and KAFKA_USER is"),
        (KAFKA | {"CA_PATH": "nowhere.pem"}, "CA_PATH='nowhere.pem' should be a PEM file"),
        (S3 | {"MINIO_ENDPOINT": "minio:9000/path"}, "MINIO_ENDPOINT='minio:9000/path' should be"),
        (S3 | {"MINIO_ACCESS_KEY": ""}, "MINIO_ACCESS_KEY is not set, and MINIO_ENDPOINT is"),
        (S3 | {"MINIO_SECRET_KEY": ""}, "MINIO_SECRET_KEY is not set, and MINIO_ENDPOINT is"),
        (S3 | {"MINIO_BUCKET": ""}, "MINIO_BUCKET is not set, and MINIO_ENDPOINT is"),
        (S3 | {"MINIO_BUCKET": "My_Bucket"}, "MINIO_BUCKET='My_Bucket' should be 3 to 63 lower-case letters"),
    ],
)
def test_settings_that_a_service_cannot_use_are_refused(load: Load, environ: dict[str, str], sentence: str) -> None:
    """Before anything is started, by the variable that is wrong or missing."""
    assert sentence in refusal(load, environ=environ)


@pytest.mark.parametrize("variable", ["ARANGO_URL", "MINIO_ENDPOINT"])
def test_password_in_an_address_is_not_repeated(load: Load, variable: str) -> None:
    """It has a setting of its own, and stays out of the log here too."""
    environ = ARANGO | S3 | {variable: "http://me:hunter2@host:1"}
    sentence = refusal(load, environ=environ)
    assert f"{variable} should hold no user and password" in sentence
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    "environ",
    [
        KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": "a:9092, b:9092"},
        KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": "[::1]:9092"},
        KAFKA | {"KAFKA_USER": "u", "KAFKA_PASSWORD": "p"},
        S3,
        S3 | {"MINIO_ENDPOINT": "https://minio"},
        ARANGO,
        ARANGO | {"ARANGO_URL": "https://[::1]:8529/"},
        {"QUEUE_ID": "wf-2024/q"},
        {"QUEUE_ID": "q" * 512},
    ],
)
def test_settings_that_serve_are_taken(load: Load, environ: dict[str, str]) -> None:
    """Several brokers, IPv6, an endpoint with and without a scheme."""
    load(environ=environ)


def test_authority_in_a_file_is_taken(load: Load, tmp_path: Path) -> None:
    """Whether it can be read is known when it is used."""
    (tmp_path / "ca.pem").touch()
    load(environ=ARANGO | {"ARANGO_CA_PATH": str(tmp_path / "ca.pem")})


@pytest.mark.parametrize(
    "environ",
    [
        {"KAFKA_USER": "u", "CA_PATH": "nowhere.pem"},
        S3 | {"OUTPUT_PATH": "out/model.pt", "MINIO_SECRET_KEY": "", "MINIO_BUCKET": "My_Bucket", "QUEUE_ID": ""},
        ARANGO | {"GRAPH_PATH": "dump", "ARANGO_URL": "no address"},
    ],
    ids=["Kafka", "S3", "ArangoDB"],
)
def test_services_that_are_not_used_are_not_checked(load: Load, environ: dict[str, str]) -> None:
    """A folder goes before a service, and what is left over from another run does no harm."""
    load(environ=environ)
