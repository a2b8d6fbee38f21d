"""Labels of many spellings and stored splits, from a folder and from a database: classes, measures, tables, model file."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sklearn.metrics import average_precision_score

from tests.conftest import write_collection, write_graph
from tests.graph.arango.served import PASSWORD, serve_stand_in
from tests.runs.here import Run, finished_here, learned, predicted_here, run_here

NUM = 120
Label = Callable[[int], Any]


def write(folder: Path, label: Label, more: Callable[[int], dict[str, Any]] = lambda n: {}) -> Path:
    """A folder with the graph `g`: a ring of vertices `v` with these labels `y`."""
    vertices = [{"_key": f"k{n:03}", "a": n * 7 % 31, "b": n % 5 / 3, "y": label(n)} | more(n) for n in range(NUM)]
    edges = [{"_key": str(n), "_from": f"v/k{n:03}", "_to": f"v/k{(n + 1) % NUM:03}"} for n in range(NUM)]
    write_collection(folder, "v", vertices)
    write_collection(folder, "e", edges, edge=True)
    write_graph(folder, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    return folder


def from_both(tmp_path: Path, folder: Path, *flags: str) -> Run:
    """The run from the folder; that from a database learned the same."""
    usual = ("--graph_name", "g", "--target", "y", "--epochs", "2", "--save_predictions", *flags)
    run = finished_here(tmp_path / "run", "--graph_path", folder, *usual)
    with serve_stand_in(folder) as served:
        env = {"ARANGO_URL": served.url, "ARANGO_DB": served.database, "ARANGO_PASSWORD": PASSWORD}
        other = finished_here(tmp_path / "other", *usual, env=env)
    assert learned(run) == learned(other)
    assert run.metrics["graph"]["warnings"] == other.metrics["graph"]["warnings"]
    assert table(run) == table(other)
    return run


def table(run: Run) -> list[dict[str, str]]:
    """The rows of predictions.csv.gz."""
    content = gzip.decompress((run.folder / "predictions.csv.gz").read_bytes()).decode()
    return list(csv.DictReader(io.StringIO(content)))


SPELLINGS: dict[str, tuple[Label, list[Any]]] = {
    "integers": (lambda n: n % 3, [0, 1, 2]),
    "doubles": (lambda n: float(n % 3), [0, 1, 2]),
    "digits": (lambda n: str(n % 2), ["0", "1"]),
    "codes": (lambda n: f"{n % 4:03}", ["000", "001", "002", "003"]),
    "codes and digits": (lambda n: ("07", "7", "10")[n % 3], ["07", "10", "7"]),
    "booleans": (lambda n: n % 2 == 0, [False, True]),
    "truth as text": (lambda n: str(n % 2 == 0), ["False", "True"]),
    "words": (lambda n: ("up", "down")[n % 2], ["down", "up"]),
    "signs": (lambda n: (-1, 1)[n % 2], [-1, 1]),
    "arrays": (lambda n: [n % 2], [0, 1]),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_label_is_given_back_as_it_is_spelled(tmp_path: Path, name: str) -> None:
    """In `classes`, in the counts, and in the table's header and predictions; the same from a database."""
    label, classes = SPELLINGS[name]
    run = from_both(tmp_path, write(tmp_path / "dump", label))
    metrics = run.metrics
    assert list(map(repr, metrics["classes"])) == list(map(repr, classes))
    texts = [str(each).lower() if isinstance(each, bool) else str(each) for each in classes]
    assert list(metrics["metrics"]["test"]["class_counts"]) == texts
    assert list(metrics["split"]["class_counts"]["train"]) == texts
    rows = table(run)
    assert list(rows[0])[-len(classes) :] == [f"probability_{text}" for text in texts]
    assert {row["prediction"] for row in rows} <= set(texts)


