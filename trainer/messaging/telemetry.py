"""Emits the lifecycle events of one run, the terminal one exactly once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from trainer.events import Event, Failed, Finished, Interrupted, Loading, Pong, Started, Training
from trainer.messaging.bus import Bus
from trainer.process.secrets import hidden
from trainer.settings.groups.queue import QueueSettings

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
    """Emits the events of one run: exactly one of finished, interrupted and error, and none after it."""

    def __init__(self, queue: QueueSettings, graph_name: str, model_type: str, message_lang: str, bus: Bus) -> None:
        """Emit to this bus.

        Args:
            queue: whose fields are in every event.
            graph_name: in every event.
            model_type: in every event.
            message_lang: the language of `message`, ru or en.
            bus: may raise for `started` and for the terminal event, see `Bus.publish`.
        """
        self._bus = bus
        self._lock = threading.Lock()
        self._status = "started"
        self._is_over = False
        self._messages = _MESSAGES[message_lang]
        self._common_fields = {
            "queue_id": queue.queue_id,
            "telemetry_id": queue.telemetry_producer_id,
            "producer": queue.telemetry_producer_id,
            "symbol": queue.symbol,
            "type": queue.type,
            "graph_name": graph_name,
            "model_type": model_type,
        }

    def started(self) -> None:
        """The settings are valid."""
        self._emit(Started)

    def loading(self, vertices: int, edges: int) -> None:
        """So many vertices and edges have been read."""
        self._emit(Loading, vertices_loaded=vertices, edges_loaded=edges)

    def training(
        self, epoch: int, epochs: int, loss: float, val_loss: float | None, eta_s: float, measures: dict[str, Any]
    ) -> None:
        """An epoch is over."""
        self._emit(Training, epoch=epoch, epochs=epochs, loss=loss, val_loss=val_loss, eta_s=eta_s, **measures)

    def finished(
        self,
        model_path: str,
        metrics_path: str,
        epoch: int,
        test: dict[str, Any],
        positive_class: Any = None,
        verdict: str | None = None,
        beats_baseline: bool | None = None,
    ) -> None:
        """All artifacts are stored; `positive_class` is None but for two classes, the verdict for older records."""
        fields = {"model_path": model_path, "metrics_path": metrics_path, "epoch": epoch}
        fields |= {name: test[name] for name in ("loss", *_MEASURES) if name in test}
        if positive_class is not None:
            fields["positive_class"] = positive_class
        self._emit(Finished, **fields, verdict=verdict, beats_baseline=beats_baseline)

    def interrupted(self, reason: str, model_path: str | None, epoch: int) -> None:
        """A stop command or a signal ended the run."""
        self._emit(Interrupted, reason=hidden(reason), model_path=model_path, epoch=epoch)

    def error(self, code: int, message: str) -> None:
        """The run failed."""
        self._emit(Failed, error_code=code, error_message=hidden(message))

    def pong(self, ping_ts: float | None) -> None:
        """Answer a ping; may be called from another thread."""
        self._emit(Pong, event="pong", ping_ts=ping_ts, ponged_at=time.time())

    def silence(self) -> None:
        """Emit nothing more: another run has taken over this queue."""
        with self._lock:
            self._is_over = True

    def _emit(self, event_class: type[Event], **fields: Any) -> None:
        with self._lock:
            if self._is_over:
                return  # an event of another thread came after the terminal one
            defaults = event_class.model_fields
            status = self._status if event_class is Pong else defaults["status"].default
            self._status = status
            self._is_over = finished = bool(defaults["finished"].default)
            template = self._messages["pong" if event_class is Pong else status]
            text = template(graph_name=self._common_fields["graph_name"], measure=_measure(fields), **fields)
            own_fields = {"status": status, "message": text.strip(), "timestamp": time.time(), "finished": finished}
            self._bus.publish(event_class.model_validate({**self._common_fields, **own_fields, **fields}))


def _measure(fields: dict[str, Any]) -> str:
    """`Acc: 0.91.` or `MAE: 0.0032.`, whichever the event has."""
    if fields.get("accuracy") is not None:
        return f"Acc: {fields['accuracy']:.2f}."
    return f"MAE: {fields['mae']:.4g}." if fields.get("mae") is not None else ""
