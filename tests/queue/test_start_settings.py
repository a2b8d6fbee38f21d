"""Any setting of a start message reaches the run as it was meant; what cannot is refused by a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.queue.start_messages import start_of
from tests.queue.test_manifest import any_text, container_of, environment_of
from tests.registry import abacus
from tests.schemas import validate_command
from trainer.queue.manifest import ManifestError, main, render
from trainer.queue.options import JobOptions
from trainer.registry.frameworks import FRAMEWORKS
from trainer.settings.definition import Settings
from trainer.settings.given import known_settings
from trainer.settings.sources import validate

NEEDED = {"command": "start", "queue_id": "q", "graph_name": "g", "image": "i:1"}
DEFINITIONS = known_settings()
SECRETS = [name for name, row in DEFINITIONS.items() if row.is_secret]
VALUES: dict[str, list[tuple[Any, Any]]] = {
    "queue_id": [("q/1", "q/1")],
    "symbol": [("BTC$(HOME)", "BTC$(HOME)"), (17, "17")],
    "type": [("gnn", "gnn")],
    "telemetry_producer_id": [("t__1", "t__1")],
    "job_timestamp": [(1722348000.123, 1722348000.123), ("1722348000123", 1722348000.123)],
    "graph_name": [("day_1", "day_1"), (["day_1", "day_2"], "day_1,day_2")],
    "graph_path": [("/app/examples/market_5m", "/app/examples/market_5m")],
    "features": [(["a b", "c"], ["a b", "c"]), ("a, c", ["a", "c"])],
    "target": [("y", "y")],
    "target_collection": [(["*_candles"], ["*_candles"]), ("c", ["c"])],
    "time_field": [("ts", "ts")],
    "scaling": [("Standard", "standard")],
    "target_missing": [([-1, "not known", True, 0.5], ["-1", "not known", "true", "0.5"]), (-1, ["-1"])],
    "positive_class": [("up", "up"), (True, "true"), (1, "1")],
    "edge_weight": [("weight", "weight")],
    "messages": [("causal", "causal")],
    "framework": [("PyG", "pyg")],
    "model_type": [("gat", "GAT")],
    "hidden_channels": [(32, 32), (32.0, 32), ("32", 32)],
    "num_layers": [(3, 3)],
    "heads": [(2, 2)],
    "dropout": [(0.1, 0.1), (0, 0.0)],
    "epochs": [(7, 7), (7.0, 7)],
    "loss_fn": [("bce", "binary_crossentropy")],
    "task": [("binary", "binary")],
    "learning_rate": [(1e-30, 1e-30), (0.1 + 0.2, 0.1 + 0.2), (1, 1.0)],
    "weight_decay": [(5e-4, 5e-4)],
    "seed": [(4294967295, 4294967295), (0, 0)],
    "split": [("attribute:train,val,", "attribute:train,val,")],
    "val_ratio": [(0.25, 0.25)],
    "test_ratio": [(0.0, 0.0)],
    "embargo": [(3600, 3600.0), (1e12, 1e12)],
    "class_weights": [("balanced", "balanced")],
    "patience": [(5, 5)],
    "batch_size": [(1024, 1024)],
    "num_neighbors": [([10, 5], [10, 5]), ([-1, -1], [-1, -1]), (4, [4])],
    "device": [("cuda:1", "cuda:1")],
    "threads": [(2, 2)],
    "checkpoint_every": [(10, 10)],
    "resume": [("never", "never")],
    "stop_deadline": [(90, 90.0), (5.5, 5.5)],
    "dry_run": [(True, True), (False, False), ("yes", True)],
    "arango_url": [("http://arango:8529", "http://arango:8529")],
    "arango_db": [("db", "db")],
    "arango_user": [("u", "u")],
    "arango_ca_path": [("/ca/a.pem", "/ca/a.pem")],
    "write_graph_metadata": [(True, True)],
    "kafka_bootstrap_servers": [("a:1,b:2", "a:1,b:2")],
    "kafka_user": [("u", "u")],
    "ca_path": [("/usr/local/share/ca-certificates/ca.crt", "/usr/local/share/ca-certificates/ca.crt")],
    "kafka_sasl_mechanism": [("plain", "PLAIN")],
    "queue_events_topic": [("events", "events")],
    "queue_control_topic": [("control", "control")],
    "minio_endpoint": [("minio:9000", "minio:9000")],
    "minio_bucket": [("models", "models")],
    "minio_secure": [(True, True)],
    "minio_region": [("eu", "eu")],
    "minio_ca_path": [("/ca/m.pem", "/ca/m.pem")],
    "s3_checksum": [("always", "always")],
    "rank_timeout": [(30, 30.0)],
    "rank_start_timeout": [(900, 900.0)],
    "output_path": [("/tmp/out/m.pt", "/tmp/out/m.pt")],
    "save_predictions": [(True, True)],
    "spreadsheet_safe": [(True, True)],
    "log_level": [("debug", "DEBUG")],
    "log_format": [("json", "json")],
    "message_lang": [("en", "en")],
}
"""By setting: what a message may hold, first as its schema has it, and what the run makes of it."""
TEXTS = ["symbol", "time_field", "edge_weight", "arango_db", "kafka_user", "minio_region", "target"]


def message(**settings: Any) -> str:
    """A start message with these settings."""
    return json.dumps(NEEDED | settings)


def read_back(job: dict[str, Any]) -> Settings:
    """What the run in the pod reads."""
    variables = {name.lower(): value for name, value in environment_of(job).items() if name != "POD_NAME"}
    settings, problems = validate(Settings, variables)
    assert problems == []
    return settings


def refusal(text: str, options: JobOptions | None = None) -> str:
    """The sentence that a message is refused with."""
    with pytest.raises(ManifestError) as caught:
        render(start_of(text), options)
    return str(caught.value)


def test_every_setting_has_its_values_here() -> None:
    """A new setting cannot be forgotten: it travels like the others."""
    assert [*VALUES] == [name for name in DEFINITIONS if name not in SECRETS]


@pytest.mark.parametrize("name", VALUES)
def test_any_setting_reaches_the_run(name: str) -> None:
    """Under its lower-case name, as number, truth value, text or list; the schema of the message allows it."""
    for sent, expected in VALUES[name]:
        text = message(**{name: sent})
        job = render(start_of(text))
        assert name.upper() in environment_of(job)
        assert read_back(job).flat()[name] == expected, f"{name}: {sent!r}"
    validate_command(NEEDED | {name: VALUES[name][0][0]})


@given(st.dictionaries(st.sampled_from([*VALUES]), st.integers(0, 9)))
def test_any_settings_together_reach_the_run(chosen: dict[str, int]) -> None:
    """Whatever else the message holds, each setting arrives, unless the settings themselves contradict each other."""
    picked = {name: VALUES[name][index % len(VALUES[name])] for name, index in chosen.items()}
    try:
        job = render(start_of(message(**{name: sent for name, (sent, _) in picked.items()})))
    except ManifestError as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert any(f"{name.upper()}=" in refused for name in picked)
        return
    flat = read_back(job).flat()
    assert {name: flat[name] for name in picked} == {name: expected for name, (_, expected) in picked.items()}


@given(st.sampled_from(TEXTS), any_text.filter(lambda text: text.strip() not in ("", "gnn-trainer")))
def test_any_text_arrives_as_it_is(name: str, text: str) -> None:
    """Quotes, dollar signs, brackets, line breaks."""
    settings = read_back(render(start_of(message(**{name: text}))))
    assert settings.flat()[name] == text.strip()


@pytest.mark.parametrize("empty", [None, "", "  ", []])
def test_an_empty_setting_leaves_the_shared_one(empty: object) -> None:
    """As for the documented fields: what is empty is not there, and the ConfigMap holds."""
    job = render(start_of(message(learning_rate=empty, num_neighbors=empty, kafka_password=empty)))
    assert not {"LEARNING_RATE", "NUM_NEIGHBORS", "KAFKA_PASSWORD"} & environment_of(job).keys()


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_refused_and_not_repeated(name: str) -> None:
    """The topic and the Job are read by many."""
    sentence = refusal(message(**{name: "hunter2"}))
    assert sentence.startswith(f"{name} is a secret")
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"learning_rate": "fast"}, "LEARNING_RATE='fast' should be a number above 0"),
        ({"batch_size": 2.5}, "BATCH_SIZE='2.5' should be a whole number"),
        ({"batch_size": True}, "BATCH_SIZE='true' should be a whole number"),
        ({"batch_size": [5]}, "batch_size cannot be read"),
        ({"scaling": {"a": 1}}, "scaling cannot be read"),
        ({"dropout": float("nan")}, "dropout cannot be read"),
        ({"target_missing": [[1]]}, "target_missing cannot be read"),
        ({"target_missing": ["a\0"]}, "target_missing cannot be read"),
        ({"num_neighbors": ["ten"]}, "NUM_NEIGHBORS="),
        ({"model_type": "Transformer"}, "MODEL_TYPE='Transformer' should be one of GCN"),
        ({"framework": "tf"}, "FRAMEWORK='tf' should be pyg"),
        ({"task": "regression", "loss_fn": "bce"}, "LOSS_FN='binary_crossentropy' does not fit TASK=regression"),
        ({"model_type": "GIN", "edge_weight": "w"}, "EDGE_WEIGHT='w' does not fit MODEL_TYPE=GIN"),
        ({"telemetry_id": "a", "telemetry_producer_id": "b"}, "telemetry_id and telemetry_producer_id"),
        ({"minio_bucket": "a", "minio_bucket_name": "b"}, "minio_bucket and minio_bucket_name"),
        ({"graph_collection_name": "h"}, "graph_name and graph_collection_name"),
        ({"stop_deadline": 91}, "stop_deadline is 91, and --grace 120 leaves time for 90 seconds"),
        ({"ca_path": "/other.crt"}, "ca_path is '/other.crt', and the CA is mounted at"),
    ],
)
def test_a_setting_that_no_run_could_use_is_refused(settings: dict[str, Any], sentence: str) -> None:
    """Before there is a Job, with the words of the run."""
    assert sentence in refusal(message(**settings))


def test_all_that_is_wrong_is_said_at_once() -> None:
    """Fields, settings and options."""
    sentence = refusal(message(epochs="ten", scaling={}, dropout=2, kafka_password="p"), JobOptions(cpu="two"))
    parts = ("epochs cannot be read", "scaling cannot be read", "DROPOUT='2'", "kafka_password is", "--cpu is 'two'")
    assert all(part in sentence for part in parts)


def test_synonyms_of_settings_are_read() -> None:
    """The other names that variables have, and a setting that is a documented field under another name."""
    job = render(start_of(message(minio_bucket_name="models", telemetry_producer_id="t", job_timestamp=5)))
    own = environment_of(job)
    assert (own["MINIO_BUCKET"], own["TELEMETRY_PRODUCER_ID"], own["JOB_TIMESTAMP"]) == ("models", "t", "5.0")


@pytest.fixture
def abacus_elsewhere() -> Iterator[None]:
    """A framework that is not installed where the renderer runs, beside PyG; the rows keep their order for the tests after it."""
    rows = {"pyg": FRAMEWORKS["pyg"], "abacus": replace(abacus.ROW, imports=("beads.on.rods",))}
    with patch.dict(FRAMEWORKS, rows, clear=True):
        yield


@pytest.mark.usefixtures("abacus_elsewhere")
def test_what_the_framework_of_a_message_cannot_do_is_refused() -> None:
    """By its row; whether it is installed is the image's matter."""
    assert refusal(message(framework="Abacus", batch_size=64)) == (
        "FRAMEWORK='abacus' cannot take BATCH_SIZE=64: its beads need the whole graph; set BATCH_SIZE=0, or FRAMEWORK=pyg"
    )
    render(start_of(message(framework="Abacus", model_type="GCN")))


