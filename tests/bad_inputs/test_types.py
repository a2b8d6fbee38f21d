"""Graphs of several vertex and edge collections that a run cannot use: exit code 3, and the choice that there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bad_inputs.owed import DATA, says_error_once
from tests.conftest import Ended, write_collection, write_graph


@pytest.fixture
def two_types(small_dump: Path) -> Path:
    """The graph `g`: vertices `v` and `news`, both with a label y and with nothing else alike, and edges with weights."""
    news = [{"_key": f"k{n:02}", "words": n * 3, "tone": n / 40, "y": n % 2} for n in range(40)]
    edges = [
        {"_key": str(n), "_from": f"news/k{n:02}", "_to": f"v/k{n:02}", "share": n / 40, "why": "because"}
        for n in range(40)
    ]
    write_collection(small_dump, "news", news)
    write_collection(small_dump, "about", edges, edge=True)
    definitions = [
        {"collection": "e", "from": ["v"], "to": ["v"]},
        {"collection": "about", "from": ["news"], "to": ["v"]},
    ]
    write_graph(small_dump, "g", definitions)
    return small_dump


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        pytest.param("--target y", ["'y' of news", "'y' of v", "TARGET_COLLECTION"], id="target of two types"),
        pytest.param("", ["'y' of news", "'y' of v", "TARGET_COLLECTION"], id="found target of two types"),
        pytest.param(
            "--target y --target_collection newz", ["TARGET_COLLECTION", "'newz'", "news, v"],
            id="target collection that is not there",
        ),
        pytest.param(
            "--target y --target_collection w*", ["TARGET_COLLECTION", "'w*'", "news, v"],
            id="pattern that fits no collection",
        ),
        pytest.param(
            "--target y --target_collection news v", ["TARGET_COLLECTION", "news", "v"],
            id="target collections of two types",
        ),
        pytest.param(
            "--target y --target_collection about", ["TARGET_COLLECTION", "'about'", "news, v"],
            id="target collection of edges",
        ),
        pytest.param(
            "--target tone --target_collection v", ["'tone'", "v"], id="target collection without the target",
        ),
        pytest.param("--target tune", ["'tune'"], id="target that no type has"),
        pytest.param(
            "--target y --target_collection v --features a tune", ["'tune'", "FEATURES"],
            id="feature that no type has",
        ),
        pytest.param(
            "--target y --target_collection v --time_field when", ["TIME_FIELD='when'"], id="time that no type has",
        ),
        pytest.param(
            "--target y --target_collection v --model_type GCN --edge_weight shares", ["EDGE_WEIGHT='shares'"],
            id="weight that no edge has",
        ),
        pytest.param(
            "--target y --target_collection v --model_type GCN --edge_weight why", ["'why'", "about", "EDGE_WEIGHT"],
            id="weight of texts",
        ),
    ],
)  # fmt: skip
def test_bad_choice_among_types(refused: Callable[..., Ended], two_types: Path, flags: str, named: list[str]) -> None:
    """A choice that the graph does not offer ends the run with exit code 3 and one `error` event."""
    says_error_once(refused(DATA, named, *flags.split()), DATA)


@pytest.mark.parametrize("weight", [[1.0], {"w": 1.0}, "1,5"], ids=["array", "object", "text"])
def test_weight_that_is_no_number(refused: Callable[..., Ended], two_types: Path, weight: object) -> None:
    """One edge whose weight is no number spoils the run, and its collection is named."""
    edges = [
        {"_key": str(n), "_from": f"v/k{n:02}", "_to": f"v/k{(n + 1) % 40:02}", "w": weight if n == 7 else 1.0}
        for n in range(40)
    ]
    write_collection(two_types, "e", edges, edge=True)
    flags = ("--target", "y", "--target_collection", "v", "--model_type", "GCN", "--edge_weight", "w")
    says_error_once(refused(DATA, ["'w'", "in e ", "EDGE_WEIGHT"], *flags), DATA)


def test_target_type_that_is_empty(refused: Callable[..., Ended], two_types: Path) -> None:
    """A collection without documents cannot carry the target."""
    write_collection(two_types, "news", [])
    flags = ("--target", "y", "--target_collection", "news")
    says_error_once(refused(DATA, ["news"], *flags), DATA)


def test_graph_of_empty_collections(refused: Callable[..., Ended], two_types: Path) -> None:
    """Without a vertex there is nothing to learn from, however many collections there are."""
    for name in ("v", "news"):
        write_collection(two_types, name, [])
    says_error_once(refused(DATA, ["'g'"], "--target", "y"), DATA)


def test_split_that_only_another_type_has(refused: Callable[..., Ended], two_types: Path) -> None:
    """A stored split is looked for where the target is."""
    news = [{"_key": f"k{n:02}", "words": n * 3, "y": n % 2, "part": "train"} for n in range(40)]
    write_collection(two_types, "news", news)
    flags = ("--target", "y", "--target_collection", "v", "--split", "attribute:part")
    says_error_once(refused(DATA, ["SPLIT", "'part'"], *flags), DATA)


@pytest.mark.parametrize("name", ["v", "news"])
def test_the_fixture_itself_trains(two_types: Path, run_main: Callable[..., Ended], name: str) -> None:
    """Every refusal here is about the one thing that its test spoils."""
    flags = ("--graph_path", two_types, "--graph_name", "g", "--output_path", "m.pt", "--epochs", "1")
    ended = run_main(*flags, "--target", "y", "--target_collection", name, "--model_type", "GCN")
    assert ended.exit_code == 0, ended.stderr
