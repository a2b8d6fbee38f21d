"""The attribute to predict: which one, the task that its values make, and these values as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.attribute_names import did_you_mean, find_name, is_label_like, usual_targets
from trainer.dataset.warned import Warned
from trainer.errors import DataError, SettingsError
from trainer.graph.columns import NumberColumn, TextColumn, UnusableColumn
from trainer.graph.graph import VertexTable, join_names
from trainer.settings.groups.training import LOSSES_BY_TASK, TrainingSettings

MAX_AUTO_CLASSES = 50
"""Integers with more distinct values than this are a quantity, not classes, unless TASK says otherwise."""
MAX_CLASSES = 1000


@dataclass(frozen=True)
class Target:
    """The label of each vertex.

    Attributes:
        name: the attribute.
        task: binary, multiclass or regression.
        classes: the label values in order, None for regression.
        y: index into `classes` (int64) or the number itself (float64), shape [vertices]; 0 where unlabelled.
        labelled: which vertices have a label, shape [vertices].
    """

    name: str
    task: str
    classes: list[Any] | None
    y: NDArray[Any]
    labelled: NDArray[np.bool_]

    @property
    def num_outputs(self) -> int:
        """Width of a model's last layer: one logit or number, or one score per class."""
        return len(self.classes) if self.task == "multiclass" and self.classes else 1


def find_target(named: str | None, training: TrainingSettings, table: VertexTable) -> Warned[Target]:
    """The label column of `table` and the task it makes; warns if TARGET is not set.

    Args:
        named: TARGET.
        training: TASK, and LOSS_FN and CLASS_WEIGHTS, which should fit it.
        table: the vertices.

    Raises:
        DataError: there is no such attribute, several could be meant, or it holds no labels.
        SettingsError: LOSS_FN does not fit the task that the labels make.
    """
    name = _choose(named, table)
    column = table.columns[name]
    where = f"TARGET={name!r} of {table.name}"
    if isinstance(column, UnusableColumn):
        raise DataError(f"{where} {column.reason}; labels should be numbers, booleans or texts.")
    if not isinstance(column, NumberColumn | TextColumn):
        raise DataError(f"{where} holds arrays; labels should be numbers, booleans or texts.")
    labelled = ~column.missing
    if not labelled.any():
        raise DataError(f"{where} has no value in any document; there is nothing to learn.")
    task = training.task if training.task != "auto" else _task(column, labelled)
    if task == "regression":
        target = _regression(name, where, column, labelled)
    else:
        target = _classification(name, where, column, labelled, task)
    _require_fitting_loss(training, target)
    return Warned(target, () if named else (f"TARGET is not set; {name!r} is predicted.",))


def _choose(named: str | None, table: VertexTable) -> str:
    if named:
        name = find_name(named, table.columns)
        if name is None:
            hint = did_you_mean(named, table.attributes)
            raise DataError(f"{table.name} has no attribute TARGET={named!r}: {hint}.")
        return name
    usual = usual_targets(table.columns)
    if len(usual) != 1:
        candidates = [name for name in table.attributes if is_label_like(name)] or table.attributes
        raise DataError(
            f"TARGET is not set and {table.name} does not say which it is; set it to one of: {join_names(candidates, most=30)}."
        )
    return usual[0]


def _task(column: NumberColumn | TextColumn, labelled: NDArray[np.bool_]) -> str:
    if isinstance(column, TextColumn):
        return "multiclass"
    distinct = np.unique(column.values[labelled])
    if column.boolean or np.isin(distinct, (0, 1)).all():
        return "binary"
    integral = bool((distinct == np.round(distinct)).all())
    return "multiclass" if integral and len(distinct) <= MAX_AUTO_CLASSES else "regression"


def _regression(name: str, where: str, column: NumberColumn | TextColumn, labelled: NDArray[np.bool_]) -> Target:
    if isinstance(column, TextColumn):
        raise DataError(f"{where} holds texts such as {column.categories[0]!r}, and TASK=regression needs numbers.")
    y = np.where(labelled, column.values, 0).astype(np.float64)
    return Target(name, "regression", None, y, labelled)


def _classification(
    name: str, where: str, column: NumberColumn | TextColumn, labelled: NDArray[np.bool_], task: str
) -> Target:
    classes: list[Any]
    if isinstance(column, TextColumn):
        used = np.unique(column.codes[labelled])
        values = np.array(column.categories, dtype=object)[column.codes]
        classes = sorted(column.categories[code] for code in used)
    else:
        values = column.values
        classes = [_plain(value, column.boolean) for value in np.unique(values[labelled])]
    if task == "binary" and set(classes) <= {0, 1}:
        classes = [False, True] if classes and isinstance(classes[0], bool) else [0, 1]
    if task == "binary" and len(classes) != 2:
        raise DataError(f"{where} holds {len(classes)} distinct labels, and TASK=binary needs two.")
    if len(classes) > MAX_CLASSES:
        raise DataError(
            f"{where} holds {len(classes)} distinct values, too many for classes; choose another TARGET or TASK=regression."
        )
    index_of = {value: index for index, value in enumerate(classes)}
    distinct, inverse = np.unique(values[labelled], return_inverse=True)
    y = np.zeros(len(labelled), dtype=np.int64)
    y[labelled] = np.array([index_of[_plain(value, boolean=False)] for value in distinct])[inverse]
    return Target(name, task, classes, y, labelled)


def _plain(value: Any, boolean: bool) -> Any:
    """A label as JSON would show it: true, 3, 2.5 or "up"."""
    if isinstance(value, str):
        return value
    if boolean:
        return bool(value)
    return int(value) if float(value).is_integer() else float(value)


def _require_fitting_loss(training: TrainingSettings, target: Target) -> None:
    fitting = LOSSES_BY_TASK[target.task]
    if training.loss_fn and training.loss_fn not in fitting:
        raise SettingsError(
            f"LOSS_FN={training.loss_fn!r} does not fit the {target.task} labels of TARGET={target.name!r}; "
            f"it should be one of {', '.join(fitting)}."
        )
    if training.class_weights == "balanced" and target.task == "regression":
        raise SettingsError(
            f"CLASS_WEIGHTS=balanced needs classes, and TARGET={target.name!r} holds numbers; it should be none."
        )
