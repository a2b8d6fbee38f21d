"""The messages of both topics as JSON Schema, taken from the classes that write and read them.

Readers in other languages have only the schema, so it describes what travels: a measure that is not a number
is null, a measure that does not fit the task is absent, `finished` and `status` have one value each.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from trainer.events import Event, Failed, Finished, Interrupted, Loading, Pong, Started, Training
from trainer.queue.command import DOCUMENTED_FIELDS, Ping, Start, Stop
from trainer.queue.fields import MAX_EPOCHS
from trainer.queue.options import MOST_PODS
from trainer.queue.other_settings import FIELD_OF
from trainer.settings.composition import Definition
from trainer.settings.given import known_settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EVENT_CLASSES: tuple[type[Event], ...] = (Started, Loading, Training, Finished, Interrupted, Failed, Pong)
COMMAND_CLASSES = (Start, Stop, Ping)

_EVENT_FIELDS = {
    "queue_id": "The queue that this run was started for; also the key of the Kafka message.",
    "telemetry_id": "The producer of the event: TELEMETRY_PRODUCER_ID.",
    "producer": "The same as telemetry_id.",
    "symbol": "The market symbol of the run, null when it has none.",
    "type": "The kind of worker.",
    "graph_name": "The graph or graphs that the run learns from.",
    "model_type": "The model that it trains.",
    "status": "What the run is doing.",
    "message": "One sentence for a person, in the language of MESSAGE_LANG.",
    "timestamp": "When the event was emitted, in seconds since 1970.",
    "finished": "Whether this is the last event of the run.",
    "vertices_loaded": "Vertices read so far.",
    "edges_loaded": "Edges read so far.",
    "epoch": "The epoch, counted from 1.",
    "epochs": "How many epochs there are at most.",
    "loss": "The loss; null when it is not a number.",
    "val_loss": "The loss of the validation part; null when there is none or it is not a number.",
    "eta_s": "Seconds until the last epoch is over, as it looks now.",
    "accuracy": "Share of vertices classified rightly; absent in regression.",
    "mae": "Mean absolute error in the unit of the label; regression only.",
    "rmse": "Root of the mean squared error in the unit of the label; regression only.",
    "r2": "Coefficient of determination; regression only.",
    "positive_class": "The one of two classes that precision, recall and average precision in metrics.json are about.",
    "model_path": "Where the model is; null when there is none.",
    "metrics_path": "Where metrics.json is.",
    "verdict": "Whether the model beats the best prediction without the graph, in one sentence; null where a run of an earlier version is reported again.",
    "beats_baseline": "Whether it does; null where no such prediction was measured.",
    "reason": "What ended the run: the stop command or the name of a signal.",
    "error_code": "The exit code of the process.",
    "error_message": "What is wrong and what to do, in one sentence.",
    "event": "Marks the answer to a ping.",
    "ping_ts": "`sent_at` of the ping, as it came; null when the ping had none.",
    "ponged_at": "When the ping was answered, in seconds since 1970.",
}
_COMMAND_FIELDS = {
    "command": "What to do.",
    "queue_id": "The queue that is meant.",
    "telemetry_id": "The producer of the run's events; in stop and ping it decides only where no queue is named.",
    "timestamp": "When this was ordered, in seconds since 1970; milliseconds are understood.",
    "sent_at": "When the ping was sent, in any unit; the pong hands it back.",
    "graph_name": "GRAPH_NAME; several graphs by comma.",
    "symbol": "SYMBOL.",
    "type": "TYPE.",
    "model_type": "MODEL_TYPE.",
    "epochs": "EPOCHS.",
    "features": "FEATURES.",
    "target": "The label (TARGET), or `gnn-trainer`, the service that is meant. The key may stand twice, once for each.",
    "loss_fn": "LOSS_FN.",
    "image": "The container image to run.",
    "pods": "How many pods train the model together; 1 where it is absent. For the renderer of the Job alone.",
}
# Not optional in the class, but null after a diverged training.
_MAY_BE_NAN = ("loss",)
_NEEDED_TO_START = ("queue_id", "graph_name", "image")


def event_schemas() -> dict[str, dict[str, Any]]:
    """The schema of every event class, by the word that names it."""
    return {_word(event): _event(event) for event in EVENT_CLASSES}


def command_schemas() -> dict[str, dict[str, Any]]:
    """The schema of every command, by its word."""
    return {command.__name__.lower(): _command(command) for command in COMMAND_CLASSES}


def document(name: str, description: str, schemas: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One JSON Schema that allows each of these messages.

    Args:
        name: the last part of its `$id`.
        description: what the messages are.
        schemas: the messages by name.
    """
    return {
        "$schema": DIALECT,
        "$id": f"urn:streamforge:gnn-trainer:{name}",
        "title": name,
        "description": description,
        "oneOf": [{"$ref": f"#/$defs/{word}"} for word in schemas],
        "$defs": schemas,
    }


