"""SPLIT=graph: whole graphs to train, validate and test on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.composed import build_dataset
from tests.conftest import make_settings
from tests.dataset.typed_graphs import candles, typed_graph
from trainer.dataset.dataset import Dataset
from trainer.dataset.labels.split import EMBARGO, PARTS
from trainer.errors import DataError


def days(*first: int, drop: str | None = None, shared: bool = False, **values: Any) -> Dataset:
    """Graphs `g0`, `g1`, … of ten candles each, that begin at these steps in time."""
    collections = {
        f"candles_{index}": [
            {name: value for name, value in document.items() if name != drop} for document in candles("A", 10, start)
        ]
        for index, start in enumerate(first)
    }
    graphs = {f"g{index}": [name] for index, name in enumerate(collections)}
    if shared:
        graphs["g1"] = ["candles_0", "candles_1"]
    chosen = {
        "graph_name": ",".join(graphs),
        "target": "price_up",
        "split": "graph",
        "val_ratio": 0.25,
        "test_ratio": 0.25,
    }
    return build_dataset(typed_graph(collections, graphs=graphs), make_settings(**chosen | values))


def parts(result: Dataset) -> dict[str, set[int]]:
    """The graphs in each part."""
    assert result.inputs.graph_of_row is not None
    return {name: set(result.inputs.graph_of_row[result.split.mask(name)].tolist()) for name in PARTS}


def test_last_graphs_in_time_are_the_test_part() -> None:
    """In order of time, not of name."""
    result = days(30, 0, 20, 10)
    assert result.split.method == "graph"
    assert parts(result) == {"train": {1, 3}, "val": {2}, "test": {0}}


def test_without_time_the_names_decide() -> None:
    """The last names are the test part."""
    assert parts(days(30, 0, 20, 10, drop="ts")) == {"train": {0, 1}, "val": {2}, "test": {3}}


def test_graph_is_whole_in_one_part() -> None:
    """All its labelled vertices."""
    result = days(0, 10, 20, 30)
    assert {name: int(result.split.mask(name).sum()) for name in PARTS} == {"train": 20, "val": 10, "test": 10}


def test_ratio_above_zero_asks_for_one_graph() -> None:
    """And a ratio of zero for none."""
    assert parts(days(0, 10, 20, val_ratio=0.01, test_ratio=0)) == {"train": {0, 1}, "val": {2}, "test": set()}


def test_embargo_keeps_the_graphs_apart() -> None:
    """The last candles of a day whose labels look into the next one are in no part."""
    result = days(0, 10, 20, 30, embargo=2 * 300_000)
    assert int((result.split.part == EMBARGO).sum()) == 4
    assert int(result.split.mask("train").sum()) == 18


def test_embargo_over_graphs_of_one_time_is_refused() -> None:
    """Symbols of one day overlap; nothing would be left to learn from."""
    with pytest.raises(DataError, match="EMBARGO=1 leaves no vertex for the train part of SPLIT=graph"):
        days(0, 0, 0, 0, embargo=1)


def test_collection_in_several_graphs_is_refused() -> None:
    """Its vertices would be in two parts at once."""
    with pytest.raises(DataError, match="candles_0 is in several"):
        days(0, 10, 20, 30, shared=True)


def test_collection_without_labels_may_be_in_several_graphs() -> None:
    """Nothing of it is in any part."""
    collections = {f"candles_{n}": candles("A", 10, 10 * n) for n in range(4)}
    unlabelled = [{name: value for name, value in row.items() if name != "price_up"} for row in candles("B", 10)]
    graphs = {f"g{n}": [f"candles_{n}", "candles_all"] for n in range(4)}
    graph = typed_graph(collections | {"candles_all": unlabelled}, graphs=graphs)
    chosen = {"graph_name": ",".join(graphs), "target": "price_up", "target_collection": ["candles_?"]}
    result = build_dataset(graph, make_settings(**chosen, split="graph", val_ratio=0.25, test_ratio=0.25))
    assert {name: int(result.split.mask(name).sum()) for name in PARTS} == {"train": 20, "val": 10, "test": 10}


def test_too_few_graphs_with_labels_are_refused() -> None:
    """Each part needs one."""
    with pytest.raises(DataError, match="2 graphs with labels are too few"):
        days(0, 10, val_ratio=0.4, test_ratio=0.4, split="graph")


def test_features_of_other_types_are_learned_from_training_graphs() -> None:
    """What only a test graph holds moves no scale."""

    def scale(height: float) -> tuple[list[float], list[float]]:
        vertices: dict[str, Any] = {}
        edges: dict[str, Any] = {}
        graphs: dict[str, list[str]] = {}
        for day in range(3):
            vertices[f"candles_{day}"] = candles("A", 10, 10 * day)
            vertices[f"levels_{day}"] = [{"_key": str(n), "price": n + (height if day == 2 else 0)} for n in range(3)]
            edges[f"touch_{day}"] = [
                (f"candles_{day}/{vertices[f'candles_{day}'][n]['_key']}", f"levels_{day}/{n}") for n in range(3)
            ]
            graphs[f"g{day}"] = [f"candles_{day}", f"levels_{day}", f"touch_{day}"]
        chosen = make_settings(graph_name="g0,g1,g2", target="price_up", split="graph", val_ratio=0.3, test_ratio=0.3)
        result = build_dataset(typed_graph(vertices, edges, graphs), chosen)
        (feature,) = result.inputs.vertices["levels"].features
        return feature.mean, feature.scale

    assert scale(0) == scale(1000)


def test_rows_know_their_graph() -> None:
    """The index in GRAPH_NAME, row by row."""
    result = days(10, 0, 20, 30)
    assert result.inputs.graph_of_row is not None
    expected = [
        int(result.inputs.vertices["candles"].collections[index][-1])
        for index in result.inputs.vertices["candles"].collection
    ]
    np.testing.assert_array_equal(result.inputs.graph_of_row, expected)


Moment = tuple[int | None, int | None]
"""The time and the label of a candle."""


def timed_graphs(graphs: dict[str, list[Moment]], **values: Any) -> Dataset:
    """Graphs of candles with these times and labels, each in a collection of its own."""
    collections = {
        f"candles_{name}": [
            {"_key": f"{name}{index}", "ts": time, "a": index % 3, "y": label}
            for index, (time, label) in enumerate(moments)
        ]
        for name, moments in graphs.items()
    }
    of_graphs = {name: [f"candles_{name}"] for name in graphs}
    chosen = {"graph_name": ",".join(graphs), "target": "y", "split": "graph", "val_ratio": 0.25, "test_ratio": 0.25}
    return build_dataset(typed_graph(collections, graphs=of_graphs), make_settings(**chosen | values))


def names_of_parts(result: Dataset, graphs: dict[str, list[Moment]]) -> dict[str, str]:
    """The graphs in each part, their names put together."""
    names = list(graphs)
    return {part: "".join(names[index] for index in sorted(indexs)) for part, indexs in parts(result).items()}


def moments(first: int, last: int, *, unlabelled: int = 0) -> list[Moment]:
    """Candles from one time to another, the first so many of them without a label."""
    return [(time, None if time < first + unlabelled else time % 2) for time in range(first, last + 1)]


@pytest.mark.parametrize(
    ("graphs", "test", "why"),
    [
        ({"a": moments(0, 90), "b": moments(10, 20), "c": moments(30, 40), "d": moments(50, 60)}, "d", "a is the longest"),
        ({"a": moments(0, 9), "b": moments(1, 99, unlabelled=90), "c": moments(20, 29), "d": moments(30, 39)}, "b", "b is labelled late"),
        ({"b": moments(0, 9), "d": moments(50, 60), "c": moments(50, 60), "a": moments(50, 60)}, "d", "of one time, d is the last name"),
        ({"a": moments(0, 9), "b": [(None, 0), (None, 1)], "c": moments(20, 29), "d": moments(10, 19)}, "d", "b has no time, so names decide"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) > 1 else "",
)  # fmt: skip
def test_graphs_follow_each_other_by_their_first_labelled_time(
    graphs: dict[str, list[Moment]], test: str, why: str
) -> None:
    """When a graph begins to be labelled is its index in time; names decide between equal ones and where one has none."""
    assert names_of_parts(timed_graphs(graphs), graphs)["test"] == test, why


def test_numbers_of_graphs_are_rounded() -> None:
    """Of five graphs 35 % are 1.75, so two; 25 % are 1.25, so one."""
    graphs = {name: moments(10 * index, 10 * index + 9) for index, name in enumerate("abcde")}
    result = timed_graphs(graphs, val_ratio=0.25, test_ratio=0.35)
    assert names_of_parts(result, graphs) == {"train": "ab", "val": "c", "test": "de"}


def test_graphs_without_labels_are_in_no_part() -> None:
    """They are predicted, and count neither for the ratios nor for the order."""
    graphs = {name: moments(10 * index, 10 * index + 9) for index, name in enumerate("abcd")}
    graphs["e"] = moments(90, 99, unlabelled=10)
    result = timed_graphs(graphs)
    assert names_of_parts(result, graphs) == {"train": "ab", "val": "c", "test": "d"}
    assert len(result.split.part) == 50


def test_unlabelled_vertices_are_in_no_part() -> None:
    """Also in a graph that is learned from."""
    graphs = {name: moments(10 * index, 10 * index + 9, unlabelled=3) for index, name in enumerate("abcd")}
    result = timed_graphs(graphs)
    assert {name: int(result.split.mask(name).sum()) for name in PARTS} == {"train": 14, "val": 7, "test": 7}


def test_embargo_without_validation_is_before_the_test_part() -> None:
    """The part after training is then that one."""
    graphs = {name: moments(10 * index, 10 * index + 9) for index, name in enumerate("abcd")}
    result = timed_graphs(graphs, val_ratio=0, embargo=2)
    assert {name: int(result.split.mask(name).sum()) for name in PARTS} == {"train": 28, "val": 0, "test": 10}


def test_boundaries_are_the_times_that_are_known() -> None:
    """A vertex without a time is in the part of its graph and moves no boundary."""
    graphs = {name: moments(10 * index, 10 * index + 9) for index, name in enumerate("abcd")}
    graphs["b"].append((None, 1))
    result = timed_graphs(graphs)
    assert int(result.split.mask("train").sum()) == 21
    assert result.split.boundaries == {
        "train_start": 0, "train_end": 19, "val_start": 20, "val_end": 29, "test_start": 30, "test_end": 39,
    }  # fmt: skip
