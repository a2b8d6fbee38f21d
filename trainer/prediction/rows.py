"""From a saved model and a graph to the rows of predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.artifacts.predictions_file import predictions_csv
from trainer.dataset.inputs import Inputs
from trainer.dataset.transfer.known_labels import KnownLabels, read_known_labels
from trainer.dataset.transfer.other_graph import build_inputs
from trainer.errors import DataError
from trainer.frameworks.open import open_backend
from trainer.graph.graph import Graph, join_names
from trainer.prediction.saved_model import SavedModel
from trainer.process.threads import compute_threads
from trainer.registry.models import MODELS
from trainer.training.metrics import Predictions
from trainer.training.scores import scores

_EQUAL = 1e-6
"""A difference that rounding makes, of probabilities, or in standard deviations of the label."""
PART_WORD = "predict"
"""The part of every row: the graph was not divided."""


@dataclass(frozen=True)
class Predicted:
    """What a model says of a graph.

    Attributes:
        table: the content of `predictions.csv.gz`.
        num_rows: of the table.
        labels: of the vertices of the rows.
        measures: how good the predictions are, under the names of `metrics.json`; None without labels.
        warnings: what a reader should know.
    """

    table: bytes
    num_rows: int
    labels: KnownLabels
    measures: dict[str, Any] | None
    warnings: list[str]


def predict(
    model: SavedModel, graph: Graph, device: str, batch_size: int, *, spreadsheet_safe: bool = False
) -> Predicted:
    """The predictions for a graph, and how good they are where it has labels.

    Args:
        model: what a run has learned.
        graph: any graph that has what the model learned from.
        device: the setting DEVICE.
        batch_size: above 0 the graph is gone through in pieces.
        spreadsheet_safe: see `predictions_csv`.

    Raises:
        DataError: the graph does not fit the model's schema; names all differences.
        SettingsError: DEVICE is not there.
    """
    backend = open_backend(model.spec.framework)
    backend.set_threads(compute_threads())
    inputs = build_inputs(graph, model.schema)
    _require_usable_weights(inputs, model)
    target = model.schema.target
    labels, label_warnings = read_known_labels(graph, inputs.target_vertices, target)
    outputs = backend.outputs_of(model.spec, model.state_dict, inputs, device, batch_size)
    predicted = scores(outputs, target.task, target.mean, target.scale)
    _require_numbers(predicted, inputs)
    parts, is_safe = [PART_WORD] * len(predicted), spreadsheet_safe
    table = predictions_csv(
        inputs.target_vertices, parts, labels.texts, predicted, target.classes, spreadsheet_safe=is_safe
    )
    measures = None
    if labels.known.any():
        compared = Predictions(target.task, labels.y, predicted, target.positive).part(labels.known)
        measures = compared.measure(target.classes)
    warnings = [
        *inputs.warnings,
        *_unseen_vertices(inputs, model),
        *label_warnings,
        *_equal_predictions(predicted, target.scale),
    ]
    return Predicted(table, len(predicted), labels, measures, warnings)


def _equal_predictions(predicted: NDArray[np.float64], scale: float) -> Iterator[str]:
    """A sentence if the model says the same of all vertices, be they all without the values that it learned from."""
    if len(predicted) > 1 and (np.ptp(predicted, axis=0) <= _EQUAL * scale).all():
        yield (
            f"The predictions for all {len(predicted)} vertices are the same: the model sees no difference between them."
        )


def _unseen_vertices(inputs: Inputs, model: SavedModel) -> Iterator[str]:
    """Types whose vertices each have a learned vector: one that the training has not seen has none."""
    for name, known in model.spec.embedded.items():
        ids = inputs.vertices[name].ids()
        unknown = len({*ids} - {*known})
        if unknown:
            yield (
                f"{unknown} of {len(ids)} vertices of {name} were not there in the training, which learned a vector for each; "
                "they get the mean of these."
            )


def _require_usable_weights(inputs: Inputs, model: SavedModel) -> None:
    """Roots are taken of sums of weights: what the training refuses would give no numbers here."""
    if not MODELS[model.spec.type].normalised:
        return
    negative = {
        name
        for edges in inputs.edges.values()
        for name in edges.collections
        if edges.weight is not None and bool((edges.weight < 0).any())
    }
    if negative:
        raise DataError(
            f"EDGE_WEIGHT={model.schema.edge_weight!r} is negative on edges of {join_names(negative)}, and the model is a "
            f"{model.spec.type}, which takes roots of their sums."
        )


def _require_numbers(predicted: NDArray[np.float64], inputs: Inputs) -> None:
    wrong = ~np.isfinite(predicted.reshape(len(predicted), -1)).all(axis=1)
    if wrong.any():
        raise DataError(
            f"The model gives no number for {int(wrong.sum())} of {len(predicted)} vertices, {inputs.target_vertices.ids()[int(wrong.argmax())]} "
            "among them; look for extreme values in the attributes of the graph."
        )
