"""The one definition of every setting: name, type, default, meaning.

The flags, the environment, `--help`, `docs/settings.md` and the error messages all follow from it.
A setting's variable is its name in upper case, its flag the name in lower case.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from trainer.settings.values import NameList, choice, matching

MODEL_TYPES = ("GCN", "GAT", "GATv2", "GraphSAGE", "GraphConv", "GIN", "PNA", "EdgeCNN")
LOSSES_BY_TASK = {
    "binary": ("binary_crossentropy", "cross_entropy", "focal"),
    "multiclass": ("cross_entropy", "focal"),
    "regression": ("mse", "mae", "huber"),
}
LOSS_NAMES = ("binary_crossentropy", "cross_entropy", "mse", "mae", "huber", "focal")
ROUTING_WORD = "gnn-trainer"
"""A start message holds `target` twice; this value is the service's name, never a label."""

ModelType = Annotated[str, choice(*MODEL_TYPES)]
LossName = Annotated[str, choice(*LOSS_NAMES, bce="binary_crossentropy", l1="mae")]
TaskName = Annotated[str, choice("auto", *LOSSES_BY_TASK)]
Split = Annotated[str, matching(r"auto|temporal|random|attribute:.+")]
Device = Annotated[str, matching(r"auto|cpu|cuda(:\d+)?")]


def setting(
    default: Any,
    group: str,
    meaning: str,
    right: str,
    *,
    shown_default: str | None = None,
    aliases: tuple[str, ...] = (),
    not_set: tuple[str, ...] = (),
    **constraints: Any,
) -> Any:
    """Declare a setting.

    Args:
        default: the value when nobody sets it.
        group: the heading under which help and docs list it.
        meaning: one sentence for the user.
        right: what a right value is, to end the sentence "it should be …".
        shown_default: the default in words, where the value alone says too little.
        aliases: other variable names that are read after the documented one.
        not_set: values that count as not set.
        **constraints: pydantic's (`ge`, `lt`, …).
    """
    extra: dict[str, Any] = {
        "group": group,
        "right": right,
        "shown_default": shown_default,
        "aliases": list(aliases),
        "not_set": list(not_set),
    }
    return Field(default, description=meaning, json_schema_extra=extra, **constraints)