def test_fraud_is_what_measures_are_about(tmp_path: Path) -> None:
    """The rarer of two texts, though it is the first in order; average precision is that of its probabilities."""
    fraud = {4, 9, 33, 57, 58, 91, 117}
    folder = write(tmp_path / "dump", lambda n: "fraud" if n in fraud else "normal")
    run = from_both(tmp_path, folder, "--test_ratio", "0.5", "--val_ratio", "0")
    assert run.metrics["classes"] == ["fraud", "normal"]
    assert run.metrics["positive_class"] == "fraud"
    rows = [row for row in table(run) if row["part"] == "test"]
    truth = [int(row["_id"].removeprefix("v/k")) in fraud for row in rows]
    assert any(truth)
    expected = average_precision_score(truth, [float(row["probability_fraud"]) for row in rows])
    assert run.metrics["metrics"]["test"]["average_precision"] == pytest.approx(expected, abs=1e-4)
    other = from_both(
        tmp_path / "normal", folder, "--test_ratio", "0.5", "--val_ratio", "0", "--positive_class", "normal"
    )
    assert other.metrics["positive_class"] == "normal"
    expected = average_precision_score([not each for each in truth], [float(row["probability_normal"]) for row in rows])
    assert other.metrics["metrics"]["test"]["average_precision"] == pytest.approx(expected, abs=1e-4)
    assert table(other) == table(run), "what is learned does not depend on the positive class"


@pytest.mark.parametrize("task", ["binary", "auto"])
def test_model_keeps_its_classes_when_the_first_is_positive(tmp_path: Path, task: str) -> None:
    """Probabilities stand under their class, in the run's table, in `predict`, and out of a file of an older version."""
    import torch

    folder = write(tmp_path / "dump", lambda n: "bad" if n * 7 % 31 < 9 else "good")
    flags = ("--graph_path", folder, "--graph_name", "g", "--epochs", "30", "--learning_rate", "0.05")
    run = finished_here(tmp_path / "run", *flags, "--target", "y", "--task", task, "--save_predictions")
    saved = run.saved
    assert saved["target"]["classes"] == ["bad", "good"]
    assert saved["target"]["positive_class"] == saved["schema"]["target"]["positive_class"] == "bad"
    rows = table(run)
    right = [row["prediction"] == ("bad" if int(row["_id"][-3:]) * 7 % 31 < 9 else "good") for row in rows]
    assert sum(right) > 0.9 * NUM
    assert all((float(row["probability_bad"]) > 0.5) == (row["prediction"] == "bad") for row in rows)
    del saved["target"]["positive_class"], saved["schema"]["target"]["positive_class"]
    torch.save(saved, run.folder / "old.pt")
    for model in ("m.pt", "old.pt"):
        graph = ("--graph_path", folder, "--graph_name", "g")
        again = table(predicted_here(tmp_path / model, "--model", run.folder / model, *graph))
        assert [row | {"part": ""} for row in again] == [row | {"part": ""} for row in rows]


@pytest.mark.parametrize(
    ("label", "missing", "classes", "task"),
    [
        (lambda n: (0, 1, -1)[n % 3], "-1", [0, 1], "binary"),
        (lambda n: ("up", "down", "unknown")[n % 3], "unknown", ["down", "up"], "multiclass"),
        (lambda n: ("0", "1", "n/a")[n % 3], "n/a", ["0", "1"], "binary"),
        (lambda n: ("x", "y", "not known")[n % 3], '["not known"]', ["x", "y"], "multiclass"),
    ],
)
def test_target_missing_makes_vertices_unlabelled(
    tmp_path: Path, label: Label, missing: str, classes: list[Any], task: str
) -> None:
    """They are counted as such, in no part, and predicted."""
    run = from_both(tmp_path, write(tmp_path / "dump", label), "--target_missing", missing)
    metrics = run.metrics
    assert (metrics["classes"], metrics["task"]) == (classes, task)
    assert metrics["target"]["unlabelled"] == NUM // 3
    assert sum(row["part"] == "unlabelled" for row in table(run)) == NUM // 3
    assert not any("TARGET_MISSING" in warning for warning in metrics["graph"]["warnings"])
    assert metrics["settings"]["target_missing"] == [missing if not missing.startswith("[") else "not known"]


