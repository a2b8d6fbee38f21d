"""What the settings mean to librdkafka."""

from __future__ import annotations

import pytest

from tests.conftest import make_settings
from trainer.messaging.kafka.config import client_config

USER = {"kafka_user": "trainer", "kafka_password": "top-secret"}
CA = {"ca_path": "/etc/ca.pem"}


@pytest.mark.parametrize(
    ("values", "protocol"),
    [({}, "PLAINTEXT"), (USER, "SASL_PLAINTEXT"), (CA, "SSL"), (USER | CA, "SASL_SSL")],
)
def test_user_and_ca_choose_the_protocol(values: dict[str, str], protocol: str) -> None:
    """A user means SASL, a CA means TLS, both mean both."""
    assert client_config(make_settings(**values).kafka, "trainer-1")["security.protocol"] == protocol


def test_tls_is_always_verified() -> None:
    """With a CA, the certificate and its host name are checked."""
    config = client_config(make_settings(**CA).kafka, "trainer-1")
    assert config["enable.ssl.certificate.verification"]
    assert config["ssl.endpoint.identification.algorithm"] == "https"


def test_the_mechanism_is_the_users_choice() -> None:
    """`KAFKA_SASL_MECHANISM` chooses how to sign in."""
    settings = make_settings(**USER, kafka_sasl_mechanism="PLAIN")
    assert client_config(settings.kafka, "trainer-1")["sasl.mechanism"] == "PLAIN"


def test_a_shown_configuration_holds_no_password() -> None:
    """The configuration can be printed without giving the password away."""
    config = client_config(make_settings(**USER).kafka, "trainer-1")
    assert config["sasl.password"] == "top-secret"
    assert "top-secret" not in f"{config} {config!r}"
