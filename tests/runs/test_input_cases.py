"""Inputs that once ended wrongly, flatteringly or too late: each ends with the right value, from a folder and a database."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import write_collection, write_graph
from tests.graph.arango.served import PASSWORD, serve_stand_in
from tests.runs.here import Run, learned, predict_here, predicted_here, run_here

NUM = 120
Document = dict[str, Any]
Value = Callable[[int], Any]


def write(folder: Path, **values: Value) -> Path:
    """A folder with the graph `g`: a ring of vertices `v` with numbers `a` and `b`, and these attributes."""
    draw = random.Random(5)
    documents = [
        {"_key": f"k{n:05}", "a": draw.gauss(0, 1), "b": draw.gauss(0, 1)} | {name: f(n) for name, f in values.items()}
        for n in range(NUM)
    ]
    edges = [{"_key": f"r{n}", "_from": f"v/k{n:05}", "_to": f"v/k{(n + 1) % NUM:05}"} for n in range(NUM)]
    write_collection(folder, "v", documents)
    write_collection(folder, "e", edges, edge=True)
    write_graph(folder, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    return folder


def from_both(tmp_path: Path, folder: Path, *flags: object) -> Run:
    """The run from the folder; that on a database ended the same."""
    usual = ("--graph_name", "g", "--epochs", "1", *flags)
    run = run_here(tmp_path / "run", "--graph_path", folder, *usual)
    with serve_stand_in(folder) as served:
        env = {"ARANGO_URL": served.url, "ARANGO_DB": served.database, "ARANGO_PASSWORD": PASSWORD}
        other = run_here(tmp_path / "other", *usual, env=env)
    assert (run.exit_code, run.sentence) == (other.exit_code, other.sentence)
    if run.exit_code == 0:
        assert learned(run) == learned(other)
        for part in ("warnings", "decisions"):
            assert run.metrics["graph"][part] == other.metrics["graph"][part]
    return run


def features(run: Run) -> list[str]:
    """The names of the features."""
    return [feature["name"] for feature in run.metrics["features"]]


def told(run: Run, words: str) -> list[str]:
    """The warnings with these words."""
    return [warning for warning in run.metrics["graph"]["warnings"] if words in warning]


@pytest.mark.parametrize("bad", ["--", "null", "1,234.5", "5%", "n/a", "nan", {"x": 1}])
def test_bad_value_among_numeric_texts(tmp_path: Path, bad: object) -> None:
    """The attribute stays a feature, and the value is missing and counted; `nan` says itself that it is missing."""
    folder = write(tmp_path / "dump", y=lambda n: n % 2, p=lambda n: bad if n == 7 else str(n * 7 % 31 / 4))
    run = from_both(tmp_path, folder)
    assert features(run) == ["a", "b", "p"]
    (decision,) = (row for row in run.metrics["graph"]["decisions"]["attributes"] if row["attribute"] == "p")
    counted = int(bad != "nan")
    assert (decision["role"], decision["missing"], decision["unreadable"]) == ("feature", 1, counted)
    assert len(told(run, "1 value of 'p' in v is no number (such as ")) == counted


@pytest.mark.parametrize(
    ("value", "role", "reason"),
    [
        (lambda n: ("true", "false")[n % 3 == 0], "feature", "boolean"),
        (lambda n: None, "left out", "has no value in any document"),
        (lambda n: (None, "", "  ")[n % 3], "left out", "has no value in any document"),
        (lambda n: ("", "up")[n % 2], "left out", "holds texts"),
        (lambda n: {"x": n}, "left out", "holds JSON objects (an attribute inside is named by its path, such as p.x)"),
        (lambda n: 5000 + n * 7919 % 65_537, "feature", "number"),
    ],
)
def test_every_attribute_has_its_reason(tmp_path: Path, value: Value, role: str, reason: str) -> None:
    """Among the decisions, be it a feature or not."""
    run = from_both(tmp_path, write(tmp_path / "dump", y=lambda n: n % 2, p=value))
    (decision,) = (row for row in run.metrics["graph"]["decisions"]["attributes"] if row["attribute"] == "p")
    assert (decision["role"], decision["reason"]) == (role, reason)


@pytest.mark.parametrize("name", ["id", "user_id", "tradeId"])
def test_keys_are_no_features(tmp_path: Path, name: str) -> None:
    """They are said; FEATURES takes them, and a model of the others does not ask for them."""
    value: Value = lambda n: 5000 + n * 7919 % 65_537  # noqa: E731
    folder = write(tmp_path / "dump", y=lambda n: n % 2, **{name: value})
    run = from_both(tmp_path, folder)
    assert features(run) == ["a", "b"]
    assert len(told(run, f"{name!r} of v: numbers that are keys by all appearance")) == 1
    assert features(from_both(tmp_path / "named", folder, "--features", "a", name)) == ["a", name]
    other = write(tmp_path / "without", y=lambda n: n % 2)
    predicted_here(tmp_path / "p", "--model", run.folder / "m.pt", "--graph_name", "g", "--graph_path", other)


@pytest.mark.parametrize("is_array", [False, True])
@pytest.mark.parametrize("first", [2**53 + 1, -(2**53) - 4, 2**62 + 1])
def test_integers_beyond_doubles_with_gaps(tmp_path: Path, first: int, is_array: bool) -> None:
    """Neighbours stay two classes under their own names, in arrays of one too."""

    def label(n: int) -> object:
        value = None if n % 5 == 0 else first + n % 3
        return [value] if is_array and value is not None else value

    run = from_both(tmp_path, write(tmp_path / "dump", y=label))
    assert run.metrics["classes"] == [first, first + 1, first + 2]
    assert sum(sum(counts.values()) for counts in run.metrics["split"]["class_counts"].values()) == NUM * 4 // 5


@pytest.mark.parametrize("label", [lambda n: (-1, 1)[n * 7 % 5 % 2], lambda n: ("up", "down")[n * 7 % 5 % 2]])
def test_loss_of_two_classes_names_the_task(tmp_path: Path, label: Value) -> None:
    """TASK=binary is the way out, and it does."""
    folder = write(tmp_path / "dump", y=label)
    refused = from_both(tmp_path, folder, "--loss_fn", "bce")
    assert refused.exit_code == 2
    assert "set TASK=binary" in refused.sentence
    assert from_both(tmp_path / "task", folder, "--loss_fn", "bce", "--task", "binary").metrics["task"] == "binary"


@pytest.mark.parametrize(("of_last", "name"), [(0.25, "test"), (0.1, "")])
def test_part_of_one_class(tmp_path: Path, of_last: float, name: str) -> None:
    """The end of time holds one class only: its measures say nothing, and a warning says so."""
    draw = random.Random(1)
    labels = [draw.randrange(2) if n < NUM * (1 - of_last) else 0 for n in range(NUM)]
    folder = write(tmp_path / "dump", y=labels.__getitem__, ts=lambda n: 1_717_200_000_000 + 1000 * n)
    run = from_both(tmp_path, folder)
    assert len(told(run, f"The {name} part holds one class of 'y' only (0)")) == bool(name)


SECTORS: Sequence[Value] = (lambda n: "12"[n % 2], lambda n: 1 + n % 2, lambda n: "1" if n % 2 else 2)


@pytest.mark.parametrize("sector", SECTORS)
def test_categories_of_digits_alone_in_predict(tmp_path: Path, sector: Value) -> None:
    """A graph that lacks the letters is read as the training's, where they are; as numbers, too."""
    folder = write(tmp_path / "dump", y=lambda n: n % 2, sector=lambda n: "12AB"[n % 4])
    run = from_both(tmp_path, folder, "--features", "a", "sector")
    assert run.exit_code == 0
    flags = ("--model", run.folder / "m.pt", "--graph_name", "g")
    texts = write(tmp_path / "texts", sector=SECTORS[0] if sector is not SECTORS[2] else lambda n: "21"[n % 2])
    digits = write(tmp_path / "digits", sector=sector)
    expected = predicted_here(tmp_path / "expected", *flags, "--graph_path", texts)
    found = predicted_here(tmp_path / "found", *flags, "--graph_path", digits)
    assert found.predictions == expected.predictions
    assert not found.warnings
    strange = predict_here(
        tmp_path / "strange", *flags, "--graph_path", write(tmp_path / "strange_dump", sector=lambda n: 0.5)
    )
    assert strange.exit_code == 3
    assert "'sector' of v holds numbers instead of texts" in strange.sentence
