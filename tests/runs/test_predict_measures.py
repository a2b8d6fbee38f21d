"""Predictions for a graph with labels are measured: the file beside the table, the log, and the table itself."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sklearn import metrics as sk

from tests.conftest import write_graph
from tests.runs.here import Run, finished_here, predicted_here
from tests.runs.test_predict_command import BUCKET, run_predict, s3_environment
from tests.runs.test_predict_degraded import NUM, Document, documents, predictions_of, write
from tests.schemas import validate_prediction_record
from tests.standins.endpoints import S3Endpoint

Change = Callable[[Document], Any]
WORDS = ("sell", "hold", "buy")


def labelled(seed: int, label: Change) -> list[Document]:
    """Vertices whose label is made of the others' numbers; every tenth has none."""
    vertices = documents(seed)
    for number, vertex in enumerate(vertices):
        vertex["y"] = None if number % 10 == 9 else label(vertex)
    return vertices


def trained(tmp_path: Path, label: Change, *flags: object) -> Path:
    """A model of such a graph."""
    folder = write(tmp_path / "train", labelled(0, label))
    always = ("--graph_path", folder, "--graph_name", "g", "--target", "y", "--epochs", 2, "--hidden_channels", 8)
    return finished_here(tmp_path / "run", *always, *flags).folder / "m.pt"


def measured(tmp_path: Path, label: Change, *flags: object, other: Change | None = None) -> Run:
    """What a model says of another day, which may spell its labels otherwise."""
    model = trained(tmp_path, label, *flags)
    return predictions_of(model, write(tmp_path / "other", labelled(1, other or label)), tmp_path)


def rows(run: Run) -> list[dict[str, str]]:
    """The rows of the table that have a label."""
    return [row for row in run.predictions.values() if row["label"]]


LABELS: dict[str, tuple[Change, Change]] = {
    "numbers": (lambda v: int(v["a"] > 0), lambda v: int(v["a"] > 0)),
    "booleans": (lambda v: v["a"] > 0, lambda v: v["a"] > 0),
    "words": (lambda v: WORDS[(v["a"] > 0) + (v["b"] > 0)], lambda v: WORDS[(v["a"] > 0) + (v["b"] > 0)]),
    "codes": (lambda v: f"00{int(v['a'] > 0)}", lambda v: f"00{int(v['a'] > 0)}"),
    "numbers, then texts": (lambda v: int(v["a"] > 0), lambda v: str(int(v["a"] > 0))),
    "booleans, then words": (lambda v: v["a"] > 0, lambda v: str(v["a"] > 0)),
}


@pytest.mark.parametrize("name", LABELS)
def test_classes_are_measured(tmp_path: Path, name: str) -> None:
    """The measures are those of the table, over all vertices with a label."""
    label, other = LABELS[name]
    run = measured(tmp_path, label, other=other)
    assert run.warnings == []
    assert run.measures is not None
    counts = {field: run.measures["target"][field] for field in ("labelled", "unknown", "unlabelled")}
    assert counts == {"labelled": 180, "unknown": 0, "unlabelled": 20}
    as_class = {str(value).lower(): str(value).lower() for value in run.measures["classes"]}
    as_class |= {"true": as_class.get("true", "1"), "false": as_class.get("false", "0")}
    labels = [as_class[row["label"].lower()] for row in rows(run)]
    predictions = [row["prediction"].lower() for row in rows(run)]
    found = run.measures["metrics"]
    assert found["num"] == len(labels) == 180
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(labels, predictions))
    assert found["f1_macro"] == pytest.approx(sk.f1_score(labels, predictions, average="macro", zero_division=0))
    assert "loss" not in found
    assert (
        f"Accuracy {found['accuracy']:.3g}, balanced {found['balanced_accuracy']:.3g}, on 180 labelled vertices"
        in run.stdout
    )


