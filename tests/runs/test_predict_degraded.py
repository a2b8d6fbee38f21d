"""A model applied to worse data than it learned from says so, from a folder and from a database."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import write_collection, write_graph
from tests.graph.arango.served import PASSWORD, serve_stand_in
from tests.runs.here import Run, finished_here, predict_here, predicted_here, run_here

NUM = 200
Document = dict[str, Any]


def documents(seed: int, names: Sequence[str] = ("a", "b")) -> list[Document]:
    """Vertices with numbers, a text, and a label that follows from the first number."""
    draw = random.Random(seed)
    vertices: list[Document] = [
        {"_key": f"k{number:05}", **{name: draw.gauss(0, 1) for name in names}, "kind": draw.choice("xyz")}
        for number in range(NUM)
    ]
    return [vertex | {"y": int(vertex[names[0]] > 0)} for vertex in vertices]


def write(folder: Path, vertices: Sequence[Document], num_edges: int = NUM) -> Path:
    """A folder with the graph `g`: these vertices in a ring, from the first on as long as it has edges."""
    edges = [
        {"_key": f"r{n}", "_from": f"v/k{n:05}", "_to": f"v/k{(n + 1) % NUM:05}"} for n in range(NUM - num_edges, NUM)
    ]
    write_collection(folder, "v", vertices)
    write_collection(folder, "e", edges, edge=True)
    write_graph(folder, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two numbers and a text."""
    folder = write(tmp_path_factory.mktemp("dump"), documents(0))
    flags = ("--graph_path", folder, "--graph_name", "g", "--target", "y", "--features", "a", "b", "kind")
    return finished_here(tmp_path_factory.mktemp("run"), *flags, "--epochs", 2, "--hidden_channels", 8).folder / "m.pt"


def predictions_of(model: Path, folder: Path, out: Path) -> Run:
    """What the model says of the folder, which is what it says of a database with the same documents."""
    run = predicted_here(out / "here", "--model", model, "--graph_name", "g", "--graph_path", folder)
    with serve_stand_in(folder) as served:
        env = {"ARANGO_URL": served.url, "ARANGO_DB": served.database, "ARANGO_PASSWORD": PASSWORD}
        other = predicted_here(out / "there", "--model", model, "--graph_name", "g", env=env)
    assert run.warnings == other.warnings
    assert run.predictions == other.predictions
    assert (run.measures is None) == (other.measures is None)
    if run.measures and other.measures:
        assert run.measures | {"created_at": ""} == other.measures | {"created_at": ""}
    return run


def none_of(*names: str) -> Callable[[int, Document], Document]:
    return lambda number, vertex: vertex | dict.fromkeys(names)


ALL = f"{NUM} of {NUM}"
CASES: dict[str, tuple[Callable[[int, Document], Document], list[str]]] = {
    "as in the training": (lambda number, vertex: vertex, []),
    "every feature null": (
        none_of("a", "b", "kind"),
        [
            *(
                f"'{name}' of v: {ALL} vertices have no value (in the training none was missing)."
                for name in ("a", "b", "kind")
            ),
            "Predictions rest on none of the 3 features of v: in at least half of the vertices, a, b, kind have no value like "
            "those of the training.",
            f"The predictions for all {NUM} vertices are the same: the model sees no difference between them.",
        ],
    ),
    "half of one null": (
        lambda number, vertex: vertex | ({"a": None} if number % 2 else {}),
        ["'a' of v: 100 of 200 vertices have no value (in the training none was missing)."],
    ),
    "words among numbers": (
        lambda number, vertex: vertex | ({"a": "none today"} if number % 4 else {}),
        [
            "'a' of v: 150 of 200 vertices have no value (in the training none was missing), "
            "150 because they hold something else than a number, such as 'none today'."
        ],
    ),
    "all categories unseen": (
        lambda number, vertex: vertex | {"kind": "new"},
        [f"'kind' of v: {ALL} hold categories that the training did not have, such as 'new'."],
    ),
    "a category here and there": (
        lambda number, vertex: vertex | ({} if number % 50 else {"kind": "new"}),
        ["'kind' of v: 4 of 200 hold categories that the training did not have, such as 'new'."],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_worse_than_in_the_training(model: Path, tmp_path: Path, name: str) -> None:
    """One warning a feature with its counts, whatever the source."""
    change, expected = CASES[name]
    vertices = [change(number, vertex) for number, vertex in enumerate(documents(1))]
    assert predictions_of(model, write(tmp_path / "dump", vertices), tmp_path).warnings == expected


def test_numbers_in_another_unit(model: Path, tmp_path: Path) -> None:
    """Thousands in place of ones, as texts too."""
    vertices = [vertex | {"b": str(1000 + vertex["b"])} for vertex in documents(1)]
    (sentence,) = predictions_of(model, write(tmp_path / "dump", vertices), tmp_path).warnings
    assert sentence.startswith(f"'b' of v: {ALL} are more than 3 standard deviations from ")


def test_vertices_that_lost_their_edges(model: Path, tmp_path: Path) -> None:
    """Most of a ring is gone."""
    folder = write(tmp_path / "dump", documents(1), num_edges=20)
    assert predictions_of(model, folder, tmp_path).warnings == [
        "180 of 200 vertices of v have no incoming edge from another vertex (in the training 0 of 200): "
        "each is judged by its own attributes."
    ]


def test_an_attribute_that_is_absent_altogether_is_refused(model: Path, tmp_path: Path) -> None:
    """Nothing is filled that no document has."""
    vertices = [{name: value for name, value in vertex.items() if name != "b"} for vertex in documents(1)]
    folder = write(tmp_path / "dump", vertices)
    run = predict_here(tmp_path / "out", "--model", model, "--graph_name", "g", "--graph_path", folder)
    assert run.exit_code == 3
    assert run.sentence == "gnn-trainer: The graph 'g' does not fit the model: no attribute 'b' in v."
    assert not [*(tmp_path / "out").iterdir()]


def test_an_older_model_is_read(tmp_path: Path) -> None:
    """Without the numbers of the training the counts are said without a share."""
    import torch

    folder = write(tmp_path / "dump", documents(0))
    run = run_here(tmp_path / "run", "--graph_path", folder, "--graph_name", "g", "--target", "y", "--epochs", 1)
    saved = run.saved
    for vertex_type in saved["schema"]["types"]:
        del vertex_type["num_vertices"]
    del saved["schema"]["target"]["num_without_incoming"], saved["schema"]["target"]["missing"]
    for relation in saved["schema"]["relations"]:
        del relation["num_edges"]
    torch.save(saved, tmp_path / "old.pt")
    vertices = [vertex | ({"a": None} if number % 4 else {}) for number, vertex in enumerate(documents(1))]
    other = write(tmp_path / "other", vertices)
    assert predictions_of(tmp_path / "old.pt", other, tmp_path).warnings == [
        "'a' of v: 150 of 200 vertices have no value (in the training none was missing)."
    ]
