"""Attributes inside objects, named by their paths: a whole run from a folder and from a database, and other graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import write_collection, write_graph
from tests.graph.arango.served import PASSWORD, serve_stand_in
from tests.runs.here import (
    Run,
    assert_same_predictions,
    finished_here,
    learned,
    predict_here,
    predicted_here,
    run_here,
)

NUM = 90
FLAGS = ("--graph_name", "g", "--epochs", "2", "--save_predictions")
NAMED = ("--features", "ind.rsi", "ind.deep.macd", "--target", "lab.y", "--time_field", "meta.ts")
Document = dict[str, Any]


def nested(n: int) -> Document:
    """A vertex whose attributes are inside objects."""
    return {
        "ind": {"rsi": n * 7 % 31 / 3 if n % 11 else None, "deep": {"macd": str(n % 5)}},
        "lab": {"y": ("up", "down")[n * 3 // 2 % 2]} if n % 7 else {},
        "meta": {"ts": f"2024-06-01T00:{n // 60:02}:{n % 60:02}Z"},
    }


def flat(n: int) -> Document:
    """The same attributes, each of its own."""
    document = nested(n)
    return {
        "rsi": document["ind"]["rsi"],
        "macd": document["ind"]["deep"]["macd"],
        "y": document["lab"].get("y"),
        "ts": document["meta"]["ts"],
    }


def write(folder: Path, document: Callable[[int], Mapping[str, Any]], collection: str = "v") -> Path:
    """A folder with the graph `g`: a row of vertices `v` with these attributes."""
    write_collection(folder, collection, [{"_key": f"k{n:03}", **document(n)} for n in range(NUM)])
    ends = [(f"{collection}/k{n - 1:03}", f"{collection}/k{n:03}") for n in range(1, NUM)]
    edges = [{"_key": str(n), "_from": source, "_to": target} for n, (source, target) in enumerate(ends)]
    write_collection(folder, "e", edges, edge=True)
    write_graph(folder, "g", [{"collection": "e", "from": [collection], "to": [collection]}])
    return folder


def from_database(call: Callable[..., Run], out: Path, folder: Path, *flags: object) -> Run:
    """The run on a database that was filled from the folder."""
    with serve_stand_in(folder) as served:
        env = {"ARANGO_URL": served.url, "ARANGO_DB": served.database, "ARANGO_PASSWORD": PASSWORD}
        return call(out, *flags, env=env)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph with all attributes inside objects."""
    return write(tmp_path_factory.mktemp("nested") / "dump", nested)


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """What was learned from it."""
    return finished_here(folder.parent / "run", "--graph_path", folder, *FLAGS, *NAMED)


def test_paths_learn_what_names_learn(tmp_path: Path, folder: Path, run: Run) -> None:
    """Features, label and time inside objects make the dataset that they make outside; so do they from a database."""
    names = ("--features", "rsi", "macd", "--target", "y", "--time_field", "ts")
    own = finished_here(tmp_path / "flat", "--graph_path", write(tmp_path / "flat_dump", flat), *FLAGS, *names)
    outcomes = [learned(each) for each in (run, own)]
    assert [each["split"].pop("time_field") for each in outcomes] == ["meta.ts", "ts"]
    assert outcomes[0] == outcomes[1]
    assert_same_predictions(run, own, tolerance=0)
    other = from_database(finished_here, tmp_path / "other", folder, *FLAGS, *NAMED)
    assert learned(other) == learned(run)
    assert other.metrics["graph"]["decisions"] == run.metrics["graph"]["decisions"]
    assert other.metrics["graph"]["warnings"] == run.metrics["graph"]["warnings"]
    roles = {row["attribute"]: row["role"] for row in run.metrics["graph"]["decisions"]["attributes"]}
    assert [roles[name] for name in ("ind.rsi", "ind.deep.macd", "lab.y", "meta.ts")] == [
        *("feature", "feature", "label", "time")
    ]