@pytest.mark.usefixtures("abacus_elsewhere")
def test_what_hangs_on_the_shared_settings_is_left_to_the_run() -> None:
    """The ConfigMap may name the framework, or the batch size."""
    render(start_of(message(batch_size=64)))
    render(start_of(message(framework="abacus")))


DIGEST = f"sha256:{'0f' * 32}"
IMAGES = JobOptions(image_for=("abacus=r/abacus:1", "pyg=r/pyg:1"))


@pytest.mark.usefixtures("abacus_elsewhere")
@pytest.mark.parametrize(
    ("settings", "options", "image"),
    [
        ({"framework": "abacus"}, IMAGES, "r/abacus:1"),
        ({"framework": " ABACUS"}, IMAGES, "r/abacus:1"),
        ({"framework": "pyg"}, IMAGES, "r/pyg:1"),
        ({}, IMAGES, "r/pyg:1"),
        ({"framework": "abacus"}, replace(IMAGES, image="other:1"), "r/abacus:1"),
        ({"framework": "abacus"}, JobOptions(image="other:1", image_for=("pyg=r/pyg:1",)), "other:1"),
        ({"framework": "abacus"}, JobOptions(image_for=("pyg=r/pyg:1",)), "i:1"),
        ({"framework": "abacus", "image": None}, IMAGES, "r/abacus:1"),
        ({"framework": "abacus"}, JobOptions(image_for=(f"Abacus = r/a@{DIGEST}",)), f"r/a@{DIGEST}"),
    ],
)
def test_the_framework_chooses_the_image(settings: dict[str, Any], options: JobOptions, image: str) -> None:
    """The image for the framework goes before the one for all, and both before the message's own."""
    assert container_of(render(start_of(message(**settings)), options))["image"] == image


