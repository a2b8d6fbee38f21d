"""All baselines of a dataset: on the same inputs and parts as the model, and the same every time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import threadpoolctl

from tests.training.baselines.problems import NUM, inputs, patient, problem
from tests.training.conftest import TASKS, small_dataset, with_x
from trainer.dataset.dataset import Dataset
from trainer.process.stop import StopRequested, StopToken
from trainer.training.baselines import measuring
from trainer.training.baselines.measuring import Baseline, Measured, measure_baselines
from trainer.training.baselines.problem import Fitted
from trainer.training.baselines.simple import fit_majority, fit_mean


def measured(dataset: Dataset, **changes: Any) -> Measured:
    """The baselines of a dataset."""
    values: dict[str, Any] = {"embargo": 0, "seed": 1, "training_s": 0, "stop": StopToken()} | changes
    return measure_baselines(dataset, **values)


@pytest.mark.parametrize("task", TASKS)
def test_every_baseline_of_a_task(task: str) -> None:
    """The simple one, the last known label, the linear model and the trees, each with a phrase for the verdict."""
    found = measured(small_dataset(task))
    simple = "mean" if task == "regression" else "majority_class"
    assert list(found.measures) == [simple, "persistence", "linear", "gradient_boosting"]
    assert found.phrases.keys() == found.measures.keys()
    assert found.left_out == {}


@pytest.mark.parametrize("task", TASKS)
def test_they_are_the_same_every_time(task: str) -> None:
    """Whatever the clock says, as long as the training was short; and however long within a tenth."""
    dataset = small_dataset(task)
    assert measured(dataset) == measured(dataset, training_s=150)


def test_majority_class_is_that_of_training() -> None:
    """Its accuracy is the share of training's commonest class, even where another one is the commonest."""
    given = problem(inputs(), np.array([1] * 150 + [0] * 150))
    outcome = fit_majority(given, patient())
    assert isinstance(outcome, Fitted)
    np.testing.assert_allclose(outcome.predict(given.parts["test"]), [[0.25, 0.75]] * 50)
    assert fit_mean(given, patient()) is None


def test_mean_is_that_of_training() -> None:
    """The same number for all."""
    given = problem(inputs(), np.arange(float(NUM)))
    outcome = fit_mean(given, patient())
    assert isinstance(outcome, Fitted)
    np.testing.assert_allclose(outcome.predict(given.parts["test"]), 99.5)
    assert fit_majority(given, patient()) is None


@pytest.mark.parametrize("task", TASKS)
def test_vertices_without_features_have_baselines_too(task: str) -> None:
    """The fitted ones say the same of all, like the mean and the majority."""
    dataset = small_dataset(task)
    found = measured(with_x(dataset, dataset.inputs.x[:, :0])).measures
    simple = found["mean" if task == "regression" else "majority_class"]
    measure = "mae" if task == "regression" else "accuracy"
    for name in ("linear", "gradient_boosting"):
        assert found[name]["test"][measure] == pytest.approx(simple["test"][measure])


def test_part_without_vertices_is_null() -> None:
    """No validation: no measures of it, and nothing is chosen on it."""
    dataset = small_dataset(val_ratio=0.0)
    for measures in measured(dataset).measures.values():
        assert measures["val"] is None
        assert measures.get("chosen_on") is None


def test_class_that_training_lacks_has_a_column_all_the_same() -> None:
    """The baselines that learn never say it, and are measured where it occurs."""
    dataset = small_dataset("multiclass")
    y, num_classes = dataset.target.y.copy(), len(dataset.target.classes or [])
    y[dataset.split.mask("train")] %= 2
    y[dataset.split.mask("test")] = num_classes - 1
    found = measured(replace(dataset, target=replace(dataset.target, y=y))).measures
    for name in ("majority_class", "linear", "gradient_boosting"):
        assert found[name]["test"]["accuracy"] == 0
        assert np.array(found[name]["test"]["confusion_matrix"]).shape == (num_classes, num_classes)


def test_measures_are_about_the_positive_class() -> None:
    """The same as the model's, or they could not be compared."""
    dataset = small_dataset()
    first, second = (
        measured(replace(dataset, target=replace(dataset.target, positive=positive))).measures["majority_class"]
        for positive in (0, 1)
    )
    assert (first["train"]["recall"], second["train"]["recall"]) in ((0, 1), (1, 0))


def test_a_stop_between_two_baselines_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows is not begun."""
    stop = StopToken()

    def asks_to_stop(*_given: object) -> None:
        stop.request("SIGTERM", 143)

    def is_never_reached(*_given: object) -> None:
        raise AssertionError("it went on after the stop")

    first, second = (Baseline("mean", "Mean", "the mean", fit) for fit in (asks_to_stop, is_never_reached))
    monkeypatch.setattr(measuring, "BASELINES", (first, second))
    with pytest.raises(StopRequested):
        measured(small_dataset(), stop=stop)


def test_one_thread_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums in BLAS come out the same with any number of cores, and busy neighbours do not slow it down."""
    threads: list[int] = []

    def counts_threads(*_given: object) -> None:
        threads.extend(pool["num_threads"] for pool in threadpoolctl.threadpool_info())

    monkeypatch.setattr(measuring, "BASELINES", (Baseline("mean", "Mean", "the mean", counts_threads),))
    measured(small_dataset())
    assert {*threads} == {1}
