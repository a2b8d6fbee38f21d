"""What a run says while it goes: the events of `queue-events`, field by field.

`Telemetry` turns the moments of a run into events and hands them to a bus; which bus that is, and
what it does with them, is of no concern here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Literal, Protocol

import orjson
from pydantic import BaseModel, ConfigDict

from trainer.settings.groups.queue import QueueSettings


class Event(BaseModel):
    """What every event holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    queue_id: str
    telemetry_id: str
    producer: str
    symbol: str | None
    type: str
    graph_name: str
    model_type: str
    status: str
    message: str
    timestamp: float
    finished: bool = False

    def fields(self) -> dict[str, Any]:
        """The fields that this event has; a measure that does not fit the task is absent, not null."""
        return self.model_dump(exclude_unset=True)

    def to_json(self) -> bytes:
        """The event as UTF-8 JSON; NaN and infinities become null."""
        return orjson.dumps(self.fields())


class Started(Event):
    """The settings are good; nothing heavy is loaded yet."""

    status: Literal["started"] = "started"


class Loading(Event):
    """A graph is being read."""

    status: Literal["loading"] = "loading"
    vertices_loaded: int
    edges_loaded: int


class Training(Event):
    """An epoch (1-based) is over; regression has mae, rmse and r2 in place of accuracy, all of validation."""

    status: Literal["training"] = "training"
    epoch: int
    epochs: int
    loss: float
    val_loss: float | None
    eta_s: float
    accuracy: float | None = None
    mae: float | None = None
    rmse: float | None = None
    r2: float | None = None


class Finished(Event):
    """Everything is stored; the measures are those of the test part in the best epoch."""

    status: Literal["finished"] = "finished"
    finished: bool = True
    model_path: str
    metrics_path: str
    epoch: int
    loss: float | None
    accuracy: float | None = None
    mae: float | None = None
    rmse: float | None = None
    r2: float | None = None


class Interrupted(Event):
    """A stop command or a signal ended the run; `model_path` is null when no epoch was over."""

    status: Literal["interrupted"] = "interrupted"
    finished: bool = True
    reason: str
    model_path: str | None
    epoch: int


class Failed(Event):
    """The run ended badly; `error_code` is the exit code of the process."""

    status: Literal["error"] = "error"
    finished: bool = True
    error_code: int
    error_message: str


class Pong(Event):
    """The answer to a ping; `status` is that of the last event before."""

    event: Literal["pong"] = "pong"
    ping_ts: float | None
    ponged_at: float


class Bus(Protocol):
    """Where events go."""

    def publish(self, event: Event) -> None:
        """Pass an event on.

        Progress never raises and never blocks. `started` and the event that ends a run are delivered when
        this returns.

        Raises:
            ServiceError: `started` or the event that ends the run could not be delivered within a bound.
        """

    def close(self) -> None:
        """Deliver what is still on its way, within a bound."""


_MESSAGES: dict[str, dict[str, Callable[..., str]]] = {
    "ru": {
        "started": "Начато обучение GNN на графе {graph_name}".format,
        "loading": "Загрузка графа {graph_name}: вершин {vertices_loaded}, рёбер {edges_loaded}".format,
        "training": "Эпоха {epoch}/{epochs}. Loss: {loss:.4f}. {measure}".format,
        "finished": "Обучение завершено. {measure} Модель сохранена.".format,
        "interrupted": "Обучение прервано ({reason}), эпоха {epoch}.".format,
        "error": "Ошибка: {error_message}".format,
        "pong": "На связи".format,
    },
    "en": {
        "started": "Training of a GNN on graph {graph_name} has started".format,
        "loading": "Loading graph {graph_name}: {vertices_loaded} vertices, {edges_loaded} edges".format,
        "training": "Epoch {epoch}/{epochs}. Loss: {loss:.4f}. {measure}".format,
        "finished": "Training is over. {measure} The model is stored.".format,
        "interrupted": "Training was interrupted ({reason}), epoch {epoch}.".format,
        "error": "Error: {error_message}".format,
        "pong": "Alive".format,
    },
}
_MEASURES = ("accuracy", "mae", "rmse", "r2")


class Telemetry:
    """Says the moments of one run; exactly one of finished, interrupted and error, and that last."""

    def __init__(self, queue: QueueSettings, graph_name: str, model_type: str, message_lang: str, bus: Bus) -> None:
        """Emit to this bus; the first arguments are in every event, `message` is in that language."""
        self._bus = bus
        self._lock = threading.Lock()
        self._status = "started"
        self._is_over = False
        self._messages = _MESSAGES[message_lang]
        self._run = {
            "queue_id": queue.queue_id,
            "telemetry_id": queue.telemetry_producer_id,
            "producer": queue.telemetry_producer_id,
            "symbol": queue.symbol,
            "type": queue.type,
            "graph_name": graph_name,
            "model_type": model_type,
        }

    def started(self) -> None:
        """The settings are good."""
        self._say(Started)

    def loading(self, vertices: int, edges: int) -> None:
        """So much of the graph is read."""
        self._say(Loading, vertices_loaded=vertices, edges_loaded=edges)

    def training(
        self, epoch: int, epochs: int, loss: float, val_loss: float | None, eta_s: float, measures: dict[str, Any]
    ) -> None:
        """An epoch is over."""
        self._say(Training, epoch=epoch, epochs=epochs, loss=loss, val_loss=val_loss, eta_s=eta_s, **measures)

    def finished(self, model_path: str, metrics_path: str, epoch: int, test: dict[str, Any]) -> None:
        """Everything is stored."""
        measures = {name: test[name] for name in ("loss", *_MEASURES) if name in test}
        self._say(Finished, model_path=model_path, metrics_path=metrics_path, epoch=epoch, **measures)

    def interrupted(self, reason: str, model_path: str | None, epoch: int) -> None:
        """Somebody stopped the run."""
        self._say(Interrupted, reason=reason, model_path=model_path, epoch=epoch)

    def error(self, code: int, message: str) -> None:
        """The run ended badly."""
        self._say(Failed, error_code=code, error_message=message)

    def pong(self, ping_ts: float | None) -> None:
        """Somebody asked whether we are alive; may be called from another thread."""
        self._say(Pong, event="pong", ping_ts=ping_ts, ponged_at=time.time())

    def silence(self) -> None:
        """Say nothing more: another run speaks for this queue by now."""
        with self._lock:
            self._is_over = True

    def _say(self, kind: type[Event], **fields: Any) -> None:
        with self._lock:
            if self._is_over:
                return  # another thread was a moment too late
            status = self._status if kind is Pong else kind.model_fields["status"].default
            self._status = status
            self._is_over = bool(kind.model_fields["finished"].default)
            self._publish(kind, status, fields)

    def _publish(self, kind: type[Event], status: str, fields: dict[str, Any]) -> None:
        template = self._messages["pong" if kind is Pong else status]
        text = template(graph_name=self._run["graph_name"], measure=_measure(fields), **fields)
        finished = kind.model_fields["finished"].default
        says = {"status": status, "message": text.strip(), "timestamp": time.time(), "finished": finished}
        self._bus.publish(kind.model_validate({**self._run, **says, **fields}))


def _measure(fields: dict[str, Any]) -> str:
    """`Acc: 0.91.` or `MAE: 0.0032.`, whichever the run has."""
    if fields.get("accuracy") is not None:
        return f"Acc: {fields['accuracy']:.2f}."
    return f"MAE: {fields['mae']:.4g}." if fields.get("mae") is not None else ""