class Settings(BaseModel):
    """The checked settings of one run."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, protected_namespaces=())

    @property
    def has_own_queue_id(self) -> bool:
        """Whether QUEUE_ID was given, rather than made from the graph's name."""
        return self.queue_id != f"local-{self.graph_name}"

    def learning(self) -> dict[str, Any]:
        """The settings that decide what is learned, as plain values."""
        values = self.model_dump(mode="json")
        return {name: values[name] for name in _learning_names() if name not in ("checkpoint_every", "resume")}

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

    graph_name: str = setting(
        "",
        "graph",
        "The named graph to train on; in a folder without named graphs, its edge collection.",
        "the name of a graph",
        shown_default="required",
        aliases=("GRAPH_COLLECTION_NAME",),
    )
    graph_path: str | None = setting(
        None, "graph", "A folder written by `arangodump` to read the graph from.", "a folder"
    )
    features: NameList = setting(
        [],
        "graph",
        "The vertex attributes to learn from.",
        "a list of attribute names",
        shown_default="all numeric attributes that are neither keys, nor time, nor label-like",
    )
    target: str | None = setting(
        None,
        "graph",
        "The vertex attribute to predict.",
        "the name of an attribute",
        shown_default="the first of target, label, y, price_up; else the only future_*",
        not_set=(ROUTING_WORD,),
    )
    time_field: str | None = setting(
        None,
        "graph",
        "The vertex attribute that holds the time.",
        "the name of an attribute",
        shown_default="found: ts, timestamp, open_time, time, date, …",
    )
    scaling: Annotated[str, choice("auto", "standard", "none")] = setting(
        "auto",
        "graph",
        "How features are scaled: `auto` gives number attributes standard scores and leaves array attributes alone.",
        "auto, standard or none",
    )

    framework: Annotated[str, choice("pyg")] = setting(
        "pyg",
        "model",
        "The library that the model comes from: PyTorch Geometric.",
        "pyg, the only framework built so far",
    )
    model_type: ModelType = setting(
        "GraphSAGE", "model", "The model, in any letter case.", "one of " + ", ".join(MODEL_TYPES)
    )
    hidden_channels: int = setting(
        64, "model", "Width of the hidden layers.", "a whole number from 1 to 65536", ge=1, le=65536
    )
    num_layers: int = setting(
        2, "model", "Number of message-passing layers.", "a whole number from 1 to 100", ge=1, le=100
    )
    heads: int = setting(
        4, "model", "Attention heads of GAT and GATv2.", "a whole number from 1 to 1024", ge=1, le=1024
    )
    dropout: float = setting(
        0.0, "model", "Share of hidden values dropped while training.", "a number from 0 to below 1", ge=0, lt=1
    )

    epochs: int = setting(
        10, "training", "How often the whole training part is seen.", "a whole number of at least 1", ge=1
    )
    loss_fn: LossName | None = setting(
        None,
        "training",
        "The loss; `bce` and `l1` are short for binary_crossentropy and mae.",
        "one of " + ", ".join((*LOSS_NAMES, "bce", "l1")),
        shown_default="by task: binary_crossentropy, cross_entropy, mse",
    )
    task: TaskName = setting(
        "auto",
        "training",
        "What kind of label TARGET is; `auto` looks at its values.",
        "auto, binary, multiclass or regression",
    )
    learning_rate: float = setting(
        0.01, "training", "Step size of Adam.", "a number above 0, at most 1e30", gt=0, le=1e30
    )
    weight_decay: float = setting(0.0, "training", "L2 penalty of Adam.", "a number from 0 to 1e30", ge=0, le=1e30)
    seed: int = setting(
        42, "training", "Seed of everything random.", "a whole number from 0 to 4294967295", ge=0, le=2**32 - 1
    )
    split: Split = setting(
        "auto",
        "training",
        "How labelled vertices are divided: by time, at random, or by a stored attribute with train/val/test.",
        "auto, temporal, random or attribute:<name>",
        shown_default="auto: temporal where there is time, else random",
    )
    val_ratio: float = setting(
        0.15, "training", "Share of labelled vertices to validate on.", "a number from 0 to below 1", ge=0, lt=1
    )
    test_ratio: float = setting(
        0.15, "training", "Share of labelled vertices to test on.", "a number from 0 to below 1", ge=0, lt=1
    )
    embargo: float = setting(
        0.0,
        "training",
        "Gap between the parts of a temporal split, in the units of TIME_FIELD (seconds where it holds texts).",
        "a number of at least 0",
        ge=0,
    )
    class_weights: Annotated[str, choice("none", "balanced")] = setting(
        "none",
        "training",
        "`balanced` weighs each class by the inverse of its frequency in training.",
        "none or balanced",
    )
    patience: int = setting(
        0,
        "training",
        "Stop after so many epochs without a lower validation loss; 0 never does.",
        "a whole number of at least 0",
        ge=0,
    )
    device: Device = setting(
        "auto",
        "training",
        "Where to compute; `auto` takes a GPU when there is one.",
        "auto, cpu, cuda or cuda:<number>",
    )

    checkpoint_every: float = setting(
        60.0, "training", "Seconds between checkpoints.", "a number of at least 0.1", ge=0.1
    )
    resume: Annotated[str, choice("auto", "never")] = setting(
        "auto",
        "training",
        "`auto` goes on from the checkpoint of an earlier run with the same QUEUE_ID, settings and graph.",
        "auto or never",
    )

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

    output_path: str | None = setting(
        None, "local", "The model file to write; metrics.json and report.html go beside it.", "the path of a .pt file"
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


def _learning_names() -> list[str]:
    groups = ("graph", "model", "training")
    return [name for name in Settings.model_fields if details(name)["group"] in groups]


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return name.upper()


def details(name: str) -> dict[str, Any]:
    """What `setting` was told about a setting: group, right, shown_default, aliases, not_set."""
    extra = Settings.model_fields[name].json_schema_extra
    assert isinstance(extra, dict)
    return dict(extra)


def is_secret(name: str) -> bool:
    """Whether the value of a setting must never be shown."""
    return Settings.model_fields[name].annotation is SecretStr
