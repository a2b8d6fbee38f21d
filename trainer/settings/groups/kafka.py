"""The brokers and topics of events and commands."""

from typing import Annotated

from pydantic import SecretStr

from trainer.settings.setting import Group, setting
from trainer.settings.values import Addresses, choice


class KafkaSettings(Group, heading="Kafka"):
    """The brokers and topics of events and commands."""

    kafka_bootstrap_servers: Addresses | None = setting(
        None, "Brokers, separated by commas; without them, events go to the log only.", "host:port[,host:port…]"
    )
    kafka_user: str | None = setting(None, "User for SASL.", "the name of a user")
    kafka_password: SecretStr = setting(SecretStr(""), "The user's password.", "a string")
    ca_path: str | None = setting(
        None,
        "PEM file with the CA of the brokers. If set, TLS is used, always verified.",
        "a PEM file",
        aliases=("KAFKA_CA_PATH",),
    )
    kafka_sasl_mechanism: Annotated[str, choice("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")] = setting(
        "SCRAM-SHA-512", "SASL mechanism.", "SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN"
    )
    queue_events_topic: str = setting("queue-events", "Topic of the events.", "the name of a topic")
    queue_control_topic: str = setting("queue-control", "Topic of the commands.", "the name of a topic")
