"""Which of two classes precision, recall and average precision are about."""

from __future__ import annotations

from trainer.dataset.labels.label_values import LabelValues
from trainer.dataset.warned import Warned
from trainer.errors import DataError
from trainer.graph.graph import join_names
from trainer.record import label_text


def positive_class(wanted: str | None, values: LabelValues, where: str) -> Warned[int | None]:
    """The index of the positive one of two labels: POSITIVE_CLASS, else 1 or true, else the rarer text.

    None where the labels are more than two.

    Args:
        wanted: POSITIVE_CLASS.
        values: the classes.
        where: the name of the label, to begin a sentence with.

    Raises:
        DataError: no class is `wanted`.
    """
    if wanted is not None:
        index = next(values.indices_of(wanted), None)
        if index is None:
            names = join_names((label_text(values.label(index)) for index in range(len(values))), most=30)
            raise DataError(f"{where} has no class POSITIVE_CLASS={wanted!r}; the classes are: {names}.")
        if len(values) == 2:
            return Warned(index)
        return Warned(None, (f"POSITIVE_CLASS={wanted} has no effect: {where} has {len(values)} classes, not two.",))
    if len(values) != 2:
        return Warned(None)
    if values.numbers is not None:
        return Warned(0 if values.numbers[0] == 1 else 1)
    first, second = values.counts
    return Warned(0 if first < second else 1)