def test_target_missing_is_a_setting_of_what_is_learned(tmp_path: Path) -> None:
    """Another TARGET_MISSING is another run, not one that was finished before."""
    folder = write(tmp_path / "dump", lambda n: (0, 1, -1)[n % 3])
    flags = ("--graph_path", folder, "--graph_name", "g", "--target", "y", "--epochs", "1", "--queue_id", "q")
    classes = []
    for extra in ((), ("--target_missing", "-1"), ("--target_missing", "-1")):
        run = finished_here(tmp_path / "run", *flags, *extra)
        classes.append((run.metrics["classes"], "finished before" in run.stdout))
    assert classes == [([-1, 0, 1], False), ([0, 1], False), ([0, 1], True)]


MASKS: dict[str, Callable[[int, int], Any]] = {
    "booleans": lambda part, own: part == own,
    "texts": lambda part, own: str(part == own).lower(),
    "ones": lambda part, own: int(part == own),
    "ones and nothing": lambda part, own: 1.0 if part == own else None,
}


@pytest.mark.parametrize("flags", [(), ("--features", "a", "b")], ids=["all features", "named features"])
@pytest.mark.parametrize("form", MASKS)
def test_stored_masks_are_the_split(tmp_path: Path, form: str, flags: tuple[str, ...]) -> None:
    """From both sources, with a time that would divide otherwise; the masks are no features."""
    parts = [0] * 60 + [1] * 30 + [2] * 30
    masks = MASKS[form]
    names = ("train_mask", "val_mask", "test_mask")
    folder = write(
        tmp_path / "dump",
        lambda n: n % 2,
        lambda n: {"ts": 1_717_200_000 - n} | {name: masks(parts[n], own) for own, name in enumerate(names)},
    )
    metrics = from_both(tmp_path, folder, *flags).metrics
    assert metrics["split"]["method"] == "attribute"
    assert metrics["split"]["attributes"] == list(names)
    assert [metrics["split"]["counts"][name] for name in ("train", "val", "test")] == [60, 30, 30]
    assert [feature["name"] for feature in metrics["features"]] == ["a", "b"]
    assert "The stored split in 'train_mask', 'val_mask', 'test_mask' is taken" in "".join(metrics["graph"]["warnings"])


def test_stored_words_are_the_split(tmp_path: Path) -> None:
    """An attribute `split`, from both sources."""
    folder = write(tmp_path / "dump", lambda n: n % 2, lambda n: {"split": ("train", "train", "val", "test")[n // 30]})
    metrics = from_both(tmp_path, folder).metrics
    assert (metrics["split"]["method"], metrics["split"]["attributes"]) == ("attribute", ["split"])
    assert [metrics["split"]["counts"][name] for name in ("train", "val", "test")] == [60, 30, 30]


@pytest.mark.parametrize(
    ("flags", "exit_code", "words"),
    [
        (("--positive_class", "scam"), 3, "no class POSITIVE_CLASS='scam'; the classes are: fraud, normal"),
        (("--loss_fn", "bce"), 2, "set TASK=binary, or LOSS_FN to one of cross_entropy, focal"),
        (("--target_missing", "fraud", "normal"), 3, "no value besides those of TARGET_MISSING"),
        (("--target_missing", "[1"), 2, "TARGET_MISSING=['[1'] should be a list of values"),
        (
            ("--split", "attribute:a,b"),
            2,
            "should be auto, temporal, random, graph, attribute:<name> or attribute:<train>",
        ),
        (("--split", "attribute:,,b"), 2, "should be auto, temporal"),
        (("--split", "attribute:a,,b"), 3, "SPLIT names the mask 'a' of v, which does not hold true and false"),
    ],
)
def test_refusals(tmp_path: Path, flags: tuple[str, ...], exit_code: int, words: str) -> None:
    """One sentence, what is wrong and what to do."""
    folder = write(tmp_path / "dump", lambda n: ("fraud", "normal")[n % 2])
    run = run_here(tmp_path / "run", "--graph_path", folder, "--graph_name", "g", "--target", "y", *flags)
    assert run.exit_code == exit_code, run.stderr
    assert words in run.sentence
