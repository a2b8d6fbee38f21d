"""Gradient boosting finds what is not linear, as far as its time allows."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from tests.training.baselines.problems import NUM, exhausted, inputs, parts_of, patient, problem, words
from trainer.training.baselines.boosting import BoostingPlan, boosting_s, fit_boosting, plan_boosting
from trainer.training.baselines.problem import Fitted, LeftOut, Problem

NUM_ROWS = 900


def fitted(given: Problem, planned_s: float = 10.0) -> Fitted:
    """The baseline of a problem."""
    with threadpool_limits(1):
        outcome = fit_boosting(given, patient(planned_s))
    assert isinstance(outcome, Fitted)
    return outcome


def product() -> Problem:
    """Labels that hang on the product of two features, which no linear model sees."""
    x = inputs(NUM_ROWS)
    return problem(x, (x[:, 0] * x[:, 1] > 0).astype(np.int64))


def test_it_is_scikit_learns_with_the_chosen_iterations() -> None:
    """Trees that are added in stages are those that one fit grows, and they find a product of features."""
    given = product()
    model, train, rows = fitted(given), given.parts["train"], given.parts["test"]
    reference = HistGradientBoostingClassifier(max_iter=model.facts["iterations"], early_stopping=False, random_state=1)
    reference.fit(given.x[train], given.labels[train])
    np.testing.assert_allclose(model.predict(rows), reference.predict_proba(given.x[rows]), rtol=1e-6)
    assert (model.predict(rows).argmax(axis=1) == given.labels[rows]).mean() > 0.9


def test_without_validation_nothing_is_chosen() -> None:
    """As many iterations as usual."""
    model = fitted(problem(inputs(), np.arange(NUM) % 2, parts=parts_of(val=0)))
    assert (model.facts["iterations"], model.facts["chosen_on"]) == (80, None)


@pytest.mark.parametrize(("classes", "is_left_out"), [(20, False), (21, True)])
def test_too_many_classes_leave_it_out(classes: int, is_left_out: bool) -> None:
    """Each class is a tree more in each iteration; why it is missing is said."""
    with threadpool_limits(1):
        outcome = fit_boosting(problem(inputs(NUM_ROWS), np.arange(NUM_ROWS) % classes), patient())
    assert isinstance(outcome, LeftOut) == is_left_out


def test_less_time_means_less_and_is_named() -> None:
    """Columns and rows are given up by the estimate of what they cost, the same every time."""
    given = problem(*words(4000, 300))
    model, again = fitted(given, planned_s=2.0), fitted(given, planned_s=2.0)
    assert "50 of 300 columns" in model.reduced
    assert (model.facts, model.reduced) == (again.facts, again.reduced)


@pytest.mark.parametrize("seconds", [0.5, 3.0, 100.0])
@pytest.mark.parametrize("size", [(700, 5), (1895, 1433), (100_000, 100), (1_000_000, 10)])
def test_a_plan_fits_into_its_time(size: tuple[int, int], seconds: float) -> None:
    """By the estimate, unless it is the smallest plan that there is."""
    plan = plan_boosting(*size, trees=1, predicted=size[0] // 2, seconds=seconds)
    smallest = BoostingPlan(10, min(size[0], 2000), min(size[1], 50))
    assert boosting_s(plan, 1, size[0] // 2) <= seconds or plan == smallest


def test_no_time_leaves_it_out() -> None:
    """When the clock has run out before it began."""
    outcome = fit_boosting(problem(inputs(), np.arange(NUM) % 2), exhausted())
    assert outcome == LeftOut("no time was left for it")
