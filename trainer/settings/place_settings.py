"""The settings of the run's surroundings: the queue it belongs to, the services it talks to, the local machine."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, SecretStr

from trainer.settings.setting import setting
from trainer.settings.values import choice


class QueueSettings(BaseModel):
    """Who the run is to the others."""

    queue_id: str = setting(
        "",
        "queue",
        "Identifies the run for queue-manager; names its artifacts.",
        "a text",
        shown_default="local-<graph_name>",
    )
    symbol: str | None = setting(None, "queue", "The market symbol, passed on in every event.", "a text")
    type: str = setting("gnn_trainer", "queue", "The kind of worker, passed on in every event.", "a text")
    telemetry_producer_id: str = setting(
        "", "queue", "Who says the events.", "a text", shown_default="gnn-trainer__<last part of QUEUE_ID>"
    )
    job_timestamp: float | None = setting(
        None,
        "queue",
        "When the run was ordered, in seconds since 1970 (milliseconds are understood): stop commands older than this are not ours.",
        "a number above 0",
        shown_default="ten minutes before the start of the process",
        gt=0,
    )


class ServiceSettings(BaseModel):
    """The services, each with an embedded twin."""

    arango_url: str | None = setting(
        None, "ArangoDB", "Where ArangoDB is; read when GRAPH_PATH is not set.", "http://host:port or https://host:port"
    )
    arango_db: str = setting("_system", "ArangoDB", "The database that holds the graph.", "the name of a database")
    arango_user: str = setting("root", "ArangoDB", "Who reads the graph.", "the name of a user")
    arango_password: SecretStr = setting(SecretStr(""), "ArangoDB", "The user's password.", "a text")
    arango_ca_path: str | None = setting(
        None, "ArangoDB", "PEM file with the CA of an https server; the system's CAs when not set.", "a PEM file"
    )
    write_graph_metadata: bool = setting(
        False, "ArangoDB", "Write a document about the run to `graph_metadata`.", "true or false"
    )

    kafka_bootstrap_servers: str | None = setting(
        None, "Kafka", "Brokers, by comma; without them events go to the log only.", "host:port[,host:port…]"
    )
    kafka_user: str | None = setting(None, "Kafka", "User for SASL.", "the name of a user")
    kafka_password: SecretStr = setting(SecretStr(""), "Kafka", "The user's password.", "a text")
    ca_path: str | None = setting(
        None,
        "Kafka",
        "PEM file with the CA of the brokers; set means TLS, always verified.",
        "a PEM file",
        aliases=("KAFKA_CA_PATH",),
    )
    kafka_sasl_mechanism: Annotated[str, choice("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")] = setting(
        "SCRAM-SHA-512", "Kafka", "How the user signs in.", "SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN"
    )
    queue_events_topic: str = setting("queue-events", "Kafka", "Topic of the events.", "the name of a topic")
    queue_control_topic: str = setting("queue-control", "Kafka", "Topic of the commands.", "the name of a topic")

    minio_endpoint: str | None = setting(
        None, "S3", "S3-compatible store; used when OUTPUT_PATH is not set.", "host:port, or with http:// or https://"
    )
    minio_access_key: SecretStr = setting(SecretStr(""), "S3", "Access key.", "a text")
    minio_secret_key: SecretStr = setting(SecretStr(""), "S3", "Secret key.", "a text")
    minio_bucket: str | None = setting(
        None, "S3", "Bucket of the artifacts.", "the name of a bucket", aliases=("MINIO_BUCKET_NAME",)
    )
    minio_secure: bool = setting(False, "S3", "Use https when MINIO_ENDPOINT has no scheme.", "true or false")
    minio_region: str = setting("us-east-1", "S3", "Region for the signature.", "the name of a region")


class LocalSettings(BaseModel):
    """What the machine and its user see."""

    output_path: str | None = setting(
        None, "local", "The model file to write; metrics.json and report.html go beside it.", "the path of a .pt file"
    )
    save_predictions: bool = setting(
        False, "local", "Write `predictions.csv.gz` beside the model, to S3 too.", "true or false"
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], choice("DEBUG", "INFO", "WARNING", "ERROR")] = (
        setting("INFO", "local", "The least important log lines to show.", "DEBUG, INFO, WARNING or ERROR")
    )
    log_format: Annotated[str, choice("auto", "json", "text")] = setting(
        "auto",
        "local",
        "`auto` draws a progress bar on a terminal and writes JSON lines elsewhere.",
        "auto, json or text",
    )
    message_lang: Annotated[str, choice("ru", "en")] = setting(
        "ru", "local", "Language of the `message` in events.", "ru or en"
    )
