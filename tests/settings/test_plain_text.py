"""Credentials that leave the machine unencrypted are one warning of the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.settings.conftest import Load
from tests.standins.pki import Pki
from trainer.settings.prediction import load_prediction_settings

ARANGO = {"GRAPH_PATH": "", "ARANGO_URL": "http://arango:8529", "ARANGO_PASSWORD": "p"}
KAFKA = {"KAFKA_BOOTSTRAP_SERVERS": "k:9092", "KAFKA_USER": "u", "KAFKA_PASSWORD": "p", "QUEUE_ID": "q"}
S3 = {
    "OUTPUT_PATH": "",
    "MINIO_ENDPOINT": "minio:9000",
    "MINIO_ACCESS_KEY": "a",
    "MINIO_SECRET_KEY": "s",
    "MINIO_BUCKET": "bucket",
    "QUEUE_ID": "q",
}


def test_all_services_are_one_warning(load: Load) -> None:
    """With what would encrypt each connection, and without an address or a secret."""
    assert load(environ=ARANGO | KAFKA | S3).doubts == (
        "ARANGO_URL and KAFKA_BOOTSTRAP_SERVERS and MINIO_ENDPOINT: passwords, or what proves them, go there unencrypted and"
        " can be read on the way; better: ARANGO_URL=https://…, a port with SASL_SSL and CA_PATH, MINIO_SECURE=true.",
    )


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        (ARANGO, "ARANGO_URL:"),
        (ARANGO | {"ARANGO_URL": "http://10.0.0.1"}, "ARANGO_URL:"),
        (ARANGO | {"ARANGO_URL": "http://[fd00::1]:8529"}, "ARANGO_URL:"),
        (ARANGO | {"ARANGO_URL": "http://localhost.example:8529"}, "ARANGO_URL:"),
        (S3, "MINIO_ENDPOINT:"),
        (S3 | {"MINIO_ENDPOINT": "http://minio:9000", "MINIO_SECURE": "true"}, "MINIO_ENDPOINT:"),
        (KAFKA, "KAFKA_BOOTSTRAP_SERVERS:"),
        (KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": "localhost:9092,k:9092", "KAFKA_SASL_MECHANISM": "PLAIN"}, "KAFKA_BOO"),
        ({"WRITE_GRAPH_METADATA": "true"} | {**ARANGO, "GRAPH_PATH": "dump"}, "ARANGO_URL:"),
    ],
)
def test_a_service_without_tls_is_warned_of(load: Load, environ: dict[str, str], names: str) -> None:
    """Whatever the form of its address."""
    (doubt,) = load(environ=environ).doubts
    assert doubt.startswith(names)
    assert "unencrypted" in doubt


@pytest.mark.parametrize(
    "environ",
    [
        {},
        ARANGO | {"ARANGO_URL": "https://arango:8529"},
        ARANGO | {"ARANGO_PASSWORD": ""},
        ARANGO | {"GRAPH_PATH": "dump"},
        *(ARANGO | {"ARANGO_URL": f"http://{host}:8529"} for host in ("localhost", "127.0.0.1", "127.1.2.3", "[::1]")),
        ARANGO | {"ARANGO_URL": "http://arango.localhost"},
        S3 | {"MINIO_SECURE": "true"},
        S3 | {"MINIO_ENDPOINT": "https://minio:9000"},
        S3 | {"MINIO_ENDPOINT": "localhost:9000"},
        S3 | {"OUTPUT_PATH": "out/model.pt"},
        S3 | {"DRY_RUN": "true"},
        KAFKA | {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092,[::1]:9092"},
        KAFKA | {"KAFKA_USER": "", "KAFKA_PASSWORD": ""},
        KAFKA | {"DRY_RUN": "true"},
    ],
)
def test_what_stays_here_or_is_encrypted_or_not_used_is_not(load: Load, environ: dict[str, str]) -> None:
    """Loopback, TLS, no password, or a service that this run does not reach."""
    assert load(environ=environ).doubts == ()


def test_kafka_over_tls_is_not_warned_of(load: Load, pki: Pki) -> None:
    """CA_PATH switches TLS on."""
    assert load(environ=KAFKA | {"CA_PATH": str(pki.ca_path)}).doubts == ()


def test_predictions_warn_too(tmp_path: Path) -> None:
    """Of the services that they reach."""
    environ = {"MODEL": "s3://b/q.pt", "GRAPH_NAME": "g"} | {**ARANGO, **S3, "OUTPUT_PATH": "t.csv.gz"}
    environ = {name: value for name, value in environ.items() if name not in ("MINIO_BUCKET", "QUEUE_ID")}
    (doubt,) = load_prediction_settings((), environ, tmp_path / ".env").doubts
    assert doubt.startswith("ARANGO_URL and MINIO_ENDPOINT: ")
