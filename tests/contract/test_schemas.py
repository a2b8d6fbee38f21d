"""The schemas allow what this service sends and understands, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from tests.queue.start_messages import STARTS
from tests.schemas import validate_command, validate_event
from trainer.contract.asyncapi import example_events
from trainer.contract.schemas import files, main
from trainer.events import Failed, Finished, Interrupted, Loading, Pong, Started, Training
from trainer.queue.command import parse_command

RUN = {
    "queue_id": "gnn-btcusdt-5m-2024_06_01-abc123",
    "telemetry_id": "gnn-trainer__abc123",
    "producer": "gnn-trainer__abc123",
    "symbol": "BTCUSDT",
    "type": "gnn_trainer",
    "graph_name": "btc_graph_5m_2024_06_01",
    "model_type": "GAT",
    "timestamp": 1722348000.123,
}
STARTED = RUN | {
    "status": "started",
    "message": "Начато обучение GNN на графе btc_graph_5m_2024_06_01",
    "finished": False,
}
TRAINING = RUN | {
    "status": "training",
    "message": "Эпоха 1/10. Loss: 0.6931. Acc: 0.50.",
    "finished": False,
    "epoch": 1,
    "epochs": 10,
    "loss": 0.6931,
    "val_loss": 0.69,
    "eta_s": 9.0,
    "accuracy": 0.5,
}
FINISHED = RUN | {
    "status": "finished",
    "message": "Обучение завершено. Acc: 0.91. Модель сохранена.",
    "finished": True,
    "model_path": "s3://gnn-checkpoints/gnn-btcusdt-5m-2024_06_01-abc123.pt",
    "metrics_path": "s3://gnn-checkpoints/gnn-btcusdt-5m-2024_06_01-abc123/metrics.json",
    "accuracy": 0.91,
    "verdict": "Test accuracy 0.91, 0.03 above the linear model without the graph.",
    "beats_baseline": True,
    "loss": 0.27,
    "epoch": 9,
}
REGRESSION = {name: value for name, value in TRAINING.items() if name != "accuracy"} | {
    "mae": 0.01,
    "rmse": 0.02,
    "r2": None,
    "loss": None,
}
EVENTS = {
    "started": STARTED,
    "loading": RUN | {"status": "loading", "message": "", "finished": False, "vertices_loaded": 10, "edges_loaded": 0},
    "training": TRAINING,
    "regression": REGRESSION,
    "finished": FINISHED,
    "interrupted": RUN
    | {
        "status": "interrupted",
        "message": "",
        "finished": True,
        "reason": "SIGTERM",
        "model_path": None,
        "epoch": 0,
    },
    "error": RUN
    | {"status": "error", "message": "", "finished": True, "error_code": 4, "error_message": "Kafka is away."},
    "pong": STARTED | {"event": "pong", "ping_ts": None, "ponged_at": 1722348000.5},
}
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip)
starts = st.fixed_dictionaries(
    {"command": st.just("start"), "queue_id": texts, "graph_name": texts, "image": texts},
    optional={
        "symbol": st.none() | texts,
        "epochs": st.none() | st.integers(1, 1_000_000_000),
        "features": st.none() | st.lists(texts),
        "target": st.none() | texts,
        "timestamp": st.none() | st.floats(1.0, 1e13),
    },
)


@pytest.mark.parametrize("name", sorted(files()))
def test_documents_are_what_the_code_says(name: str) -> None:
    """`make docs` would change nothing in the document."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == files()[name]


def test_documents_are_written_where_asked(tmp_path: Any) -> None:
    """The command leaves its files, and nothing else, below the folder."""
    main(tmp_path)
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert written == set(files())


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_events_of_the_contract_are_allowed(event: dict[str, Any]) -> None:
    """Each event passes as the contract describes it."""
    validate_event(event)


@pytest.mark.parametrize("event_class", [Started, Loading, Training, Finished, Interrupted, Failed, Pong])
def test_every_field_of_a_class_is_in_its_example(event_class: Any) -> None:
    """The examples miss no field but the measures that their task does not have."""
    word = "pong" if event_class is Pong else event_class.model_fields["status"].default
    assert set(event_class.model_fields) - set(example_events()[word]) <= {"mae", "rmse", "r2"}


@pytest.mark.parametrize("event", example_events().values(), ids=example_events())
def test_events_said_by_the_code_are_allowed(event: dict[str, Any]) -> None:
    """What `Telemetry` emits passes."""
    validate_event(event)


@pytest.mark.parametrize(
    ("change", "culprit"),
    [
        ({"timestamp": "soon"}, "timestamp"),
        ({"finished": True}, "finished"),
        ({"epoch": None}, "epoch"),
        ({"loss": "0.5"}, "loss"),
        ({"surprise": 1}, "surprise"),
        ({"queue_id": None}, "queue_id"),
        ({"status": "trained"}, "trained"),
    ],
)
def test_a_wrong_event_is_refused_by_its_field(change: dict[str, Any], culprit: str) -> None:
    """The check finds a wrong, missing or unknown field and names it."""
    with pytest.raises(AssertionError, match=culprit):
        validate_event(TRAINING | change)


@pytest.mark.parametrize("field", [name for name in TRAINING if name not in ("accuracy", "status")])
def test_a_field_of_the_contract_may_not_be_absent(field: str) -> None:
    """Only the measures depend on the task; every other field is always there."""
    with pytest.raises(AssertionError, match=field):
        validate_event({name: value for name, value in TRAINING.items() if name != field})


@pytest.mark.parametrize("message", STARTS)
def test_documented_starts_are_allowed(message: str) -> None:
    """The start messages of the documentation pass, whichever of two targets a reader keeps."""
    validate_command(json.loads(message))
    validate_command(json.loads(message, object_pairs_hook=lambda pairs: dict(reversed(pairs))))


@pytest.mark.parametrize(
    "message",
    [
        {"command": "stop", "queue_id": "q"},
        {"command": "stop", "telemetry_id": "t", "timestamp": 1722348000123},
        {"command": "ping", "queue_id": "q", "sent_at": 1722348000.5},
    ],
)
def test_commands_of_the_contract_are_allowed(message: dict[str, Any]) -> None:
    """Stop and ping pass as the contract spells them."""
    validate_command(message)


@pytest.mark.parametrize(
    "message",
    [
        {"command": "stop"},
        {"command": "stop", "queue_id": None},
        {"command": "pause", "queue_id": "q"},
        {"command": "start", "queue_id": "q", "graph_name": "g"},
        {"command": "start", "queue_id": "q", "graph_name": "g", "image": "i", "epochs": 0},
    ],
)
def test_commands_that_nobody_could_obey_are_refused(message: dict[str, Any]) -> None:
    """A command without an addressee or with an impossible value does not pass."""
    with pytest.raises(AssertionError):
        validate_command(message)


@given(starts)
def test_what_the_schema_allows_the_parser_reads(message: dict[str, Any]) -> None:
    """No field of a start message that passes is unreadable, so its sender can rely on the schema."""
    validate_command(message)
    command = parse_command(json.dumps(message))
    assert getattr(command, "unreadable", None) == ()