def test_labels_are_spelt_as_in_the_documents(tmp_path: Path) -> None:
    """In the table of the run and in that of another graph."""
    model = trained(tmp_path, lambda v: f"{int(v['a'] > 0):03}", "--save_predictions")
    own = Run(0, "", "", model.parent)
    expected = {f"v/{v['_key']}": v["y"] or "" for v in labelled(0, lambda v: f"{int(v['a'] > 0):03}")}
    assert {_id: row["label"] for _id, row in own.predictions.items()} == expected
    again = predicted_here(
        tmp_path / "again", "--model", model, "--graph_name", "g", "--graph_path", tmp_path / "train"
    )
    assert {_id: row["label"] for _id, row in again.predictions.items()} == expected


def test_numbers_are_measured(tmp_path: Path) -> None:
    """In the unit of the label, integers written without a point."""
    run = measured(tmp_path, lambda v: round(1000 + 100 * v["a"]) if v["a"] > 0 else 1000 + 100 * v["a"])
    assert run.measures is not None
    labels, predictions = ([float(row[name]) for row in rows(run)] for name in ("label", "prediction"))
    found = run.measures["metrics"]
    assert found["mae"] == pytest.approx(sk.mean_absolute_error(labels, predictions))
    assert found["r2"] == pytest.approx(sk.r2_score(labels, predictions))
    assert run.measures["classes"] is None
    assert not any(row["label"].endswith(".0") for row in rows(run))
    assert f"MAE {found['mae']:.4g}" in run.stdout


def test_the_record_says_what_was_measured(tmp_path: Path) -> None:
    """Model, table and graph, so that it can be told which belong together."""
    run = measured(tmp_path, lambda v: int(v["a"] > 0), "--queue_id", "q-7")
    model, record = tmp_path / "run" / "m.pt", run.measures
    assert record is not None
    assert record["model"] == {
        "location": str(model),
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "queue_id": "q-7",
        "graph_name": "g",
    }
    table = (run.folder / "predictions.csv.gz").read_bytes()
    assert record["artifacts"] == {"predictions": hashlib.sha256(table).hexdigest()}
    assert record["positive_class"] == 1
    assert f"all measures are in {run.folder / 'predictions.metrics.json'}" in run.stdout


def test_measures_of_the_graph_of_the_training_are_no_praise(tmp_path: Path) -> None:
    """The log says that a graph of this name was learned from, and nothing of another one."""
    model = trained(tmp_path, lambda v: int(v["a"] > 0))
    folder = write(tmp_path / "other", labelled(1, lambda v: int(v["a"] > 0)))
    for name, is_said in (("g", True), ("h", False)):
        write_graph(folder, name, [{"collection": "e", "from": ["v"], "to": ["v"]}])
        run = predicted_here(tmp_path / name, "--model", model, "--graph_name", name, "--graph_path", folder)
        assert ("if this is the graph of the training, some of them were learned from" in run.stdout) == is_said
        assert run.warnings == []


def test_a_graph_without_labels_has_no_measures(tmp_path: Path) -> None:
    """Nor do those of another graph stay beside its table."""
    model = trained(tmp_path, lambda v: int(v["a"] > 0))
    given = ("--model", model, "--graph_name", "g", "--graph_path")
    assert predicted_here(tmp_path / "out", *given, tmp_path / "train").measures is not None
    vertices = [{name: value for name, value in vertex.items() if name != "y"} for vertex in documents(1)]
    run = predicted_here(tmp_path / "out", *given, write(tmp_path / "bare", vertices))
    assert run.measures is None
    assert {row["label"] for row in run.predictions.values()} == {""}
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["predictions.csv.gz"]


def test_few_labels_are_found_too(tmp_path: Path) -> None:
    """One label, in a document that no sample of a database holds."""
    model = trained(tmp_path, lambda v: int(v["a"] > 0))
    vertices = [vertex | {"_key": f"k{n:05}"} for n, vertex in enumerate(documents(1) * 3)]
    vertices = [{name: value for name, value in v.items() if name != "y" or n == 550} for n, v in enumerate(vertices)]
    run = predictions_of(model, write(tmp_path / "other", vertices), tmp_path)
    assert run.measures is not None
    assert run.measures["metrics"]["num"] == 1


