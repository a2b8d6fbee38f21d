"""Labels of another graph are read as the classes or numbers of the model; others are counted, and nothing is measured by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import make_graph
from tests.dataset.typed_graphs import typed_graph
from trainer.dataset.schema import Schema, TargetSchema, TypeSchema
from trainer.dataset.transfer.known_labels import KnownLabels, read_known_labels
from trainer.dataset.transfer.other_graph import build_inputs
from trainer.dataset.warned import Warned
from trainer.graph.graph import Graph


def read(graph: Graph, classes: list[Any] | None, missing: Sequence[str] = ()) -> Warned[KnownLabels]:
    """The labels `y` of a graph for a model with these classes, or of numbers without any."""
    task = "regression" if classes is None else "binary" if len(classes) == 2 else "multiclass"
    target = TargetSchema("v", "y", task, classes, 0.0, 1.0, missing=list(missing))
    schema = Schema([TypeSchema("v", [*graph.vertices], [], [])], [], target)
    return read_known_labels(graph, build_inputs(graph, schema).target_vertices, target)


def labels(values: Sequence[Any], classes: list[Any] | None, missing: Sequence[str] = ()) -> Warned[KnownLabels]:
    """Those of vertices with these values."""
    return read(make_graph([{"a": 1} | ({} if value is None else {"y": value}) for value in values]), classes, missing)


def indices(result: KnownLabels) -> list[Any]:
    """What is measured by, None where nothing is."""
    return [value if known else None for value, known in zip(result.y.tolist(), result.known.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("values", "classes", "expected", "texts"),
    [
        (["up", None, "down"], ["down", "up"], [1, None, 0], ["up", "", "down"]),
        ([2, 0, None], [0, 1, 2], [2, 0, None], ["2", "0", ""]),
        ([True, False, None], [False, True], [1, 0, None], ["true", "false", ""]),
        ([1, 0, None], [False, True], [1, 0, None], ["1", "0", ""]),
        (["1", "0", None], [0, 1], [1, 0, None], ["1", "0", ""]),
        ([True, False], [0, 1], [1, 0], ["true", "false"]),
        (["007", "000"], ["000", "007"], [1, 0], ["007", "000"]),
        ([1, -1], [-1, 1], [1, 0], ["1", "-1"]),
        ([2, 3.5, None], None, [2.0, 3.5, None], ["2", "3.5", ""]),
        ([None, None], [0, 1], [None, None], ["", ""]),
    ],
)
def test_labels_are_the_classes_of_the_model(
    values: list[Any], classes: list[Any] | None, expected: list[Any], texts: list[str]
) -> None:
    """However a document spells them; the table has them as it does."""
    result, warnings = labels(values, classes)
    assert indices(result) == expected
    assert result.texts == texts
    assert (result.num_unknown, result.num_unlabelled) == (0, expected.count(None))
    assert not warnings


def test_some_classes_are_unknown() -> None:
    """They are counted, the commonest first, and measured by no more than those without a label."""
    result, (warning,) = labels(["up", "flat", "side", "flat", None], ["down", "up"])
    assert indices(result) == [1, None, None, None, None]
    assert result.texts == ["up", "flat", "side", "flat", ""]
    assert (result.num_unknown, result.num_unlabelled) == (3, 1)
    assert warning == (
        "3 of 4 labels of 'y' are of classes that the model does not know ('flat', 'side'; it knows down, up): "
        "no measure counts them."
    )


def test_all_classes_are_unknown() -> None:
    """Nothing is measured, and the sentence says so."""
    result, (warning,) = labels([5, 6, 7, 8, 9, 10, 11], [0, 1])
    assert not result.known.any()
    assert warning == (
        "7 of 7 labels of 'y' are of classes that the model does not know ('5', '6', '7', '8', '9' and 2 more; it knows 0, 1): "
        "the predictions are not measured."
    )


def test_texts_where_the_model_predicts_numbers() -> None:
    """Another task: no measures, but the labels are in the table."""
    result, (warning,) = labels(["up", "down", None], None)
    assert not result.known.any()
    assert result.texts == ["up", "down", ""]
    assert warning == (
        "The predictions are not measured: 'y' holds texts such as 'down', and the model predicts numbers."
    )


def test_values_that_are_no_labels() -> None:
    """Objects are said; the graph is predicted for all the same."""
    result, (warning,) = labels([{"a": 1}, {"b": 2}], [0, 1])
    assert (indices(result), result.texts) == ([None, None], ["", ""])
    assert warning.startswith("The predictions are not measured: 'y' of v holds JSON objects")


@pytest.mark.parametrize(("classes", "values"), [([0, 1], [1, -1, 0]), (None, [1.5, -1, 0.25])])
def test_values_that_meant_no_label_in_the_training(classes: list[Any] | None, values: list[Any]) -> None:
    """TARGET_MISSING of the run holds for other graphs."""
    result, warnings = labels(values, classes, ["-1"])
    assert result.known.tolist() == [True, False, True]
    assert result.texts[1] == ""
    assert not warnings


def test_labels_of_several_collections() -> None:
    """In the order of the type; a collection without the attribute has none."""
    graph = typed_graph(
        {
            "v_a": [{"_key": "2", "a": 1, "y": "up"}, {"_key": "4", "a": 1, "y": "down"}],
            "v_b": [{"_key": "1", "a": 1}, {"_key": "3", "a": 1}],
        }
    )
    result, _ = read(graph, ["down", "up"])
    assert result.texts == ["", "up", "", "down"]


@given(
    st.lists(st.sampled_from([None, 0, 1, 1.0, True, "1", "0", "true", "up", "7"]), min_size=1, max_size=20),
    st.sampled_from([[0, 1], [False, True], ["down", "up"], ["0", "1"], None]),
)
def test_every_vertex_is_counted_once(values: list[Any], classes: list[Any] | None) -> None:
    """Known, unknown or without a label; what is said is what is counted."""
    result, warnings = labels(values, classes)
    known = int(result.known.sum())
    assert known + result.num_unknown + result.num_unlabelled == len(values)
    assert bool(warnings) == bool(result.num_unknown) or any("not measured" in warning for warning in warnings)
    if classes is not None:
        assert set(result.y[result.known].tolist()) <= {*range(len(classes))}
