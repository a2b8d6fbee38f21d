"""Labels that mean "no label": said by TARGET_MISSING, or only suspected."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dataset.labels.targets import given_back, warned_target
from trainer.errors import DataError


@pytest.mark.parametrize(
    ("labels", "missing", "classes"),
    [
        ([-1, 0, 1, 2], ["-1"], [0, 1, 2]),
        ([-1, 0, 1], ["-1"], [0, 1]),
        ([-1.0, 0.5, 2.5], ["-1"], [0.5, 2.5]),
        (["up", "down", "unknown"], ["unknown"], ["down", "up"]),
        (["1", "0", "-1"], ["-1"], ["0", "1"]),
        (["1.0", "0.0", "-1.0"], ["-1"], ["0.0", "1.0"]),
        (["a", "b", "nan", "not known"], ['["nan", "not known"]'], ["a", "b"]),
        (["true", "false", "?"], ["?"], ["false", "true"]),
        (["3", "10", "n/a"], ["n/a"], ["3", "10"]),
        ([1, 0, "?", "?", "?"], ["?"], [0, 1]),
        ([True, "unset", "unset"], ["unset"], [False, True]),
        ([7, 8, "none of these", "none of these"], ['["none of these"]'], [7, 8]),
        (["007", "010", "-1"], ["-1"], ["007", "010"]),
        ([-1, "-1", 0, 1], ["-1"], [0, 1]),
        ([[-1], [0], [2]], ["-1"], [0, 2]),
        ([[-1], ["-1"], [0], [2]], ["-1"], [0, 2]),
        ([["up"], ["down"], ["?"]], ["?"], ["down", "up"]),
        ([-1, 0, 1], ["-1.0"], [0, 1]),
        ([-1.0, 0, 1], ["-1"], [0, 1]),
        (["-1", "-1.0", "-01", "3"], ["-1.0"], ["-01", "3"]),
        ([2**53 + 1, 2**53, 5], ["9007199254740992.0"], [5, 2**53 + 1]),
        ([[2**53 + 1], [2**53], [5]], [str(2**53)], [5, 2**53 + 1]),
        ([1e20, 7, 8], [str(10**20)], [7, 8]),
        ([2**53 + 1, 2**53 + 3, 2**53 + 5], [str(2**53 + 3)], [2**53 + 1, 2**53 + 5]),
    ],
)
def test_values_of_target_missing_are_no_labels(labels: list[Any], missing: list[str], classes: list[Any]) -> None:
    """Such vertices have no label, and what remains is judged as if they had none."""
    target, warnings = warned_target(
        labels, target_missing=missing, task="auto" if classes != [0.5, 2.5] else "multiclass"
    )
    assert target.classes == classes
    assert [label if label in classes else None for label in given_back(target)] == given_back(target)
    single = [label[0] if isinstance(label, list) else label for label in labels]
    assert target.labelled.tolist() == [label in classes for label in single]
    assert not warnings, "what the user said is no surprise"


@pytest.mark.parametrize(
    ("labels", "task"), [([-1, 0, 1], "binary"), (["true", "false", "?"], "binary"), ([0.5, -999, 7], "regression")]
)
def test_task_is_that_of_the_remaining_labels(labels: list[Any], task: str) -> None:
    """-1 beside 0 and 1 is three classes, but two with TARGET_MISSING=-1."""
    assert warned_target(labels, target_missing=["-1", "?", "-999"]).value.task == task


def test_missing_number_is_not_learned_as_a_quantity() -> None:
    """Regression labels have sentinels, too."""
    target = warned_target([0.5, -999, 7.25], target_missing=["-999"]).value
    assert (target.y.tolist(), target.labelled.tolist()) == ([0.5, 0.0, 7.25], [True, False, True])


def test_letter_case_counts() -> None:
    """`None` is not `none`: only what is named is meant."""
    target, warnings = warned_target(["a", "b", "None", "none"], target_missing=["none"])
    assert target.classes == ["None", "a", "b"]
    assert "1 are 'None'" in warnings[0]


def test_value_that_no_label_has_is_said() -> None:
    """A typo does not pass in silence."""
    assert warned_target(["a", "b"], target_missing=["unknwon"]).warnings == (
        "TARGET_MISSING names unknwon, and no label of 'y' is that.",
    )


def test_no_label_that_remains_is_refused() -> None:
    """There is nothing to learn."""
    with pytest.raises(DataError, match="no value besides those of TARGET_MISSING"):
        warned_target(["a", "b", None], target_missing=["a", "b"])


@pytest.mark.parametrize(
    ("labels", "listed", "setting"),
    [
        ([-1, -1, 0, 1, 2], "2 are '-1'", "TARGET_MISSING=-1"),
        ([-1, 0, 1], "1 are '-1'", "TARGET_MISSING=-1"),
        ([-1, 1, 2, 3], "1 are '-1'", "TARGET_MISSING=-1"),
        (["-1", "0", "1"], "1 are '-1'", "TARGET_MISSING=-1"),
        (["up", "down", "nan", "nan"], "2 are 'nan'", "TARGET_MISSING=nan"),
        (["a", "b", "None", "null", "null"], "1 are 'None', 2 are 'null'", "TARGET_MISSING=None,null"),
        (["a", "b", "?"], "1 are '?'", "TARGET_MISSING=?"),
        (["a", "b", "N/A"], "1 are 'N/A'", "TARGET_MISSING=N/A"),
        (["a", "b", "Unknown"], "1 are 'Unknown'", "TARGET_MISSING=Unknown"),
        (["a", "b", "-1"], "1 are '-1'", "TARGET_MISSING=-1"),
    ],
)
def test_class_that_looks_like_no_label_is_warned_of(labels: list[Any], listed: str, setting: str) -> None:
    """It is learned as it is, and the warning names the value, how many there are, and the remedy."""
    target, warnings = warned_target(labels)
    assert len(target.classes or []) == len({*map(str, labels)})
    assert len(warnings) == 1, warnings
    assert listed in warnings[0]
    assert f"set {setting}." in warnings[0]


@pytest.mark.parametrize(
    "labels", [[-1, 1], [-2, -1, 0], [-1, 0], ["a", "b"], [0, 1, 2], [-1, 0.5, 1], ["", "a", "b"], [None, True, False]]
)
def test_labels_without_a_placeholder_are_not_warned_of(labels: list[Any]) -> None:
    """Minus one and one are a pair like any other, and a blank text is no label anyway."""
    assert not warned_target(labels).warnings