def test_classes_that_the_model_does_not_know_are_left_out(tmp_path: Path) -> None:
    """They are counted and said, in the record too."""
    draw = random.Random(1)
    run = measured(
        tmp_path,
        lambda v: "up" if v["a"] > 0 else "down",
        other=lambda v: draw.choice(("up", "down", "sideways")),
    )
    assert run.measures is not None
    strange = sum(row["label"] == "sideways" for row in run.predictions.values())
    assert (run.measures["target"]["unknown"], run.measures["metrics"]["num"]) == (strange, 180 - strange)
    assert run.measures["warnings"] == run.warnings
    assert run.warnings == [
        f"{strange} of 180 labels of 'y' are of classes that the model does not know ('sideways'; it knows down, up): "
        "no measure counts them."
    ]


def test_labels_of_another_task_are_not_measured(tmp_path: Path) -> None:
    """Texts where the model predicts numbers: a warning, a table, no measures."""
    run = measured(tmp_path, lambda v: v["a"] + 0.5, other=lambda v: "up" if v["a"] > 0 else "down")
    assert run.measures is None
    assert run.warnings == [
        "The predictions are not measured: 'y' holds texts such as 'down', and the model predicts numbers."
    ]
    assert {row["label"] for row in run.predictions.values()} == {"", "up", "down"}


def test_values_that_meant_no_label_are_no_labels(tmp_path: Path) -> None:
    """TARGET_MISSING of the training is in the model."""
    run = measured(tmp_path, lambda v: int(v["a"] > 0) if v["b"] > -1 else -1, "--target_missing", "-1")
    assert run.measures is not None
    missing = sum(v["b"] <= -1 for n, v in enumerate(documents(1)) if n % 10 != 9)
    assert run.measures["target"]["labelled"] == 180 - missing
    assert sum(not row["label"] for row in run.predictions.values()) == NUM - 180 + missing


def test_measures_in_a_bucket(tmp_path: Path, s3: S3Endpoint) -> None:
    """Beside the table, under the name of the graph."""
    model = trained(tmp_path, lambda v: int(v["a"] > 0))
    queue_id = f"q-{uuid.uuid4().hex[:8]}"
    client: Any = s3.client()
    s3.create_bucket(BUCKET)
    client.put_object(Bucket=BUCKET, Key=f"{queue_id}.pt", Body=model.read_bytes())
    flags = ("--model", f"s3://{BUCKET}/{queue_id}.pt", "--graph_name", "g")
    bare = [vertex | {"y": None} for vertex in documents(1)]
    for folder, is_measured in ((tmp_path / "train", True), (write(tmp_path / "bare", bare), False)):
        ended = run_predict(tmp_path, *flags, "--graph_path", folder, env=s3_environment(s3))
        assert ended.exit_code == 0, ended.stderr
        entries = client.list_objects_v2(Bucket=BUCKET, Prefix=f"{queue_id}/")["Contents"]
        prefix = f"{queue_id}/predictions/g"
        assert [entry["Key"] for entry in entries] == [f"{prefix}.csv.gz"] + [f"{prefix}.metrics.json"] * is_measured
        if not is_measured:
            continue
        content = client.get_object(Bucket=BUCKET, Key=f"{prefix}.metrics.json")["Body"].read()
        validate_prediction_record(content)
        table = client.get_object(Bucket=BUCKET, Key=f"{prefix}.csv.gz")["Body"].read()
        assert json.loads(content)["artifacts"]["predictions"] == hashlib.sha256(table).hexdigest()
        assert b",label," in gzip.decompress(table).splitlines()[0]
    client.close()
