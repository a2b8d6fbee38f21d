"""The attribute to predict: which one, the task that its values make, and these values as numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.attribute_names import find_name, is_label_like, usual_targets
from trainer.dataset.grouping.type_table import JudgedTable
from trainer.dataset.labels.label_values import LabelValues, read_labels, unread_warnings
from trainer.dataset.labels.missing_labels import placeholder_warnings, without_missing
from trainer.dataset.labels.positive_class import positive_class
from trainer.dataset.labels.task import MAX_CLASSES, doubt_warnings, require_fitting_loss, task_of
from trainer.dataset.name_hints import did_you_mean, path_below
from trainer.dataset.warned import Warned
from trainer.errors import DataError
from trainer.graph.graph import join_names
from trainer.record import label_text
from trainer.settings.groups.data import DataSettings
from trainer.settings.groups.training import TrainingSettings


@dataclass(frozen=True)
class Target:
    """The label of each vertex.

    Attributes:
        name: the attribute.
        task: binary, multiclass or regression.
        classes: the labels in order, as their documents spell them; None for regression.
        y: index into `classes` (int64) or the number itself (float64), shape [vertices]; 0 where unlabelled.
        labelled: which vertices have a label, shape [vertices].
        positive: the index of the class that measures of two classes are about; None where there are more, or numbers.
    """

    name: str
    task: str
    classes: list[Any] | None
    y: NDArray[Any]
    labelled: NDArray[np.bool_]
    positive: int | None = None

    @property
    def num_outputs(self) -> int:
        """Width of a model's last layer: one logit or number, or one score per class."""
        return len(self.classes) if self.task == "multiclass" and self.classes else 1

    @property
    def positive_class(self) -> Any:
        """The label of the positive class; None without one."""
        return None if self.positive is None or self.classes is None else self.classes[self.positive]


def find_target(data: DataSettings, training: TrainingSettings, table: JudgedTable) -> Warned[Target]:
    """The label column of `table` and the task it makes.

    Args:
        data: TARGET, TARGET_MISSING and POSITIVE_CLASS.
        training: TASK, and LOSS_FN and CLASS_WEIGHTS, which should fit it.
        table: the vertices.

    Raises:
        DataError: there is no such attribute, several could be meant, or it holds no labels.
        SettingsError: LOSS_FN does not fit the task that the labels make.
    """
    name = _choose(data.target, table)
    where = f"TARGET={name!r} of {table.name}"
    stored = table.stored[name].opened()
    if stored.missing.all():
        raise DataError(f"{where} has no value in any document; there is nothing to learn.")
    remaining, missing_warnings = without_missing(stored, data.target_missing, name)
    if remaining.missing.all():
        raise DataError(f"{where} has no value besides those of TARGET_MISSING; there is nothing to learn.")
    values = read_labels(remaining, where, path_below(name, table.nested))
    task = training.task if training.task != "auto" else task_of(values)
    warnings = [] if data.target else [f"TARGET is not set; {name!r} is predicted."]
    warnings += [*missing_warnings, *unread_warnings(values, remaining, name)]
    if training.task == "auto":
        warnings += doubt_warnings(values, task, name)
    if task == "regression":
        target = _regression(name, where, values)
        if data.positive_class:
            warnings.append(f"POSITIVE_CLASS={data.positive_class} has no effect: {name!r} holds numbers, no classes.")
    else:
        target, more = _classification(name, where, values, task, data.positive_class)
        warnings += [*placeholder_warnings(values, name), *_synonym_warnings(values, name), *more]
    require_fitting_loss(training, values, task, name)
    return Warned(target, tuple(warnings))


def _choose(named: str | None, table: JudgedTable) -> str:
    if named:
        name = find_name(named, table.columns)
        if name is None:
            hint = did_you_mean(named, table.attributes, paths=table.nested)
            raise DataError(f"{table.name} has no attribute TARGET={named!r}: {hint}.")
        return name
    usual = usual_targets(table.columns)
    if len(usual) != 1:
        candidates = [name for name in table.attributes if is_label_like(name)] or table.attributes
        raise DataError(
            f"TARGET is not set and {table.name} does not say which it is; set it to one of: {join_names(candidates, most=30)}."
        )
    return usual[0]


def _regression(name: str, where: str, values: LabelValues) -> Target:
    if values.numbers is None:
        text = label_text(values.label(0))
        raise DataError(f"{where} holds texts such as {text!r}, and TASK=regression needs numbers.")
    y = np.where(values.labelled, values.numbers[values.codes], 0).astype(np.float64)
    return Target(name, "regression", None, y, values.labelled)


def _classification(
    name: str, where: str, values: LabelValues, task: str, wanted_positive: str | None
) -> Warned[Target]:
    if task == "binary":
        values = _with_both(values)
        if len(values) != 2:
            raise DataError(f"{where} holds {len(values)} distinct labels, and TASK=binary needs two.")
    if len(values) > MAX_CLASSES:
        raise DataError(
            f"{where} holds {len(values)} distinct values, too many for classes; choose another TARGET or TASK=regression."
        )
    positive, warnings = positive_class(wanted_positive, values, where)
    classes = [values.label(index) for index in range(len(values))]
    y = np.where(values.labelled, values.codes, 0)
    return Warned(Target(name, task, classes, y, values.labelled, positive), warnings)


def _with_both(values: LabelValues) -> LabelValues:
    """The labels; beside a lone 0 or 1, false or true, also the other one."""
    if len(values) != 1 or values.numbers is None or values.numbers[0] not in (0, 1):
        return values
    only = int(values.numbers[0])
    texts = None
    if values.texts is not None:
        texts = ["false", "true"] if values.boolean else ["0", "1"]
        texts[only] = values.texts[0]
    codes = np.where(values.labelled, only, -1)
    return replace(values, codes=codes, numbers=np.array([0, 1]), texts=texts)


def _synonym_warnings(values: LabelValues, name: str) -> Iterator[str]:
    """A sentence where texts count as one class, because they spell the same number, or true or false."""
    if values.synonyms:
        pairs = "; ".join(" and ".join(map(repr, texts[:3])) for texts in values.synonyms.values())
        yield f"Labels of {name!r} that spell the same are one class: {pairs}."
