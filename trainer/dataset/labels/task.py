"""The task that labels make, and what else they could be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trainer.dataset.labels.label_values import LabelValues
from trainer.errors import SettingsError
from trainer.record import label_text
from trainer.settings.groups.training import LOSSES_BY_TASK, TrainingSettings

MAX_AUTO_CLASSES = 50
"""Integers with more distinct values than this are a quantity, not classes, unless TASK says otherwise."""
MAX_CLASSES = 1000
_MANY_CLASSES = 20
_OFTEN = 10
"""Whole numbers that come back so often on average may well be codes of classes."""


def task_of(values: LabelValues) -> str:
    """Booleans and 0/1 are binary, a few integers or texts multiclass, other numbers regression."""
    if values.numbers is None:
        return "multiclass"
    if values.boolean or np.isin(values.numbers, (0, 1)).all():
        return "binary"
    return "multiclass" if values.integral and len(values) <= MAX_AUTO_CLASSES else "regression"


def doubt_warnings(values: LabelValues, task: str, name: str) -> Iterator[str]:
    """A sentence where whole numbers could as well be the other of classes and quantities; `task` is TASK=auto's."""
    if not values.integral:
        return
    if task == "multiclass" and len(values) > _MANY_CLASSES:
        yield (
            f"The {len(values)} different whole numbers in {name!r} are learned as classes; "
            "set TASK=regression if they are quantities."
        )
    if task == "regression" and len(values) <= MAX_CLASSES and values.labelled.sum() >= _OFTEN * len(values):
        yield (
            f"The {len(values)} different whole numbers in {name!r} are learned as a quantity; "
            "set TASK=multiclass if they are codes of classes."
        )


def require_fitting_loss(training: TrainingSettings, values: LabelValues, task: str, name: str) -> None:
    """Refuse a loss, or class weights, that the task has no use for.

    Raises:
        SettingsError: names what would do, TASK too where the labels allow another one.
    """
    fitting = LOSSES_BY_TASK[task]
    if training.loss_fn and training.loss_fn not in fitting:
        other = next((other for other in _possible_tasks(values) if training.loss_fn in LOSSES_BY_TASK[other]), None)
        remedy = f"set TASK={other}, or LOSS_FN to one of" if other else "it should be one of"
        raise SettingsError(
            f"LOSS_FN={training.loss_fn!r} does not fit the {task} labels of TARGET={name!r} ({_shown(values)}); "
            f"{remedy} {', '.join(fitting)}."
        )
    if training.class_weights == "balanced" and task == "regression":
        remedy = (
            "set TASK=multiclass, or CLASS_WEIGHTS to none"
            if "multiclass" in _possible_tasks(values)
            else "it should be none"
        )
        raise SettingsError(f"CLASS_WEIGHTS=balanced needs classes, and TARGET={name!r} holds numbers; {remedy}.")


def _possible_tasks(values: LabelValues) -> list[str]:
    """The tasks that TASK could name for these labels."""
    tasks = []
    if len(values) == 2 or task_of(values) == "binary":
        tasks.append("binary")
    if values.numbers is not None:
        tasks.append("regression")
    if (values.numbers is None or values.integral) and len(values) <= MAX_CLASSES:
        tasks.append("multiclass")
    return tasks


def _shown(values: LabelValues) -> str:
    """A few labels, in order."""
    shown = [label_text(values.label(index)) for index in range(min(len(values), 5))]
    return ", ".join(shown) + (", …" if len(values) > len(shown) else "")