@pytest.mark.parametrize("call", ["folder", "database"])
def test_model_of_paths_predicts(tmp_path: Path, folder: Path, run: Run, call: str) -> None:
    """The same graph from either source gives the table of the run, labels among it."""
    flags = ("--model", run.folder / "m.pt", "--graph_name", "g")
    if call == "folder":
        again = predicted_here(tmp_path / "again", *flags, "--graph_path", folder)
    else:
        again = from_database(predicted_here, tmp_path / "again", folder, *flags)
    assert_same_predictions(again, run, tolerance=0, parts=False)
    assert again.measures is not None


ABSENT: dict[str, Callable[[int], Document]] = {
    "path": lambda n: nested(n) | {"ind": {"deep": {"macd": n % 5}}},
    "object": lambda n: {name: value for name, value in nested(n).items() if name != "ind"},
    "level": lambda n: nested(n) | {"ind": {"rsi": n / 3}},
    "no object": lambda n: nested(n) | {"ind": 1},
}


@pytest.mark.parametrize("case", ABSENT)
def test_graph_without_a_path_is_refused(tmp_path: Path, run: Run, case: str) -> None:
    """As one without an attribute is: by `predict` and by a run, from either source, in the same words."""
    folder = write(tmp_path / "lacking", ABSENT[case])
    flags = ("--model", run.folder / "m.pt", "--graph_name", "g")
    lacking = "ind.deep.macd" if case == "level" else "ind.rsi"
    ends = (
        predict_here(tmp_path / "one", *flags, "--graph_path", folder),
        from_database(predict_here, tmp_path / "other", folder, *flags),
    )
    for ended in ends:
        assert ended.exit_code == 3, ended.stdout
        assert f"does not fit the model: no attribute {lacking!r} in v" in ended.sentence
    assert ends[0].sentence == ends[1].sentence
    again = (
        run_here(tmp_path / "three", "--graph_path", folder, *FLAGS, *NAMED),
        from_database(run_here, tmp_path / "four", folder, *FLAGS, *NAMED),
    )
    assert {ended.exit_code for ended in again} == {3}
    assert f"v has no attribute {lacking!r} of FEATURES" in again[0].sentence
    assert again[0].sentence == again[1].sentence


def test_path_that_was_scarce_may_be_absent(tmp_path: Path) -> None:
    """Where one of the collections lacked it in the training, it is filled again, with a sentence."""
    folder = tmp_path / "dump"
    documents = {
        "candles_btc": [{"_key": f"b{n:03}", **nested(n)} for n in range(NUM)],
        "candles_eth": [{"_key": f"e{n:03}", **ABSENT["path"](n)} for n in range(NUM)],
    }
    for name, collection in documents.items():
        write_collection(folder, name, collection)
    edges = [{"_key": str(n), "_from": f"candles_btc/b{n:03}", "_to": f"candles_eth/e{n:03}"} for n in range(NUM)]
    write_collection(folder, "e", edges, edge=True)
    write_graph(folder, "g", [{"collection": "e", "from": list(documents), "to": list(documents)}])
    run = finished_here(tmp_path / "run", "--graph_path", folder, *FLAGS, *NAMED, "--target_collection", "candles_*")
    other = write(tmp_path / "other", ABSENT["path"], "candles_sol")
    flags = ("--model", run.folder / "m.pt", "--graph_name", "g")
    for ended in (
        predicted_here(tmp_path / "one", *flags, "--graph_path", other),
        from_database(predicted_here, tmp_path / "two", other, *flags),
    ):
        assert any("no attribute 'ind.rsi', it is filled as in the training" in each for each in ended.warnings)


def test_all_null_path_is_degraded_and_not_absent(tmp_path: Path, run: Run) -> None:
    """A path that documents have, be it without a value, is there; the warning counts."""
    folder = write(tmp_path / "null", lambda n: nested(n) | {"ind": {"rsi": None, "deep": {"macd": n % 5}}})
    flags = ("--model", run.folder / "m.pt", "--graph_name", "g")
    for ended in (
        predicted_here(tmp_path / "one", *flags, "--graph_path", folder),
        from_database(predicted_here, tmp_path / "two", folder, *flags),
    ):
        assert any(f"'ind.rsi' of v: {NUM} of {NUM} vertices have no value" in each for each in ended.warnings)
