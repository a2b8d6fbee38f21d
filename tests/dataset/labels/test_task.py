"""The task that labels make, doubts about it, and a loss that does not fit it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dataset.labels.targets import warned_target
from trainer.errors import SettingsError


@pytest.mark.parametrize(
    ("labels", "warning"),
    [
        (list(range(21)), "The 21 different whole numbers in 'y' are learned as classes; set TASK=regression if"),
        (list(map(str, range(100, 150))), "The 50 different whole numbers in 'y' are learned as classes"),
        ([*range(60)] * 10, "The 60 different whole numbers in 'y' are learned as a quantity; set TASK=multiclass if"),
    ],
)
def test_doubtful_whole_numbers_are_warned_of(labels: list[Any], warning: str) -> None:
    """The warning names TASK; nobody who set it is told."""
    assert warned_target(labels).warnings[0].startswith(warning)
    assert not warned_target(labels, task="multiclass").warnings
    assert not warned_target(labels, task="regression").warnings


@pytest.mark.parametrize("labels", [list(range(20)), list(range(100)), [f"{n:02}" for n in range(40)], [0.5, 1.5] * 40])
def test_clear_labels_are_not_warned_of(labels: list[Any]) -> None:
    """Few whole numbers, many that hardly come back, codes, fractions."""
    assert not warned_target(labels).warnings


@pytest.mark.parametrize(
    ("labels", "loss", "remedy"),
    [
        ([-1, 1], "binary_crossentropy", "set TASK=binary, or LOSS_FN to one of cross_entropy, focal"),
        (["up", "down"], "binary_crossentropy", "set TASK=binary, or"),
        ([1, 2, 3, 4, 5], "mse", "set TASK=regression, or LOSS_FN"),
        ([0, 1], "mae", "set TASK=regression, or"),
        (list(range(60)), "cross_entropy", "set TASK=multiclass, or LOSS_FN to one of mse, mae, huber"),
        ([0, 1, 2], "binary_crossentropy", r"\(0, 1, 2\); it should be one of cross_entropy, focal"),
        ([0.5, 1.5, 2.5], "focal", r"\(0.5, 1.5, 2.5\); it should be one of mse"),
        (["a", "b", "c"], "mse", r"\(a, b, c\); it should be one of cross_entropy"),
    ],
)
def test_loss_that_does_not_fit_names_the_task_that_would_do(labels: list[Any], loss: str, remedy: str) -> None:
    """A remedy that the labels do not allow is not named."""
    with pytest.raises(SettingsError, match=remedy):
        warned_target(labels, loss_fn=loss)


@pytest.mark.parametrize(("labels", "task"), [([-1, 1], "binary"), (["a", "b"], "binary"), ([1, 2, 3], "regression")])
def test_task_that_a_refusal_names_does(labels: list[Any], task: str) -> None:
    """The remedy helps."""
    loss = "binary_crossentropy" if task == "binary" else "mse"
    assert warned_target(labels, task=task, loss_fn=loss).value.task == task


@pytest.mark.parametrize("labels", [["true", "false"], ["True", "False"], ["FALSE", "true"]])
def test_truth_values_as_texts_are_binary(labels: list[str]) -> None:
    """They take a binary loss without TASK."""
    assert warned_target(labels, loss_fn="binary_crossentropy").value.task == "binary"


def test_balanced_weights_of_many_whole_numbers_name_the_task() -> None:
    """More than fifty whole numbers are classes if TASK says so."""
    with pytest.raises(SettingsError, match="set TASK=multiclass, or CLASS_WEIGHTS to none"):
        warned_target(list(range(60)), class_weights="balanced")
