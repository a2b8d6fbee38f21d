"""Which label is predicted, and the task that its values make."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.composed import build_dataset, judged
from tests.conftest import make_graph, make_settings
from tests.dataset.labels.targets import warned_target
from trainer.dataset.dataset import Dataset
from trainer.dataset.labels.target import Target, find_target
from trainer.dataset.labels.task import MAX_CLASSES
from trainer.dataset.warned import Warned
from trainer.errors import DataError, SettingsError

MISSING = None


def target(labels: list[Any], **values: Any) -> Target:
    """The target that these labels under the name `y` make."""
    return warned_target(labels, **values).value


@pytest.mark.parametrize(
    ("labels", "task", "classes", "y"),
    [
        ([True, False, MISSING], "binary", [False, True], [1, 0, 0]),
        ([0, 1, 1], "binary", [0, 1], [0, 1, 1]),
        ([1.0, 0.0], "binary", [0, 1], [1, 0]),
        (["1", "0", ""], "binary", ["0", "1"], [1, 0, 0]),
        (["True", "False", MISSING], "binary", ["False", "True"], [1, 0, 0]),
        ([1, 1], "binary", [0, 1], [1, 1]),
        ([3, 1, 2, MISSING], "multiclass", [1, 2, 3], [2, 0, 1, 0]),
        ([-1, 1, 1], "multiclass", [-1, 1], [0, 1, 1]),
        ([5.0, 7.0, 9.0], "multiclass", [5, 7, 9], [0, 1, 2]),
        (["5", "7", "10"], "multiclass", ["5", "7", "10"], [0, 1, 2]),
        (["1", 2, "3"], "multiclass", [1, 2, 3], [0, 1, 2]),
        (["000", "007", "010", "7"], "multiclass", ["000", "007", "010", "7"], [0, 1, 2, 3]),
        (["-01", "+02"], "multiclass", ["+02", "-01"], [1, 0]),
        ([[3], [1], MISSING], "multiclass", [1, 3], [1, 0, 0]),
        ([[1], [0]], "binary", [0, 1], [1, 0]),
        ([[0.5], [16541.23], MISSING], "regression", None, [0.5, 16541.23, 0.0]),
        ([[2**40 + 1], [2**40 + 3]], "multiclass", [2**40 + 1, 2**40 + 3], [0, 1]),
        ([[2**62 + 1], [2**62 + 2], MISSING], "multiclass", [2**62 + 1, 2**62 + 2], [0, 1, 0]),
        ([1e20, 3, 4], "multiclass", [3, 4, 1e20], [2, 0, 1]),
        ([[3], 1, MISSING, [2]], "multiclass", [1, 2, 3], [2, 0, 0, 1]),
        ([[True], [False]], "binary", [False, True], [1, 0]),
        ([["up"], ["down"], [None]], "multiclass", ["down", "up"], [1, 0, 0]),
        ([["007"], ["10"]], "multiclass", ["007", "10"], [0, 1]),
        ([2**53 + 1, 2**53 + 2, MISSING], "multiclass", [2**53 + 1, 2**53 + 2], [0, 1, 0]),
        (["up", "down", MISSING, "flat"], "multiclass", ["down", "flat", "up"], [2, 0, 0, 1]),
        (["yes", "no"], "multiclass", ["no", "yes"], [1, 0]),
        (list(range(50)), "multiclass", list(range(50)), list(range(50))),
        (list(range(51)), "regression", None, [float(index) for index in range(51)]),
        ([*range(1, 51), MISSING], "multiclass", list(range(1, 51)), [*range(50), 0]),
        ([0.5, 1.0, MISSING], "regression", None, [0.5, 1.0, 0.0]),
        (["0.5", "16541.23"], "regression", None, [0.5, 16541.23]),
    ],
)
def test_labels_make_the_task(labels: list[Any], task: str, classes: list[Any] | None, y: list[Any]) -> None:
    """Booleans and 0/1, a few integers or texts, other numbers."""
    result = target(labels)
    assert (result.task, result.classes, result.y.tolist()) == (task, classes, y)
    assert result.labelled.tolist() == [label not in (None, "", [None]) for label in labels]


def test_classes_are_plain_values_of_the_stored_type() -> None:
    """Booleans stay booleans, integral doubles become integers: as JSON shows them."""
    assert [type(value) for value in target([True, False]).classes or []] == [bool, bool]
    assert [type(value) for value in target([3.0, 4.0]).classes or []] == [int, int]


@pytest.mark.parametrize(
    ("labels", "task", "classes"),
    [
        ([0, 1, 1], "multiclass", [0, 1]),
        ([0, 1, 1], "regression", None),
        (["no", "yes"], "binary", ["no", "yes"]),
        ([-1, 1], "binary", [-1, 1]),
        ([0.5, 1.5], "multiclass", [0.5, 1.5]),
        (list(range(60)), "multiclass", list(range(60))),
    ],
)
def test_task_overrules_the_look_of_the_labels(labels: list[Any], task: str, classes: list[Any] | None) -> None:
    """TASK says what the values are."""
    result = target(labels, task=task)
    assert (result.task, result.classes) == (task, classes)


@pytest.mark.parametrize(
    ("task", "labels", "outputs"), [("binary", [0, 1], 1), ("multiclass", [0, 1, 2], 3), ("regression", [0.5, 2], 1)]
)
def test_width_of_the_last_layer(task: str, labels: list[Any], outputs: int) -> None:
    """One logit, one score per class, one number."""
    assert target(labels, task=task).num_outputs == outputs


@pytest.mark.parametrize(
    ("labels", "values", "sentence"),
    [
        ([0, 1, 2], {"task": "binary"}, "3 distinct labels, and TASK=binary needs two"),
        (["a", "b"], {"task": "regression"}, "holds texts such as"),
        ([[1.0, 2.0], [2.0, 1.0]], {}, "holds arrays"),
        ([{"a": 1}], {}, "holds JSON objects"),
        ([1, "b"], {}, "holds texts such as 'b' among numbers"),
        ([f"id{index}" for index in range(1001)], {}, "too many for classes"),
        ([0, 1], {"target": "nope"}, "no attribute TARGET='nope'"),
        ([0, 1], {"target": "yy"}, "did you mean 'y'"),
    ],
)
def test_labels_that_do_not_serve_are_refused(labels: list[Any], values: dict[str, Any], sentence: str) -> None:
    """What cannot be learned ends the run with a sentence that names the label."""
    with pytest.raises(DataError, match=sentence):
        target(labels, **values)


@pytest.mark.parametrize("task", ["auto", "multiclass"])
def test_as_many_classes_as_there_may_be(task: str) -> None:
    """A thousand texts are classes; one more is an identifier, and refused."""
    labels = [f"id{index:04}" for index in range(MAX_CLASSES)]
    assert target(labels, task=task).classes == labels
    with pytest.raises(DataError, match="holds 1001 distinct values, too many for classes"):
        target([*labels, "one more"], task=task)


def test_label_without_any_value_is_refused() -> None:
    """All labels missing is no label."""
    table = judged(make_graph([{"y": None, "a": 1}]))
    with pytest.raises(DataError, match="has no value in any document"):
        find_target(make_settings(target="y").data, make_settings().training, table)


@pytest.mark.parametrize(
    ("labels", "values"),
    [
        ([0, 1], {"loss_fn": "mse"}),
        ([0, 1, 2], {"loss_fn": "binary_crossentropy"}),
        ([0.5, 1.5], {"loss_fn": "cross_entropy"}),
        ([0.5, 1.5], {"class_weights": "balanced"}),
    ],
)
def test_loss_that_does_not_fit_the_labels_is_a_settings_error(labels: list[Any], values: dict[str, Any]) -> None:
    """TASK=auto is decided first, then the loss must fit it."""
    with pytest.raises(SettingsError, match=next(iter(values)).upper()):
        target(labels, **values)


def test_class_that_training_lacks_is_warned_of() -> None:
    """What only later parts hold cannot be learned; what only training holds can."""
    labels = ["early", "down", "up"] * 4 + ["down", "up", "down", "up"] + ["down", "up", "late", "late"]
    graph = make_graph([{"ts": index, "a": index * index % 7, "y": label} for index, label in enumerate(labels)])
    values = {"target": "y", "split": "temporal", "val_ratio": 0.2, "test_ratio": 0.2}
    dataset = build_dataset(graph, make_settings(**values))
    assert [sentence for sentence in dataset.inputs.warnings if "class" in sentence] == [
        "The training part has no vertex of class late; it cannot be learned."
    ]


def chosen(*attributes: str) -> Warned[Target]:
    """The label that is chosen among these attributes without TARGET, and the warnings."""
    table = judged(make_graph([dict.fromkeys(attributes, index) for index in range(3)]))
    return find_target(make_settings().data, make_settings().training, table)


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        (("price_up", "y", "label", "target"), "target"),
        (("price_up", "y", "label"), "label"),
        (("price_up", "y", "future_x", "future_y"), "y"),
        (("rsi", "price_up"), "price_up"),
        (("rsi", "future_volatility"), "future_volatility"),
    ],
)
def test_label_is_recognised_by_its_name(attributes: tuple[str, ...], name: str) -> None:
    """The usual names in their order, else the only `future_*`; a warning says so."""
    target, warnings = chosen(*attributes)
    assert target.name == name
    assert warnings == (f"TARGET is not set; {name!r} is predicted.",)


def test_several_candidates_are_listed() -> None:
    """Two futures: TARGET has to decide."""
    with pytest.raises(DataError, match="one of: future_a, future_b"):
        chosen("rsi", "future_a", "future_b")


def test_no_candidate_lists_the_attributes() -> None:
    """No label-like name: every attribute could be meant."""
    with pytest.raises(DataError, match="one of: rsi, vwap"):
        chosen("rsi", "vwap")


def test_regression_labels_stay_exact() -> None:
    """Labels keep their 64 bits until they are scaled."""
    assert target([1.1, 2.2, 16541.23]).y.dtype == np.float64


def regression(labels: list[float]) -> Dataset:
    """The dataset of these labels in the order of time, the first 70 % of them in training."""
    documents = [{"ts": index, "a": index % 3, "y": label} for index, label in enumerate(labels)]
    return build_dataset(make_graph(documents), make_settings(target="y", task="regression"))


@pytest.mark.parametrize("label", [0.0, 0.1, 3e7])
def test_labels_that_are_all_the_same_teach_nothing(label: float) -> None:
    """Also where their mean, and so their deviation, differs by rounding alone; what comes after training is no matter."""
    with pytest.raises(DataError, match="All labels of 'y' in the training part are equal"):
        regression([label] * 14 + [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])


@pytest.mark.parametrize("level", [0.0, 1e6, 1e10])
def test_small_differences_between_large_labels_are_learned(level: float) -> None:
    """Prices of a billion that differ by one are scaled by their differences, not by their size."""
    dataset = regression([level + index % 4 for index in range(20)])
    train = dataset.split.mask("train")
    assert dataset.y[train].std() == pytest.approx(1, rel=1e-5)
    assert dataset.y[train].mean() == pytest.approx(0, abs=1e-5)
