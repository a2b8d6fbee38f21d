"""The events, field by field and word by word: other programs and people rely on them."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import pytest

from tests.composed import telemetry
from tests.conftest import make_settings
from trainer.events import Event

COMMON = {
    "queue_id": "wf-2024-abc",
    "telemetry_id": "gnn-trainer__abc",
    "producer": "gnn-trainer__abc",
    "symbol": "ETHUSDT",
    "type": "gnn_trainer",
    "graph_name": "eth",
    "model_type": "GCN",
}
SETTINGS: dict[str, Any] = {
    "queue_id": "wf-2024-abc",
    "symbol": "ETHUSDT",
    "graph_name": "eth",
    "model_type": "gcn",
}


class Recorder:
    """A bus that keeps events as they go over the wire."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def publish(self, event: Event) -> None:
        self.events.append(json.loads(event.to_json(), parse_constant=lambda text: pytest.fail(f"{text} is no JSON")))

    def close(self) -> None:
        """Nothing is open."""


def emitted(method: str, /, *arguments: Any, language: str = "ru") -> dict[str, Any]:
    """The event that a method of `Telemetry` emits, without its timestamp, which is checked here."""
    bus = Recorder()
    before = time.time()
    getattr(telemetry(make_settings(**SETTINGS, message_lang=language), bus), method)(*arguments)
    (event,) = bus.events
    timestamp = event.pop("timestamp")
    assert isinstance(timestamp, float)
    assert before <= timestamp <= time.time()
    return event


TEST_OF_CLASSES = {"num": 10, "loss": 0.25, "accuracy": 0.912, "roc_auc": 0.9, "confusion_matrix": [[1]]}
TEST_OF_NUMBERS = {"num": 10, "loss": 0.25, "mae": 0.0032149, "rmse": 0.005, "r2": 0.5}


def test_started() -> None:
    """Nothing beyond what all events hold."""
    assert emitted("started") == COMMON | {
        "status": "started",
        "message": "Начато обучение GNN на графе eth",
        "finished": False,
    }


def test_loading() -> None:
    """How much of the graph is read."""
    assert emitted("loading", 1500, 30) == COMMON | {
        "status": "loading",
        "message": "Загрузка графа eth: вершин 1500, рёбер 30",
        "finished": False,
        "vertices_loaded": 1500,
        "edges_loaded": 30,
    }


def test_training_of_classes() -> None:
    """Accuracy of validation, and none of the measures of numbers."""
    assert emitted("training", 3, 10, 0.12345, 0.5, 7.5, {"accuracy": 0.912}) == COMMON | {
        "status": "training",
        "message": "Эпоха 3/10. Loss: 0.1235. Acc: 0.91.",
        "finished": False,
        "epoch": 3,
        "epochs": 10,
        "loss": 0.12345,
        "val_loss": 0.5,
        "eta_s": 7.5,
        "accuracy": 0.912,
    }


def test_training_of_numbers() -> None:
    """MAE, RMSE and R² in place of accuracy."""
    measures = {"mae": 0.0032149, "rmse": 0.005, "r2": None}
    assert emitted("training", 3, 10, 0.5, 0.5, 7.5, measures) == COMMON | {
        "status": "training",
        "message": "Эпоха 3/10. Loss: 0.5000. MAE: 0.003215.",
        "finished": False,
        "epoch": 3,
        "epochs": 10,
        "loss": 0.5,
        "val_loss": 0.5,
        "eta_s": 7.5,
        "mae": 0.0032149,
        "rmse": 0.005,
        "r2": None,
    }


def test_training_without_validation() -> None:
    """What was not measured is null, and the message does without it."""
    event = emitted("training", 1, 10, 0.5, None, 7.5, {"accuracy": None})
    assert (event["val_loss"], event["accuracy"]) == (None, None)
    assert event["message"] == "Эпоха 1/10. Loss: 0.5000."


def test_finished_with_classes() -> None:
    """The user's own words, where everything is, and loss and accuracy of the test part."""
    verdict = "Test accuracy 0.91, 0.04 above the linear model without the graph."
    event = emitted("finished", "s3://b/q.pt", "s3://b/q/metrics.json", 7, TEST_OF_CLASSES, None, verdict, True)
    assert event == COMMON | {
        "status": "finished",
        "message": "Обучение завершено. Acc: 0.91. Модель сохранена.",
        "finished": True,
        "model_path": "s3://b/q.pt",
        "metrics_path": "s3://b/q/metrics.json",
        "epoch": 7,
        "loss": 0.25,
        "accuracy": 0.912,
        "verdict": verdict,
        "beats_baseline": True,
    }


