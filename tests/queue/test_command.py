"""What `queue-control` messages mean, whoever wrote them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.queue.start_messages import START_1, START_2, START_3, start_of
from trainer.queue.command import BrokenCommandError, Ping, Start, Stop, parse_command

OURS = "gnn-btcusdt-5m-2024_06_01-abc123"
OUR_TELEMETRY = "gnn-trainer__abc123"
ORDERED_AT = 1722348000.123

labels = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", min_size=1).map(lambda name: "l" + name)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
moments = st.floats(1e9, 4e9, allow_nan=False)


def start_with(**fields: Any) -> Start:
    """Return a start message with these fields, parsed."""
    return start_of(json.dumps({"command": "start"} | fields))


def test_first_documented_start() -> None:
    """The first start message names no label: its only target is the service."""
    assert start_of(START_1) == Start(
        queue_id=OURS,
        symbol="BTCUSDT",
        type="gnn_trainer",
        graph_name="btc_graph_5m_2024_06_01",
        epochs=10,
        model_type="GAT",
        telemetry_id=OUR_TELEMETRY,
        image="registry.dmz.home/streamforge/gnn-trainer:v0.1.0",
        timestamp=1722348000.123,
    )


@pytest.mark.parametrize("message", [START_2, START_3])
def test_start_with_target_twice(message: str) -> None:
    """Of two targets the one that is not the service's name is the label."""
    assert start_of(message) == Start(
        queue_id="gnn-train-btcusdt-v3-2024-06-01-abc123",
        graph_name="btc_graph_5m_2024_06_01",
        model_type="GraphSAGE",
        epochs=20,
        features=("price_change", "volume", "rsi", "vwap"),
        target="price_up",
        loss_fn="binary_crossentropy",
        telemetry_id=OUR_TELEMETRY,
        image="registry.dmz.home/streamforge/gnn-trainer:v0.1.0",
        timestamp=1722346211.177,
    )


@given(labels, st.permutations(["gnn-trainer", None]), st.sampled_from(["gnn-trainer", " GNN-Trainer "]))
def test_target_order_does_not_matter(label: str, order: list[str | None], route: str) -> None:
    """Service name first or label first, the label is read."""
    targets = ",".join(f'"target": {json.dumps(route if part else label)}' for part in order)
    assert start_of(f'{{{targets}, "command": "start"}}').target == label


@given(labels)
def test_target_once_is_the_label(label: str) -> None:
    """A single target other than the service's name is the label."""
    assert start_with(target=label).target == label


def test_two_labels_are_unreadable() -> None:
    """Two different labels cannot both be learned, and none is chosen silently."""
    start = start_of('{"command": "start", "target": "price_up", "target": "future_volatility"}')
    assert (start.target, start.unreadable) == (None, ("target",))


def test_same_label_twice_is_one_label() -> None:
    """A label that is repeated is still one label."""
    assert start_of('{"command": "start", "target": "y", "target": "y"}').target == "y"


def test_target_inside_another_field_is_not_the_label() -> None:
    """Only the message's own target counts, not that of an object within it."""
    assert start_with(extra={"target": "inner"}, target="outer").target == "outer"


@pytest.mark.parametrize("epochs", [10, 10.0, "10", " 10 ", "1e1"])
def test_epochs_of_any_spelling(epochs: object) -> None:
    """A number of epochs may be a number or its text."""
    assert start_with(epochs=epochs).epochs == 10


@pytest.mark.parametrize("epochs", ["ten", 0, -1, 1.5, True, [10], {"n": 10}, 10**400, float("nan")])
def test_epochs_that_cannot_be_read_are_reported(epochs: object) -> None:
    """An unusable number of epochs is named, so that no default takes its place."""
    start = start_with(epochs=epochs)
    assert (start.epochs, start.unreadable) == (None, ("epochs",))


@pytest.mark.parametrize(
    "features", [["rsi", "vwap"], "rsi,vwap", "rsi, vwap", "rsi vwap", '["rsi", "vwap"]', " rsi ,, vwap "]
)
def test_features_of_any_spelling(features: object) -> None:
    """Features may be a list, or text with commas or blanks, or JSON in text."""
    assert start_with(features=features).features == ("rsi", "vwap")


@pytest.mark.parametrize("features", [5, {"rsi": 1}, ["rsi", None], [["rsi"]], "[rsi", ",", ["rsi", " "]])
def test_features_that_cannot_be_read_are_reported(features: object) -> None:
    """A feature list with something else in it is named, not shortened."""
    start = start_with(features=features)
    assert (start.features, start.unreadable) == (None, ("features",))


@pytest.mark.parametrize("empty", [None, "", "  ", []])
def test_empty_fields_are_absent(empty: object) -> None:
    """Null and empty values are the same as a field that is left out."""
    assert start_with(epochs=empty, features=empty, target=empty, queue_id=empty, timestamp=empty) == Start()


@given(moments)
def test_timestamp_unit_is_recognised_by_size(seconds: float) -> None:
    """Seconds, milliseconds, microseconds and their texts are the same time."""
    for given_time in (seconds, str(seconds), seconds * 1e3, seconds * 1e6, seconds * 1e9):
        assert start_with(timestamp=given_time).timestamp == pytest.approx(seconds, rel=1e-12)


def test_several_graphs_become_one_list() -> None:
    """A list of graphs is spelled as GRAPH_NAME takes it."""
    assert start_with(graph_name=["day_1", "day_2"]).graph_name == "day_1,day_2"


def test_number_as_queue_id_is_text() -> None:
    """A queue id that a sender wrote as a number is the text of that number."""
    assert start_with(queue_id=17).queue_id == "17"


