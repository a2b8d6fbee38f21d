"""The labels that another graph has, as the classes or numbers of the model, so that its predictions can be measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.grouping.type_table import merge_tables
from trainer.dataset.labels.label_values import LabelValues, read_labels
from trainer.dataset.labels.missing_labels import without_missing
from trainer.dataset.schema import TargetSchema
from trainer.dataset.vertex_set import VertexSet
from trainer.dataset.warned import Warned
from trainer.errors import DataError
from trainer.graph.building.text_values import is_number
from trainer.graph.graph import Graph, join_names
from trainer.graph.stored_column import StoredColumn
from trainer.record import Label, label_text

_MOST_NAMED = 5
_TRUTH = {"false": 0, "true": 1}


@dataclass(frozen=True)
class KnownLabels:
    """The labels of the vertices that are predicted.

    Attributes:
        texts: of each vertex as its document spells it, empty where it has none.
        y: an index into the classes of the model (int64), or the number itself (float64), shape [vertices]; 0 where it is
            not known.
        known: which vertices have a label that the model could have predicted, shape [vertices].
        num_unknown: how many have another one.
    """

    texts: list[str]
    y: NDArray[Any]
    known: NDArray[np.bool_]
    num_unknown: int = 0

    @property
    def num_unlabelled(self) -> int:
        """How many vertices have no label."""
        return len(self.known) - int(self.known.sum()) - self.num_unknown


def read_known_labels(graph: Graph, vertices: VertexSet, target: TargetSchema) -> Warned[KnownLabels]:
    """The labels of vertices, none where their collections lack the attribute; warns of those that nothing can be measured by.

    Args:
        graph: that the vertices are of.
        vertices: those that are predicted.
        target: what the model predicts.
    """
    stored = _stored(graph, vertices, target.name)
    if stored is None or stored.missing.all():
        return Warned(_without_labels(len(vertices)))
    stored = without_missing(stored, target.missing, target.name).value
    try:
        values = read_labels(stored, f"{target.name!r} of {vertices.name}")
    except DataError as error:
        return Warned(_without_labels(len(vertices)), (f"The predictions are not measured: {error}",))
    names = [*map(label_text, map(values.label, range(len(values)))), ""]
    texts = [names[code] for code in values.codes.tolist()]
    if target.task == "regression":
        return _numbers(values, texts, target.name)
    return _classes(values, texts, names, target)


def _stored(graph: Graph, vertices: VertexSet, name: str) -> StoredColumn | None:
    """The attribute in the order of the vertices, arrays of one opened."""
    members = [
        replace(table, columns={name: table.columns[name]} if name in table.columns else {})
        for table in (graph.vertices[collection] for collection in vertices.collections)
    ]
    stored = merge_tables(vertices.name, members).table.stored.get(name)
    return None if stored is None else stored.opened()


def _without_labels(num_vertices: int) -> KnownLabels:
    return KnownLabels([""] * num_vertices, np.zeros(num_vertices), np.zeros(num_vertices, dtype=bool))


def _numbers(values: LabelValues, texts: list[str], name: str) -> Warned[KnownLabels]:
    y, known = np.zeros(len(texts)), np.zeros(len(texts), dtype=bool)
    if values.numbers is None:
        warning = f"The predictions are not measured: {name!r} holds texts such as {values.label(0)!r}, and the model predicts numbers."
        return Warned(KnownLabels(texts, y, known, int(values.labelled.sum())), (warning,))
    known = values.labelled
    y[known] = values.numbers[values.codes[known]]
    return Warned(KnownLabels(texts, y, known))


def _classes(values: LabelValues, texts: list[str], names: Sequence[str], target: TargetSchema) -> Warned[KnownLabels]:
    labels = [values.label(index) for index in range(len(values))]
    class_of = np.array([*_indices(labels, target.classes or []), -1], dtype=np.int64)
    y = class_of[values.codes]
    known = y >= 0
    unknown = int((values.labelled & ~known).sum())
    result = KnownLabels(texts, np.where(known, y, 0), known, unknown)
    if not unknown:
        return Warned(result)
    strange = np.flatnonzero(class_of[:-1] < 0)
    strange = strange[np.argsort(-values.counts[strange], kind="stable")]
    listed = ", ".join(repr(names[index]) for index in strange[:_MOST_NAMED].tolist())
    more = f" and {len(strange) - _MOST_NAMED} more" if len(strange) > _MOST_NAMED else ""
    classes = join_names(map(label_text, target.classes or []))
    return Warned(
        result,
        (
            f"{unknown} of {int(values.labelled.sum())} labels of {target.name!r} are of classes that the model does not know "
            f"({listed}{more}; it knows {classes}): "
            + ("no measure counts them." if known.any() else "the predictions are not measured."),
        ),
    )


def _indices(labels: Sequence[Label], classes: Sequence[Label]) -> list[int]:
    """The class that each label is, -1 for none: by its text, else by the number or truth value that it spells."""
    index_of_text = {label_text(label): index for index, label in enumerate(classes)}
    index_of_value: dict[Any, int] = {}
    for index, label in enumerate(classes):
        index_of_value.setdefault(_value(label), index)
    return [index_of_text.get(label_text(label), index_of_value.get(_value(label), -1)) for label in labels]


def _value(label: Label) -> Any:
    """What a label stands for, however it is spelled: `1`, `1.0`, `"1"`, `true` and `"True"` are one."""
    if not isinstance(label, str):
        return label
    truth = _TRUTH.get(label.lower())
    if truth is not None:
        return truth
    return float(label) if is_number(label) else label
