"""The messages of `queue-control`, typed.

The topic is shared by every service and every queue, so most of what arrives is not for us: `parse_command`
answers None for it. Only what is not JSON at all raises `BrokenCommandError`, for the caller to log once.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from trainer.bounds.bound import shown
from trainer.bounds.kafka import LONGEST_COMMAND_BYTES
from trainer.queue import fields
from trainer.queue.other_settings import OtherSettings, read_other_settings, with_documented_names
from trainer.settings.moments import epoch_seconds

SERVICE_NAME = "gnn-trainer"
DOCUMENTED_FIELDS = frozenset(
    {"command", "queue_id", "graph_name", "symbol", "type", "model_type", "epochs", "features", "target", "loss_fn"}
    | {"telemetry_id", "image", "timestamp", "pods"}
)
"""Of a start message."""

_BROKEN = "a message on queue-control is not"
_T = TypeVar("_T")


class BrokenCommandError(ValueError):
    """A message on `queue-control` is not JSON; the text says where, and never repeats the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Queue-manager's order of one training run; an absent field leaves its setting at the default."""

    queue_id: str | None = None
    graph_name: str | None = None
    symbol: str | None = None
    type: str | None = None
    model_type: str | None = None
    epochs: int | None = None
    features: tuple[str, ...] | None = None
    target: str | None = None
    """The label to learn; never the service's name, which the message carries under the same key."""
    loss_fn: str | None = None
    telemetry_id: str | None = None
    image: str | None = None
    timestamp: float | None = None
    """Seconds since 1970; commands older than this were meant for an earlier run."""
    pods: int | None = None
    """How many pods train the model together; for the renderer of the Job, no setting of the run."""
    unreadable: tuple[str, ...] = ()
    """Fields that were given but could not be understood, so that nobody trains with a silent default."""
    other: OtherSettings = field(default_factory=OtherSettings)
    """Settings beside these fields."""
    problems: tuple[str, ...] = ()
    """What contradicts itself in the message, a sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """End a run early and keep what it has learned."""

    queue_id: str | None = None
    telemetry_id: str | None = None
    timestamp: float | None = None
    """The sender's time, else the time of the Kafka record, in seconds since 1970."""

    def concerns(self, queue_id: str, telemetry_id: str | None, since: float | None = None) -> bool:
        """Whether this is for the run of that queue, which was ordered at `since`."""
        if not _addresses(self, queue_id, telemetry_id):
            return False
        return since is None or self.timestamp is None or self.timestamp >= since


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """Ask a run for a sign of life."""

    queue_id: str | None = None
    telemetry_id: str | None = None
    sent_at: float | None = None
    """Handed back in the pong as it came, in the sender's own unit."""

    def concerns(self, queue_id: str, telemetry_id: str | None) -> bool:
        """Whether this is for the run of that queue."""
        return _addresses(self, queue_id, telemetry_id)


class CommandFilter:
    """Knows at a glance which messages cannot be for one run, so that a backlog of others' costs little."""

    def __init__(self, queue_id: str, telemetry_id: str) -> None:
        """Let pass what may name the queue or its telemetry."""
        self._ids = (queue_id.encode(), telemetry_id.encode())

    def passes(self, payload: bytes) -> bool:
        """Whether the message may be ours: it holds one of the ids, or is written so that it may hide them."""
        if any(name in payload for name in self._ids):
            return True
        return b"\\" in payload or b"\0" in payload  # escaped characters, and UTF-16


Command: TypeAlias = Start | Stop | Ping


def parse_command(payload: bytes | str | None, recorded_at_s: float | None = None) -> Command | None:
    """Read one message; None when it is not a command that this service knows.

    `recorded_at_s` is the time of the Kafka record: it dates a `stop` that carries no time of its own.
    """
    if payload is None:  # a record without a value is how Kafka spells a deletion
        return None
    if len(payload) > LONGEST_COMMAND_BYTES:
        raise BrokenCommandError(f"{_BROKEN} of at most {shown(LONGEST_COMMAND_BYTES)}")
    try:
        message = json.loads(payload, object_pairs_hook=_keep_every_target)
    except UnicodeDecodeError:
        raise BrokenCommandError(f"{_BROKEN} text in UTF-8") from None
    except json.JSONDecodeError as exc:
        raise BrokenCommandError(f"{_BROKEN} JSON: {exc.msg} at character {exc.pos}") from None
    except (ValueError, RecursionError):
        raise BrokenCommandError(f"{_BROKEN} JSON of a readable depth and size") from None
    if not isinstance(message, dict) or not isinstance(message.get("command"), str):
        return None
    match message["command"].strip().lower():
        case "start":
            return _start(message)
        case "stop":
            sent_s = epoch_seconds(message.get("timestamp"))
            return Stop(
                queue_id=fields.text(message.get("queue_id")),
                telemetry_id=fields.text(message.get("telemetry_id")),
                timestamp=recorded_at_s if sent_s is None else sent_s,
            )
        case "ping":
            return Ping(
                queue_id=fields.text(message.get("queue_id")),
                telemetry_id=fields.text(message.get("telemetry_id")),
                sent_at=fields.number(message.get("sent_at")),
            )
    return None


def _keep_every_target(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build a JSON object as usual, but with all values of `target`, where Python would keep the last."""
    content = dict(pairs)
    if "target" in content:
        content["target"] = [value for key, value in pairs if key == "target"]
    return content


def _start(received: Mapping[str, object]) -> Start:
    message, problems = with_documented_names(received)
    unreadable: list[str] = []

    def read(key: str, reader: Callable[[object], _T | None]) -> _T | None:
        given = _label(message.get(key)) if key == "target" else message.get(key)
        if fields.is_absent(given):
            return None
        value = reader(given)
        if value is None:
            unreadable.append(key)
        return value

    return Start(
        queue_id=read("queue_id", fields.text),
        graph_name=read("graph_name", fields.graph_names),
        symbol=read("symbol", fields.text),
        type=read("type", fields.text),
        model_type=read("model_type", fields.text),
        epochs=read("epochs", fields.count),
        features=read("features", fields.names),
        target=read("target", fields.text),
        loss_fn=read("loss_fn", fields.text),
        telemetry_id=read("telemetry_id", fields.text),
        image=read("image", fields.text),
        timestamp=read("timestamp", epoch_seconds),
        pods=read("pods", fields.count),
        unreadable=tuple(unreadable),
        other=read_other_settings(message, DOCUMENTED_FIELDS),
        problems=problems,
    )


def _label(targets: object) -> object:
    """Choose the label among the values of `target`; two different ones stay a list, which is unreadable."""
    labels: list[object] = []
    for value in targets if isinstance(targets, list) else []:
        is_route = isinstance(value, str) and value.strip().lower() == SERVICE_NAME
        if not is_route and not fields.is_absent(value) and value not in labels:
            labels.append(value)
    return labels[0] if len(labels) == 1 else labels


def _addresses(command: Stop | Ping, queue_id: str, telemetry_id: str | None) -> bool:
    # Two queues may share a telemetry id (it holds only the last part of the queue id),
    # so it decides only where the message names no queue.
    if command.queue_id is not None:
        return command.queue_id == queue_id
    return command.telemetry_id is not None and command.telemetry_id == telemetry_id
