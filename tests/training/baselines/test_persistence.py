"""Persistence: the last label that was known of the same series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from tests.training.baselines.problems import inputs, patient, problem, times
from trainer.dataset.labels.series import Series
from trainer.training.baselines.persistence import fit_persistence, last_known
from trainer.training.baselines.problem import Fitted, LeftOut, Problem


def series(codes: ArrayLike, name: str = "symbol") -> Series:
    """Series of these codes."""
    return Series(name, np.asarray(codes, dtype=np.int64))


def in_time(
    labels: ArrayLike, moments: Sequence[int | None], codes: ArrayLike | None = None, **changes: Any
) -> Problem:
    """Vertices with these labels at these moments; the last two are validation and test."""
    num = len(np.asarray(labels))
    parts = dict(zip(("train", "val", "test"), np.split(np.arange(num), [num - 2, num - 1]), strict=True))
    values = {"parts": parts, "time": times(moments), "series": series(np.zeros(num) if codes is None else codes)}
    return problem(inputs(num), labels, **values | changes)


def predicted(given: Problem) -> list[float]:
    """The class, or the number, that each vertex gets."""
    outcome = fit_persistence(given, patient())
    assert isinstance(outcome, Fitted)
    scores = outcome.predict(np.arange(len(given.labels)))
    values: list[float] = (scores if given.is_regression else scores.argmax(axis=1)).tolist()
    return values


def test_the_label_before_is_repeated() -> None:
    """In order of time, whatever the order of rows; the first gets what is commonest in training."""
    assert predicted(in_time([1, 0, 0, 1, 0], [50, 10, 20, 40, 30])) == [1, 0, 0, 0, 0]


def test_each_series_has_its_own() -> None:
    """The label of another symbol is no news."""
    assert predicted(in_time([0, 1, 0, 1, 0, 1], [1, 2, 3, 4, 5, 6], [7, 8, 7, 8, 7, 8]))[2:] == [0, 1, 0, 1]


def test_numbers_are_repeated_too() -> None:
    """The first gets the mean of training."""
    assert predicted(in_time([1.0, 2.0, 6.0, 5.0, 7.0], [1, 2, 3, 4, 5])) == [3.0, 1.0, 2.0, 6.0, 5.0]


def test_labels_of_the_same_moment_are_not_known() -> None:
    """Nor is a vertex's own."""
    assert predicted(in_time([0, 1, 1, 0, 1], [1, 2, 2, 3, 3]))[1:] == [0, 0, 1, 1]


@pytest.mark.parametrize(("embargo", "second"), [(0.0, 0), (9.0, 0), (10.0, 1), (11.0, 1)])
def test_a_label_is_known_once_more_than_the_embargo_has_passed(embargo: float, second: int) -> None:
    """It looks ahead so far, and until then nobody knows it."""
    labels = [0, 1, 1, 1, 1]  # 1 is the commonest, and what is predicted without a label
    assert predicted(in_time(labels, [10, 20, 30, 40, 50], embargo=embargo))[1] == second


def test_vertices_without_a_label_or_a_time_are_passed_over() -> None:
    """The last label is that of the last vertex that has one."""
    labelled = np.array([True, True, False, True, True, True])
    assert predicted(in_time([0, 1, 0, 0, 1, 1], [1, 2, 3, None, 5, 6], labelled=labelled))[4] == 1


def test_what_is_missing_is_counted() -> None:
    """Vertices of the parts without an earlier label, and what tells series apart."""
    outcome = fit_persistence(in_time([0, 1, 0, 1, 0], [1, 2, 3, 4, 5], [0, 1, 0, 1, 0]), patient())
    assert isinstance(outcome, Fitted)
    assert outcome.facts == {"series": "symbol", "without_earlier_label": 2}


def test_series_of_one_vertex_leave_it_out() -> None:
    """There is nothing to repeat, and this is said."""
    outcome = fit_persistence(in_time([0, 1, 0, 1, 0], [1, 2, 3, 4, 5], range(5)), patient())
    assert outcome == LeftOut("no vertex has an earlier label of the same symbol")


@pytest.mark.parametrize("absent", ["time", "series"])
def test_without_time_it_has_no_meaning(absent: str) -> None:
    """Nothing is said of it then."""
    changes: dict[str, Any] = {absent: None}
    assert fit_persistence(replace(in_time([0, 1, 0, 1], [1, 2, 3, 4]), **changes), patient()) is None


@given(st.data())
def test_it_is_what_a_search_finds(data: st.DataObject) -> None:
    """Against a loop over all vertices, with gaps in labels and times."""
    num = data.draw(st.integers(1, 12))

    def column(values: st.SearchStrategy[Any]) -> list[Any]:
        return data.draw(st.lists(values, min_size=num, max_size=num))

    codes, labelled = column(st.integers(0, 2)), column(st.booleans())
    moments, embargo = column(st.none() | st.integers(0, 6)), data.draw(st.sampled_from([0.0, 1.0, 2.5]))
    found = last_known(np.array(codes), times(moments), np.array(labelled), embargo).tolist()
    for row, source in enumerate(found):
        earlier = [
            (moments[other], other)
            for other in range(num)
            if moments[row] is not None
            and moments[other] is not None
            and labelled[other]
            and codes[other] == codes[row]
            and moments[other] < moments[row] - int(embargo)
        ]
        assert source == max(earlier, default=(None, -1))[1]