@pytest.mark.parametrize(
    ("given_images", "sentence"),
    [
        (("tf=r/tf:1",), "--image-for is 'tf=r/tf:1'; a framework (pyg"),
        (("pyg",), "--image-for is 'pyg='"),
        (("pyg=",), "--image-for is 'pyg='"),
        (("=r/x:1",), "--image-for is '=r/x:1'"),
        (("pyg=a:1", "PYG=b:1"), "--image-for has several images for pyg"),
    ],
)
def test_an_image_for_nothing_is_refused(given_images: tuple[str, ...], sentence: str) -> None:
    """By what was given, with the frameworks that there are."""
    assert sentence in refusal(message(), JobOptions(image_for=given_images))


def test_the_command_takes_images_and_says_what_it_leaves_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys of other services do no harm, and a misspelt setting is not passed over in silence."""
    path = tmp_path / "start.json"
    path.write_text(message(framework="pyg", lerning_rate=0.1, priority=2))
    assert main([str(path), "--image-for", "pyg=r/pyg:1", "--image", "other:1"]) == 0
    printed = capsys.readouterr()
    assert "image: 'r/pyg:1'" in printed.out
    assert [line.partition(": ")[2] for line in printed.err.splitlines()] == [
        "'lerning_rate' is no setting of this version and is left out.",
        "'priority' is no setting of this version and is left out.",
    ]
    assert main([str(path), "--image-for", "tf=r/tf:1"]) == 2
    assert capsys.readouterr().err.startswith("--image-for is 'tf=r/tf:1'")
