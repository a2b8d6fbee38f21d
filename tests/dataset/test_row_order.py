"""A source may deliver documents in any order; the dataset is the same."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings
from trainer.dataset.dataset import Dataset

NUM = 24
DOCUMENTS: list[dict[str, Any]] = [
    {
        "_key": f"{index * 7 % NUM}",
        "ts": None if index == 5 else f"2024-01-{index + 1:02}",
        "number": None if index % 9 == 4 else index / 3,
        "text": ("b", "c", "a", "d")[index % 4],
        "vector": [index, -index],
        "mixed": "odd" if index == 3 else "even" if index == 8 else index,
        "fold": ("train", "val", "test", "train", "elsewhere", "nowhere")[index % 6],
        "y": None if index == 2 else ("up", "down")[index // 6 % 2],
    }
    for index in range(NUM)
]
EDGES = [(f"{source}", f"{source * 5 % NUM}") for source in range(NUM)] + [("3", "3"), ("3", "4"), ("3", "4")]


def facts(result: Dataset) -> dict[str, Any]:
    """Everything that a dataset holds, as plain values and bytes."""
    return {
        "x": result.inputs.x.tobytes(),
        "y": result.y.tobytes(),
        "edge_index": result.inputs.edge_index.tobytes(),
        "part": result.split.part.tobytes(),
        "boundaries": result.split.boundaries,
        "features": [asdict(feature) for feature in result.inputs.features],
        "classes": result.target.classes,
    }


def dataset(documents: list[dict[str, Any]], edges: list[tuple[str, str]], **values: Any) -> Dataset:
    """The dataset with the label `y`."""
    return build_dataset(make_graph(documents, edges), make_settings(**{"target": "y"} | values))


@pytest.mark.parametrize("features", [[], ["text", "number", "vector"]])
@pytest.mark.parametrize("method", ["temporal", "random", "attribute:fold"])
@settings(max_examples=15)
@given(documents=st.permutations(DOCUMENTS), edges=st.permutations(EDGES))
def test_dataset_does_not_depend_on_the_order_of_documents(
    method: str, features: list[str], documents: list[dict[str, Any]], edges: list[tuple[str, str]]
) -> None:
    """Inputs, labels, edges, parts, and what was learned about features."""
    expected = facts(dataset(DOCUMENTS, EDGES, split=method, features=features))
    assert facts(dataset(documents, edges, split=method, features=features)) == expected


@settings(max_examples=25)
@given(documents=st.permutations(DOCUMENTS))
def test_warnings_do_not_depend_on_the_order_of_documents(documents: list[dict[str, Any]]) -> None:
    """The examples that a warning names are the same, so that `metrics.json` is."""
    expected = dataset(DOCUMENTS, EDGES, split="attribute:fold").inputs.warnings
    assert dataset(documents, EDGES, split="attribute:fold").inputs.warnings == expected