@pytest.mark.parametrize("queue_id", ["a\0b", "\ud800", True, ["q"]])
def test_queue_id_that_no_variable_can_hold_is_reported(queue_id: object) -> None:
    """A queue id that cannot travel in an environment variable is named."""
    assert start_with(queue_id=queue_id).unreadable == ("queue_id",)


def test_stop_is_dated_by_its_own_timestamp() -> None:
    """The sender's time goes before the record's."""
    command = parse_command(b'{"command": "stop", "queue_id": "q", "timestamp": 1722348000123}', 5.0)
    assert command == Stop(queue_id="q", timestamp=1722348000.123)


@pytest.mark.parametrize("timestamp", ["", ', "timestamp": null', ', "timestamp": "soon"'])
def test_stop_without_usable_time_is_dated_by_its_record(timestamp: str) -> None:
    """A stop without a readable time has the time of its Kafka record."""
    command = parse_command(f'{{"command": "stop", "queue_id": "q"{timestamp}}}', 1722348000.5)
    assert command == Stop(queue_id="q", timestamp=1722348000.5)


@given(moments, moments)
def test_stop_older_than_the_order_is_not_ours(sent: float, ordered: float) -> None:
    """A stop concerns the run exactly when it is not older than the run's order."""
    assert Stop(queue_id=OURS, timestamp=sent).concerns(OURS, OUR_TELEMETRY, ordered) is (sent >= ordered)


@pytest.mark.parametrize(
    ("timestamp", "since"), [(None, ORDERED_AT), (1.0, None), (None, None), (ORDERED_AT, ORDERED_AT)]
)
def test_stop_whose_age_is_unknown_is_ours(timestamp: float | None, since: float | None) -> None:
    """A stop that cannot be shown to be old is obeyed."""
    assert Stop(queue_id=OURS, timestamp=timestamp).concerns(OURS, OUR_TELEMETRY, since)


def test_stop_by_telemetry_id_is_ours() -> None:
    """A stop that names no queue is ours by our telemetry id."""
    assert Stop(telemetry_id=OUR_TELEMETRY).concerns(OURS, OUR_TELEMETRY, ORDERED_AT)


def test_stop_of_another_queue_with_our_telemetry_id_is_not_ours() -> None:
    """Queues may share a telemetry id, so a named queue decides."""
    other = Stop(queue_id="gnn-train-btcusdt-v3-2024-06-01-abc123", telemetry_id=OUR_TELEMETRY)
    assert not other.concerns(OURS, OUR_TELEMETRY, None)


@given(st.text(min_size=1), st.text(min_size=1))
def test_stop_of_other_ids_is_not_ours(queue_id: str, telemetry_id: str) -> None:
    """A stop with other ids never ends this run."""
    assert not Stop(queue_id="other" + queue_id).concerns(OURS, OUR_TELEMETRY)
    assert not Stop(telemetry_id="other" + telemetry_id).concerns(OURS, OUR_TELEMETRY)


def test_stop_without_ids_is_nobodys() -> None:
    """A stop that names nobody does not end every run on the topic."""
    assert not Stop().concerns(OURS, None)


def test_ping_keeps_the_senders_time_as_it_came() -> None:
    """The pong hands back `sent_at`, so its unit must not change."""
    command = parse_command(f'{{"command": "ping", "queue_id": "{OURS}", "sent_at": 1722348000123}}')
    assert command == Ping(queue_id=OURS, sent_at=1722348000123)


def test_ping_concerns_its_queue_only() -> None:
    """A ping is answered by the run of its queue and by no other."""
    ping = Ping(queue_id=OURS, telemetry_id=OUR_TELEMETRY)
    assert (ping.concerns(OURS, None), ping.concerns("other", OUR_TELEMETRY)) == (True, False)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "null",
        "[]",
        "5",
        '"stop"',
        "{}",
        '{"command": "pause"}',
        '{"command": 1}',
        '[["command", "stop"]]',
    ],
)
def test_other_messages_are_nothing(payload: str | None) -> None:
    """What is no command of ours is passed over in silence."""
    assert parse_command(payload) is None


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"stop", b'{"command": "stop"', b"\xff\xfe\xfa", b"[" * 100_000, b"9" * 5000],
    ids=["empty", "open", "word", "cut", "bytes", "deep", "long number"],
)
def test_broken_json_is_one_error(payload: bytes) -> None:
    """Bytes that are not JSON are one error with one line of text."""
    with pytest.raises(BrokenCommandError, match=r"^a message on queue-control is not [^\n]+$"):
        parse_command(payload)


def test_broken_json_does_not_repeat_the_message() -> None:
    """The error can be logged: nothing of the message is in it."""
    with pytest.raises(BrokenCommandError) as caught:
        parse_command(b'{"password": "hunter2')
    assert "hunter2" not in str(caught.value)


@given(st.binary() | st.text())
def test_any_bytes_are_a_command_nothing_or_broken(payload: bytes | str) -> None:
    """Nothing that can stand on the topic raises anything else."""
    try:
        command = parse_command(payload)
    except BrokenCommandError:
        return
    assert command is None or isinstance(command, Start | Stop | Ping)


FIELDS = ["queue_id", "graph_name", "symbol", "type", "model_type", "epochs", "features", "target", "loss_fn"]
FIELDS += ["telemetry_id", "image", "timestamp", "sent_at"]


@given(st.sampled_from(["start", "stop", "ping"]), st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_fields_of_any_type_are_read_or_left_out(word: str, fields: dict[str, Any]) -> None:
    """A field of an unexpected type never keeps a command from being understood."""
    command = parse_command(json.dumps({"command": word} | fields))
    assert type(command).__name__.lower() == word
