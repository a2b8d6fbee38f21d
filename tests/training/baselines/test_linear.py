"""The linear baseline is as good as a linear model gets: scaled, and its strength chosen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits

from tests.training.baselines.problems import NUM, exhausted, inputs, parts_of, patient, problem, words
from trainer.training.baselines.linear import fit_linear
from trainer.training.baselines.linear_fits import ridge_fits
from trainer.training.baselines.problem import Fitted, Problem

STRENGTHS = [10.0**power for power in range(-3, 4)]


def fitted(given: Problem, planned_s: float = 10.0) -> Fitted:
    """The linear baseline of a problem."""
    with threadpool_limits(1):
        outcome = fit_linear(given, patient(planned_s))
    assert isinstance(outcome, Fitted)
    return outcome


def accuracy(given: Problem, model: Fitted, part: str) -> float:
    """The accuracy of a baseline."""
    rows = given.parts[part]
    return float((model.predict(rows).argmax(axis=1) == given.labels[rows]).mean())


def chosen_reference(given: Problem, part: str) -> float:
    """Accuracy of scikit-learn's model with its C chosen on the validation part, inputs as they are."""
    x, y, parts = given.x, given.labels, given.parts
    models = [LogisticRegression(C=c, max_iter=1000).fit(x[parts["train"]], y[parts["train"]]) for c in STRENGTHS]
    best = max(models, key=lambda model: model.score(x[parts["val"]], y[parts["val"]]))
    return float(best.score(x[parts[part]], y[parts[part]]))


@pytest.mark.parametrize(("num", "width", "seed"), [(1200, 300, 0), (1200, 600, 1), (1500, 800, 0)])
def test_small_columns_of_words_are_learned_from(num: int, width: int, seed: int) -> None:
    """On row-normalised words it reaches the model whose C was chosen, which the default C is far below."""
    x, y = words(num, width, seed=seed)
    given = problem(x, y, parts=parts_of(num, 0.15, 0.15))
    ours, train, test = fitted(given), given.parts["train"], given.parts["test"]
    with threadpool_limits(1):
        plain = LogisticRegression(max_iter=200).fit(x[train], y[train]).score(x[test], y[test])
        reference = chosen_reference(given, "test")
    assert accuracy(given, ours, "test") >= reference - 0.02
    assert accuracy(given, ours, "test") >= plain + 0.1


@pytest.mark.parametrize("regression", [False, True])
def test_columns_of_any_unit_count_alike(regression: bool) -> None:
    """A column in millionths and one in millions are both learned from, because inputs are standardised."""
    x = inputs(600)
    score = x @ np.array([1.0, -2.0, 0.5])
    y = score.astype(np.float64) if regression else (score > 0).astype(np.int64)
    given = problem(x * np.array([1e-6, 1.0, 1e6]) + np.array([0, 0, 5e6]), y)
    model, rows = fitted(given), given.parts["test"]
    if regression:
        assert sk.r2_score(y[rows], model.predict(rows)) > 0.99
    else:
        assert accuracy(given, model, "test") > 0.95
    assert model.facts["standardised"]


def test_without_validation_nothing_is_chosen() -> None:
    """The strength is scikit-learn's default, and the record says that it was not chosen."""
    model = fitted(problem(inputs(), np.arange(NUM) % 2, parts=parts_of(val=0)))
    assert (model.facts["strength"], model.facts["chosen_on"], model.facts["standardised"]) == (1.0, None, True)


@given(st.integers(0, 2**32 - 1), st.booleans(), st.sampled_from([1e-3, 1.0, 1e3]))
def test_ridge_is_scikit_learns(seed: int, is_wide: bool, strength: float) -> None:
    """With more rows than columns and the other way round."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(12, 30) if is_wide else (30, 4)) * random.uniform(0.1, 10) + random.normal()
    y = random.normal(size=len(x)) * 100 + 7
    (fit,) = ridge_fits(x, y, [strength])
    np.testing.assert_allclose(fit.predict(x), Ridge(alpha=strength).fit(x, y).predict(x), rtol=1e-6, atol=1e-6)


def test_less_time_means_less_and_is_named() -> None:
    """Rows and columns are given up by the estimate of what they cost, the same every time."""
    given = problem(*words(4000, 300))
    model, again = fitted(given, planned_s=0.5), fitted(given, planned_s=0.5)
    assert any("training vertices" in words for words in model.reduced)
    assert any("columns" in words for words in model.reduced)
    assert (model.facts, model.reduced) == (again.facts, again.reduced)


def test_the_clock_ends_what_takes_too_long() -> None:
    """One trial is always made, and the record says how many were."""
    outcome = fit_linear(problem(inputs() + 1, np.arange(NUM) % 2), exhausted())
    assert isinstance(outcome, Fitted)
    assert outcome.reduced == ["1 of 14 trials, for want of time"]


def test_rare_class_survives_the_sampling() -> None:
    """A sample without the rare class would leave nothing to tell apart; a baseline never ends a run."""
    labels = np.zeros(600_000, dtype=np.int64)
    labels[[5, 500_000, 590_000]] = 1
    given = problem(inputs(600_000), labels)
    model = fitted(given, planned_s=0.3)
    assert model.facts["rows_used"] < 400_000
    assert accuracy(given, model, "test") > 0.9
