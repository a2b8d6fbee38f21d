"""Numbers that are keys are no default features; counts and measures are, whatever keys they look like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings, ring
from trainer.dataset.dataset import Dataset
from trainer.dataset.transfer.other_graph import build_inputs
from trainer.errors import DataError

NUM = 60


def dataset(values: dict[str, Callable[[int], Any]], **settings: Any) -> Dataset:
    """The dataset of a ring of vertices with a number `a` and these attributes."""
    documents = [
        {"_key": f"{1000 + n}", "a": n % 7, "y": n % 2} | {name: value(n) for name, value in values.items()}
        for n in range(NUM)
    ]
    graph = make_graph(documents, [(f"{1000 + n}", f"{1000 + (n + 1) % NUM}") for n in range(NUM)])
    return build_dataset(graph, make_settings(**{"target": "y"} | settings))


def names(result: Dataset) -> list[str]:
    """The features, in order."""
    return [feature.name for feature in result.inputs.features]


def scattered(n: int) -> int:
    """Different numbers in no order, far apart."""
    return 10_000 + n * 7919 % 65_537


DIFFERENT = "is named like a key, and no two vertices have the same number"
KEYS: list[tuple[str, Callable[[int], Any], str]] = [
    ("id", scattered, DIFFERENT),
    ("ID", lambda n: str(scattered(n)), DIFFERENT),
    ("id", lambda n: float(scattered(n)), DIFFERENT),
    ("user_id", lambda n: None if n % 3 else scattered(n), DIFFERENT),
    ("aggTradeId", lambda n: 2**60 + n, DIFFERENT),
    ("Order Key", scattered, DIFFERENT),
    ("txid", scattered, DIFFERENT),
    ("user_id", lambda n: n % 30, "is named like a key, and holds 30 different whole numbers"),
    ("index", lambda n: n, "is named like a running number, and is one"),
    ("rowNumber", lambda n: NUM - n, "is named like a running number, and is one"),
    ("seq", lambda n: None if n == 7 else 500 + n, "is named like a running number, and is one"),
    ("block", lambda n: 1000 + n, "is the same as _key"),
    ("number", lambda n: f"{1000 + n}", "is the same as _key"),
]


@pytest.mark.parametrize(("name", "value", "reason"), KEYS)
def test_keys_are_no_default_features(name: str, value: Callable[[int], Any], reason: str) -> None:
    """They are named in a warning, with the reason among the decisions; FEATURES takes them all the same."""
    result = dataset({name: value})
    assert names(result) == ["a"]
    (decision,) = (row for row in result.decisions.attributes if row.attribute == name)
    assert (decision.role, decision.reason) == ("left out", reason)
    told = [warning for warning in result.inputs.warnings if repr(name) in warning]
    assert told == [f"{name!r} of v: numbers that are keys by all appearance; no feature unless FEATURES names it."]
    assert names(dataset({name: value}, features=f'["{name}"]')) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("volume", scattered),
        ("num_trades", scattered),
        ("count", lambda n: n),
        ("bid", scattered),
        ("key_levels", scattered),
        ("id_count", scattered),
        ("humidity", scattered),
        ("risk_id", lambda n: scattered(n) / 7),
        ("has_id", lambda n: n % 3 == 0),
        ("has_id", lambda n: int(n % 3 == 0)),
        ("index", lambda n: scattered(n)),
        ("index", lambda n: n // 2),
        ("number", lambda n: n / 4),
        ("block", lambda n: 1000 + n if n else 999),
    ],
)
def test_measures_and_counts_stay_features(name: str, value: Callable[[int], Any]) -> None:
    """Without a word: the name alone, or the values alone, are not enough."""
    result = dataset({name: value})
    assert names(result) == ["a", name]
    assert not [warning for warning in result.inputs.warnings if repr(name) in warning]


def test_codes_of_a_few_kinds_stay_and_are_warned_of() -> None:
    """They may say something, though no code is more than another."""
    result = dataset({"sector_id": lambda n: n % 11})
    assert names(result) == ["a", "sector_id"]
    (told,) = (warning for warning in result.inputs.warnings if "sector_id" in warning)
    assert "its 11 different whole numbers are learned as a quantity" in told


def test_keys_alone_are_nothing_to_learn_from() -> None:
    """The refusal names FEATURES."""
    with pytest.raises(
        DataError, match="no numeric attribute to learn from besides keys, time and labels; set FEATURES"
    ):
        build_dataset(
            make_graph([{"id": scattered(n), "y": n % 2} for n in range(NUM)], ring(NUM)), make_settings(target="y")
        )


def test_few_vertices_whose_number_is_their_key_are_chance() -> None:
    """Small graphs count from 0, too."""
    graph = make_graph([{"_key": str(n), "p": n, "y": n % 2} for n in range(10)])
    assert names(build_dataset(graph, make_settings(target="y"))) == ["p"]


def test_another_graph_is_read_as_the_one_that_was_learned_from() -> None:
    """A key is not asked for, and codes are read where they happen to be all different."""
    schema = dataset({"id": scattered, "sector_id": lambda n: n % 11}).schema
    other = make_graph([{"a": n, "sector_id": n} for n in range(5)], ring(5))
    assert [feature.name for feature in build_inputs(other, schema).features] == ["a", "sector_id"]