def _word(event: type[Event]) -> str:
    return "pong" if event is Pong else str(event.model_fields["status"].default)


def _event(event: type[Event]) -> dict[str, Any]:
    fields = event.model_fields
    written = event.model_json_schema()["properties"]
    properties = {name: _described(schema, _EVENT_FIELDS[name]) for name, schema in written.items()}
    properties["finished"] |= {"const": fields["finished"].default}
    if event is Pong:
        properties["status"]["enum"] = [_word(other) for other in EVENT_CLASSES if _goes_on(other)]
    for name in _MAY_BE_NAN:
        if name in properties and properties[name].get("type") == "number":
            properties[name]["type"] = ["number", "null"]
    return {
        "title": event.__name__,
        "description": " ".join(str(event.__doc__).split()),
        "type": "object",
        "properties": properties,
        # A default of null marks what only some tasks have; everything else is in every event of the class.
        "required": [name for name, field in fields.items() if field.is_required() or field.default is not None],
        "additionalProperties": False,
    }


def _goes_on(event: type[Event]) -> bool:
    return event is not Pong and not event.model_fields["finished"].default


def _command(command: type[Start | Stop | Ping]) -> dict[str, Any]:
    word = command.__name__.lower()
    written = TypeAdapter(command).json_schema()["properties"]
    for name in ("unreadable", "other", "problems"):  # our own notes about the message, not parts of it
        written.pop(name, None)
    properties = {name: _described(schema, _COMMAND_FIELDS[name]) for name, schema in written.items()}
    if "epochs" in properties:
        properties["epochs"] |= {"minimum": 1, "maximum": MAX_EPOCHS}
    if "pods" in properties:
        properties["pods"] |= {"minimum": 1, "maximum": MOST_PODS}
    if "timestamp" in properties:
        properties["timestamp"]["exclusiveMinimum"] = 0
    schema: dict[str, Any] = {
        "title": command.__name__,
        "description": " ".join(str(command.__doc__).split()),
        "type": "object",
        "properties": {"command": {"const": word, "description": _COMMAND_FIELDS["command"]}, **properties},
        "required": ["command"],
    }
    if command is Start:
        schema["properties"] |= _other_settings()
        schema["required"] += _NEEDED_TO_START
        for name in _NEEDED_TO_START:
            schema["properties"][name] |= {"type": "string", "minLength": 1}
    else:
        for name in ("queue_id", "telemetry_id"):
            schema["properties"][name]["type"] = "string"
        schema["anyOf"] = [{"required": ["queue_id"]}, {"required": ["telemetry_id"]}]
    return schema


def _other_settings() -> dict[str, Any]:
    """The settings that a start message may hold beside its own fields; none of them is a secret."""
    rows = known_settings().values()
    others = [row for row in rows if not (row.is_secret or row.name in FIELD_OF or row.name in DOCUMENTED_FIELDS)]
    return {row.name: {"type": _types(row), "description": f"{row.variable}: {row.right}."} for row in others}


def _types(setting: Definition) -> list[str]:
    if setting.several:
        return ["array", "string", "null"]
    return [{bool: "boolean", int: "integer", float: "number"}.get(setting.annotation, "string"), "null"]


def _described(schema: dict[str, Any], description: str) -> dict[str, Any]:
    """Write `["number", "null"]` where pydantic has `anyOf`, and drop what readers of messages do not need."""
    shown = {key: value for key, value in schema.items() if key not in ("title", "default", "anyOf", "description")}
    types: list[str] = []
    for option in schema.get("anyOf", ()):
        shown |= {key: value for key, value in option.items() if key != "type"}
        types.append(option["type"])
    return shown | ({"type": types} if types else {}) | {"description": description}