def test_finished_names_the_positive_class() -> None:
    """Of two classes; the words stay the user's own."""
    event = emitted("finished", "s3://b/q.pt", "s3://b/q/metrics.json", 7, TEST_OF_CLASSES, "fraud")
    assert event["positive_class"] == "fraud"
    assert event["message"] == "Обучение завершено. Acc: 0.91. Модель сохранена."


def test_finished_with_numbers() -> None:
    """The measures of numbers in place of accuracy; without baselines there is no verdict."""
    assert emitted("finished", "m.pt", "metrics.json", 7, TEST_OF_NUMBERS) == COMMON | {
        "status": "finished",
        "message": "Обучение завершено. MAE: 0.003215. Модель сохранена.",
        "finished": True,
        "model_path": "m.pt",
        "metrics_path": "metrics.json",
        "epoch": 7,
        "loss": 0.25,
        "mae": 0.0032149,
        "rmse": 0.005,
        "r2": 0.5,
        "verdict": None,
        "beats_baseline": None,
    }


@pytest.mark.parametrize("model_path", ["s3://b/q.pt", None])
def test_interrupted(model_path: str | None) -> None:
    """Why, and what is left; no path when no epoch was over."""
    assert emitted("interrupted", "stop command", model_path, 4) == COMMON | {
        "status": "interrupted",
        "message": "Обучение прервано (stop command), эпоха 4.",
        "finished": True,
        "reason": "stop command",
        "model_path": model_path,
        "epoch": 4,
    }


def test_error() -> None:
    """The exit code and the sentence."""
    assert emitted("error", 3, "There is no graph 'eth'.") == COMMON | {
        "status": "error",
        "message": "Ошибка: There is no graph 'eth'.",
        "finished": True,
        "error_code": 3,
        "error_message": "There is no graph 'eth'.",
    }


@pytest.mark.parametrize("braces", ["{graph_name}", "{", "{0}", "}"])
def test_braces_in_a_sentence_stay_as_they_are(braces: str) -> None:
    """A value that the user typed is no template."""
    assert emitted("error", 3, f"There is no graph {braces}.")["message"] == f"Ошибка: There is no graph {braces}."


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_are_null(number: float) -> None:
    """A reader's parser never meets NaN."""
    event = emitted("training", 3, 10, number, number, number, {"accuracy": number})
    assert [event[name] for name in ("loss", "val_loss", "eta_s", "accuracy")] == [None] * 4


def test_events_are_utf8_json() -> None:
    """Russian letters go as they are, not as escapes."""
    kept: list[bytes] = []

    class Wire:
        def publish(self, event: Event) -> None:
            kept.append(event.to_json())

        def close(self) -> None:
            """Nothing is open."""

    telemetry(make_settings(), Wire()).started()
    assert "Начато обучение GNN на графе g".encode() in kept[0]


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("started", (), "Training of a GNN on graph eth has started"),
        ("loading", (5, 6), "Loading graph eth: 5 vertices, 6 edges"),
        ("training", (3, 10, 0.5, 0.5, 1.0, {"accuracy": 0.9}), "Epoch 3/10. Loss: 0.5000. Acc: 0.90."),
        ("finished", ("m.pt", "j", 7, TEST_OF_CLASSES), "Training is over. Acc: 0.91. The model is stored."),
        ("interrupted", ("SIGTERM", None, 0), "Training was interrupted (SIGTERM), epoch 0."),
        ("error", (3, "No."), "Error: No."),
    ],
)
def test_messages_in_english(method: str, arguments: tuple[Any, ...], message: str) -> None:
    """MESSAGE_LANG=en changes the message and nothing else."""
    russian, english = emitted(method, *arguments), emitted(method, *arguments, language="en")
    assert english["message"] == message
    assert english == russian | {"message": message}


def test_symbol_may_be_absent() -> None:
    """A run without a market has null."""
    bus = Recorder()
    telemetry(make_settings(), bus).started()
    assert bus.events[0]["symbol"] is None
    assert bus.events[0]["queue_id"] == "local-g"
