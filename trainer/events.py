"""Lifecycle events of a run, one class per event, as they travel on `queue-events`."""

from __future__ import annotations

from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """The fields of every event."""

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
    """Everything is stored; the measures are those of the test part in the best epoch.

    `positive_class` is the one of two classes that precision and recall in metrics.json are about, absent for others.
    """

    status: Literal["finished"] = "finished"
    finished: bool = True
    model_path: str
    metrics_path: str
    epoch: int
    loss: float | None
    verdict: str | None
    beats_baseline: bool | None
    accuracy: float | None = None
    mae: float | None = None
    rmse: float | None = None
    r2: float | None = None
    positive_class: bool | int | float | str | None = None


class Interrupted(Event):
    """A stop command or a signal ended the run; `model_path` is null when no epoch was over."""

    status: Literal["interrupted"] = "interrupted"
    finished: bool = True
    reason: str
    model_path: str | None
    epoch: int


class Failed(Event):
    """The run ended badly; `error_code` is the exit code of the process, with several of the one at fault."""

    status: Literal["error"] = "error"
    finished: bool = True
    error_code: int
    error_message: str


class Pong(Event):
    """The answer to a ping; `status` is that of the last event before."""

    event: Literal["pong"] = "pong"
    ping_ts: float | None
    ponged_at: float
