"""The measures are scikit-learn's, and null where they are not defined."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from trainer.training.metrics import Predictions, curves

PROBABILITIES = st.lists(st.floats(0, 1, width=32), min_size=8, max_size=40)


def binary(labels: list[int], probabilities: list[float], positive: int = 1) -> Predictions:
    """Predictions of two classes, with the probabilities of the second."""
    p = np.array(probabilities)
    return Predictions("binary", np.array(labels), np.stack([1 - p, p], axis=1), positive)


@given(PROBABILITIES, st.randoms(use_true_random=False))
def test_measures_of_two_classes(probabilities: list[float], random: Any) -> None:
    """Accuracy, balanced accuracy, F1, ROC-AUC, average precision, confusion matrix, counts."""
    labels = [0, 1, *(random.randint(0, 1) for _ in probabilities[2:])]
    found = binary(labels, probabilities).measure([False, True])
    predicted = (np.array(probabilities) > 0.5).astype(int)
    assert found["num"] == len(labels)
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(labels, predicted))
    assert found["balanced_accuracy"] == pytest.approx(sk.balanced_accuracy_score(labels, predicted))
    assert found["f1_macro"] == pytest.approx(sk.f1_score(labels, predicted, average="macro", zero_division=0))
    assert found["roc_auc"] == pytest.approx(sk.roc_auc_score(labels, probabilities))
    assert found["average_precision"] == pytest.approx(sk.average_precision_score(labels, probabilities))
    assert found["confusion_matrix"] == sk.confusion_matrix(labels, predicted, labels=[0, 1]).tolist()
    assert found["class_counts"] == {"false": labels.count(0), "true": labels.count(1)}


@pytest.mark.parametrize("positive", [0, 1])
@pytest.mark.parametrize("task", ["binary", "multiclass"])
@given(PROBABILITIES, st.randoms(use_true_random=False))
def test_measures_of_the_positive_class(task: str, positive: int, probabilities: list[float], random: Any) -> None:
    """Average precision, precision, recall and F1 are about it, the first class or the second."""
    labels = [0, 1, *(random.randint(0, 1) for _ in probabilities[2:])]
    predictions = replace(binary(labels, probabilities, positive), task=task)
    found = predictions.measure(["fraud", "normal"])
    of = {"y_true": np.array(labels) == positive, "y_pred": predictions.scores.argmax(axis=1) == positive}
    expected = sk.average_precision_score(of["y_true"], predictions.scores[:, positive])
    assert found["average_precision"] == pytest.approx(expected)
    assert (found["precision"] or 0) == pytest.approx(sk.precision_score(**of, zero_division=0))
    assert found["recall"] == pytest.approx(sk.recall_score(**of))
    assert found["f1"] == pytest.approx(sk.f1_score(**of))
    assert (found["precision"] is None) == (not of["y_pred"].any())


@given(st.lists(st.integers(0, 64).map(lambda number: number / 64), min_size=8, max_size=40))
def test_area_and_matrix_do_not_depend_on_the_positive_class(probabilities: list[float]) -> None:
    """Classes stay in order, and one class ranks as well as the other."""
    labels = [place % 2 for place in range(len(probabilities))]
    one, other = (binary(labels, probabilities, positive).measure(["a", "b"]) for positive in (0, 1))
    assert one["roc_auc"] == pytest.approx(other["roc_auc"])
    names = ("accuracy", "balanced_accuracy", "f1_macro", "confusion_matrix", "class_counts")
    assert [one[name] for name in names] == [other[name] for name in names]


@given(st.integers(0, 2**32 - 1))
def test_measures_of_several_classes(seed: int) -> None:
    """Areas are the mean of one class against the rest, as scikit-learn's `ovr` with `macro`."""
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(4), random.integers(0, 4, 26)])
    scores = random.dirichlet(np.ones(4), len(labels))
    found = Predictions("multiclass", labels, scores).measure(["a", "b", "c", "d"])
    predicted = scores.argmax(axis=1)
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(labels, predicted))
    assert found["balanced_accuracy"] == pytest.approx(sk.balanced_accuracy_score(labels, predicted))
    assert found["f1_macro"] == pytest.approx(sk.f1_score(labels, predicted, average="macro", zero_division=0))
    assert found["roc_auc"] == pytest.approx(sk.roc_auc_score(labels, scores, multi_class="ovr", average="macro"))
    precision = sk.average_precision_score(np.eye(4)[labels], scores, average="macro")
    assert found["average_precision"] == pytest.approx(precision)
    assert found["confusion_matrix"] == sk.confusion_matrix(labels, predicted, labels=range(4)).tolist()


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from([51, 80, 120]))
def test_measures_of_many_classes(seed: int, num: int) -> None:
    """They are scikit-learn's as well, by class and over all classes that occur; equal scores are no special case."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, num, 200)
    scores = random.integers(0, 9, (200, num)) / 8
    names = [f"class {index}" for index in range(num)]
    found = Predictions("multiclass", labels, scores).measure(names)
    predicted, occur = scores.argmax(axis=1), np.unique(labels)
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(labels, predicted))
    recalls = sk.recall_score(labels, predicted, labels=occur, average=None, zero_division=0)
    assert found["balanced_accuracy"] == pytest.approx(recalls.mean())
    assert found["f1_macro"] == pytest.approx(sk.f1_score(labels, predicted, average="macro", zero_division=0))
    areas = [sk.roc_auc_score(labels == index, scores[:, index]) for index in occur]
    assert found["roc_auc"] == pytest.approx(np.mean(areas))
    precisions = [sk.average_precision_score(labels == index, scores[:, index]) for index in occur]
    assert found["average_precision"] == pytest.approx(np.mean(precisions))
    by_class = {"labels": range(num), "average": None, "zero_division": 0}
    for name, measure in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
        expected = measure(labels, predicted, **by_class)
        np.testing.assert_allclose([value or 0 for value in found["by_class"][name]], expected, atol=5.1e-5)
    matrix = sk.confusion_matrix(labels, predicted, labels=range(num))
    np.fill_diagonal(matrix, 0)
    pairs = found["most_confused"]
    assert [pair["vertices"] for pair in pairs] == sorted(matrix[matrix > 0].tolist(), reverse=True)[:50]
    for pair in pairs:
        assert matrix[names.index(pair["true"]), names.index(pair["predicted"])] == pair["vertices"]
    assert "confusion_matrix" not in found


def test_class_that_a_part_lacks_is_left_out_of_the_areas() -> None:
    """The mean is over the classes that are there; the matrix and the counts show all of them."""
    labels = np.array([0, 0, 1, 1])
    scores = np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
    found = Predictions("multiclass", labels, scores).measure(["a", "b", "c"])
    expected = np.mean([sk.roc_auc_score(labels == place, scores[:, place]) for place in (0, 1)])
    assert found["roc_auc"] == pytest.approx(expected)
    assert found["class_counts"] == {"a": 2, "b": 2, "c": 0}
    assert np.array(found["confusion_matrix"]).shape == (3, 3)


@pytest.mark.parametrize("label", [0, 1])
def test_areas_of_one_class_are_null(label: int) -> None:
    """Ranking needs something to rank against."""
    found = binary([label] * 4, [0.1, 0.6, 0.7, 0.9]).measure([0, 1])
    assert (found["roc_auc"], found["average_precision"]) == (None, None)
    assert found["recall"] == (0.75 if label else None)
    assert found["accuracy"] == (0.75 if label else 0.25)


@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=3, max_size=30))
def test_measures_of_numbers(pairs: list[tuple[float, float]]) -> None:
    """MAE, RMSE and R²."""
    true, predicted = np.array([(0.0, 1.0), (10.0, 9.0), *pairs]).T
    found = Predictions("regression", true, predicted).measure(None)
    assert found == {
        "num": len(true),
        "mae": pytest.approx(sk.mean_absolute_error(true, predicted)),
        "rmse": pytest.approx(sk.root_mean_squared_error(true, predicted)),
        "r2": pytest.approx(sk.r2_score(true, predicted)),
    }


@pytest.mark.parametrize("true", [[3.0], [3.0, 3.0, 3.0]])
def test_r2_without_spread_is_null(true: list[float]) -> None:
    """One label, or equal ones, leave R² undefined."""
    found = Predictions("regression", np.array(true), np.array(true) + 1).measure(None)
    assert (found["mae"], found["rmse"], found["r2"]) == (1, 1, None)


def test_measures_are_plain_values() -> None:
    """They go to JSON as they are."""
    found = binary([0, 1, 1], [0.2, 0.4, 0.9]).measure([0, 1])
    assert {type(value) for value in found.values()} <= {int, float, list, dict}


@pytest.mark.parametrize("positive", [0, 1])
@given(PROBABILITIES)
def test_roc_curve_has_the_area_that_is_reported(positive: int, probabilities: list[float]) -> None:
    """What the report draws encloses what it says."""
    labels = [place % 2 for place in range(len(probabilities))]
    predictions = binary(labels, probabilities, positive)
    roc = curves(predictions, "test")["roc"]
    assert roc["part"] == "test"
    assert sk.auc(roc["fpr"], roc["tpr"]) == pytest.approx(predictions.measure([0, 1])["roc_auc"])


def test_no_roc_curve_of_one_class() -> None:
    """Nothing is drawn where nothing is defined."""
    assert curves(binary([1, 1], [0.5, 0.6]), "test") == {"roc": None, "predicted_vs_true": None}


def test_scatter_is_a_sample_of_the_predictions() -> None:
    """At most a thousand points, each a true pair, the first and the last among them."""
    true = np.arange(5000.0)
    scatter = curves(Predictions("regression", true, true * 2), "test")["predicted_vs_true"]
    assert len(scatter["true"]) == 1000
    assert (scatter["true"][0], scatter["true"][-1]) == (0, 4999)
    assert scatter["predicted"] == [value * 2 for value in scatter["true"]]
