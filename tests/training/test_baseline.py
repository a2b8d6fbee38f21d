"""What can be had without the graph is measured fairly: on the same inputs and parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as sk
from sklearn.linear_model import LogisticRegression, Ridge

from trainer.training import baseline
from trainer.training.baseline import measure_baselines

NUM = 300


def masks(num: int = NUM) -> dict[str, NDArray[np.bool_]]:
    """The first two thirds are training, then validation and test."""
    place = np.arange(num) * 6 // num
    return {"train": place < 4, "val": place == 4, "test": place == 5}


def inputs() -> NDArray[np.float32]:
    """Random features."""
    return np.random.default_rng(0).normal(size=(NUM, 3)).astype(np.float32)


def test_majority_class_is_that_of_training() -> None:
    """Its accuracy is the share of training's commonest class, even where another one is the commonest."""
    labels = np.array([1] * 150 + [0] * 150)
    found = measure_baselines(inputs(), labels, masks(), "binary", [0, 1], 1)["majority_class"]
    assert found["train"]["accuracy"] == pytest.approx(0.75)
    assert found["test"]["accuracy"] == 0
    assert found["train"]["roc_auc"] == 0.5


def test_mean_is_that_of_training() -> None:
    """Its R² is 0 in training; its error elsewhere is the distance to training's mean."""
    labels = np.arange(float(NUM))
    found = measure_baselines(inputs(), labels, masks(), "regression", None, 1)["mean"]
    assert found["train"]["r2"] == pytest.approx(0)
    assert found["test"]["mae"] == pytest.approx(np.mean(labels[250:] - labels[:200].mean()))


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_linear_model_of_classes_is_scikit_learns(task: str) -> None:
    """A logistic regression of the model's own inputs, learned from training only."""
    x = inputs()
    labels = (x @ [1.0, -2.0, 0.5] > 0).astype(np.int64) + (0 if task == "binary" else (x[:, 2] > 1))
    classes = list(range(int(labels.max()) + 1))
    found = measure_baselines(x, labels, masks(), task, classes, 1)["linear"]
    reference = LogisticRegression(max_iter=200).fit(x[:200], labels[:200])
    for part, rows in (("val", slice(200, 250)), ("test", slice(250, 300))):
        expected = sk.accuracy_score(labels[rows], reference.predict(x[rows]))
        assert found[part]["accuracy"] == pytest.approx(expected)
    assert found["test"]["accuracy"] > found["test"]["class_counts"]["0"] / 50 + 0.2
    assert found["rows_used"] == 200


def test_linear_model_of_numbers_is_scikit_learns() -> None:
    """A ridge regression."""
    x = inputs()
    labels = (x @ [1.0, -2.0, 0.5]).astype(np.float64) * 100 + 7
    found = measure_baselines(x, labels, masks(), "regression", None, 1)["linear"]
    predicted = Ridge().fit(x[:200], labels[:200]).predict(x[250:])
    assert found["test"]["mae"] == pytest.approx(sk.mean_absolute_error(labels[250:], predicted), rel=1e-4)
    assert found["test"]["r2"] > 0.99


def test_class_that_training_lacks_has_a_column_all_the_same() -> None:
    """The baselines never say it, and are measured where it occurs."""
    labels = np.array([0, 1] * 125 + [2] * 50)
    found = measure_baselines(inputs(), labels, masks(), "multiclass", ["a", "b", "c"], 1)
    for model in ("majority_class", "linear"):
        assert found[model]["test"]["accuracy"] == 0
        assert np.array(found[model]["test"]["confusion_matrix"]).shape == (3, 3)


def test_part_without_vertices_is_null() -> None:
    """No validation, no measures of it."""
    parts = masks() | {"val": np.zeros(NUM, dtype=bool)}
    found = measure_baselines(inputs(), np.arange(NUM) % 2, parts, "binary", [0, 1], 1)
    assert found["linear"]["val"] is None
    assert found["majority_class"]["val"] is None


def large(labels: NDArray[Any]) -> dict[str, Any]:
    """Baselines of more rows than the linear model may learn from."""
    x = np.random.default_rng(0).normal(size=(len(labels), 2)).astype(np.float32)
    return measure_baselines(x, labels, masks(len(labels)), "binary", [0, 1], 1)


def test_linear_model_learns_from_a_sample_of_a_large_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound keeps the time of a baseline small; how many rows it had is said."""
    monkeypatch.setattr(baseline, "MAX_CELLS", 10)
    assert 1000 <= large(np.arange(6000) % 2)["linear"]["rows_used"] <= 1002  # one more of each class, perhaps


def test_wide_inputs_make_a_smaller_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound is of rows times columns, for that is what takes memory and time."""
    monkeypatch.setattr(baseline, "MAX_CELLS", 4000)
    assert 2000 <= large(np.arange(6000) % 2)["linear"]["rows_used"] <= 2002


def test_sample_of_numbers_keeps_to_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers have no classes of which one each must be in it."""
    monkeypatch.setattr(baseline, "MAX_CELLS", 10)
    x = np.random.default_rng(0).normal(size=(6000, 2)).astype(np.float32)
    measures = measure_baselines(x, x[:, 0].astype(np.float64), masks(6000), "regression", None, 1)
    assert measures["linear"]["rows_used"] == 1000
    assert measures["linear"]["test"]["r2"] > 0.99


def test_rare_class_survives_the_sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample without the rare class would leave nothing to tell apart; a baseline never ends a run."""
    monkeypatch.setattr(baseline, "MAX_CELLS", 10)
    labels = np.zeros(60_000, dtype=np.int64)
    labels[[5, 50_000, 59_000]] = 1
    assert large(labels)["linear"]["train"]["accuracy"] > 0.9


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_vertices_without_features_have_a_linear_model_too(task: str) -> None:
    """It says the same of all, like the mean and the majority."""
    labels = (np.arange(NUM) % 3 == 0).astype(np.int64 if task == "binary" else np.float64)
    classes = [0, 1] if task == "binary" else None
    found = measure_baselines(inputs()[:, :0], labels, masks(), task, classes, 1)
    simple = found["majority_class" if task == "binary" else "mean"]
    measure = "accuracy" if task == "binary" else "mae"
    assert found["linear"]["test"][measure] == pytest.approx(simple["test"][measure])
