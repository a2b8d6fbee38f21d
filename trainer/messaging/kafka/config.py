"""The configuration of librdkafka's clients, from the settings of the run."""

from __future__ import annotations

from typing import Any

from trainer.messaging.kafka import patience
from trainer.settings.groups.kafka import KafkaSettings


class ClientConfig(dict[str, Any]):
    """A configuration that may be shown: a plain dict would print the password."""

    def __repr__(self) -> str:
        return f"ClientConfig({', '.join(self)})"


def client_config(kafka: KafkaSettings, client_id: str) -> ClientConfig:
    """The part that producers and consumers share: addresses, security, network timeouts."""
    config = ClientConfig(
        {
            "bootstrap.servers": kafka.kafka_bootstrap_servers,
            "client.id": client_id,
            "security.protocol": security_protocol(kafka),
            "socket.keepalive.enable": True,
            "socket.timeout.ms": patience.REQUEST_TIMEOUT_MS,
            "socket.connection.setup.timeout.ms": patience.CONNECT_TIMEOUT_MS,
            "api.version.request.timeout.ms": patience.REQUEST_TIMEOUT_MS,
            # Also for producers, where the default is true: a topic that is not there stays so, whoever asks for it.
            "allow.auto.create.topics": False,
            "reconnect.backoff.max.ms": patience.RECONNECT_AFTER_MS,
        }
    )
    if kafka.ca_path:
        config["ssl.ca.location"] = kafka.ca_path
        config["enable.ssl.certificate.verification"] = True
        config["ssl.endpoint.identification.algorithm"] = "https"
    if kafka.kafka_user:
        config["sasl.mechanism"] = kafka.kafka_sasl_mechanism
        config["sasl.username"] = kafka.kafka_user
        config["sasl.password"] = kafka.kafka_password.get_secret_value()
    return config


def security_protocol(kafka: KafkaSettings) -> str:
    """A user means SASL, a CA means TLS."""
    if kafka.kafka_user:
        return "SASL_SSL" if kafka.ca_path else "SASL_PLAINTEXT"
    return "SSL" if kafka.ca_path else "PLAINTEXT"
