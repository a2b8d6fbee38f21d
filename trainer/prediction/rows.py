"""From a saved model and a graph to the rows of predictions."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.artifacts.predictions_file import predictions_csv
from trainer.dataset.inputs import Inputs
from trainer.dataset.transfer.other_graph import build_inputs
from trainer.errors import DataError
from trainer.graph.graph import Graph, join_names
from trainer.models.hetero_plan import CLASS_NAME
from trainer.prediction.saved_model import SavedModel
from trainer.process.threads import available_cpus
from trainer.training.device import choose_device
from trainer.training.inference import outputs_of
from trainer.training.scores import scores

_log = logging.getLogger("gnn_trainer")

PART_WORD = "predict"
"""The part of every row: the graph was not divided."""


def predict(model: SavedModel, graph: Graph, device: str, batch_size: int) -> tuple[bytes, int]:
    """The content of `predictions.csv.gz` for a graph, and its number of rows.

    Args:
        model: what a run has learned.
        graph: any graph that has what the model learned from.
        device: the setting DEVICE.
        batch_size: above 0 the graph is gone through in pieces.

    Raises:
        DataError: the graph does not fit the model's schema; says all differences.
        SettingsError: DEVICE is not there.
    """
    torch.set_num_threads(available_cpus())
    inputs = build_inputs(graph, model.schema)
    _require_weights_that_serve(inputs, model)
    for warning in (*inputs.warnings, *_newcomers(inputs, model)):
        _log.warning(warning)
    outputs = outputs_of(model.spec, model.state_dict, inputs, choose_device(device), batch_size)
    target = model.schema.target
    found = scores(outputs, target.task, target.mean, target.scale)
    _require_numbers(found, inputs)
    part = [PART_WORD] * len(found)
    return predictions_csv(inputs.target_vertices, part, found, target.classes), len(found)


def _newcomers(inputs: Inputs, model: SavedModel) -> Iterator[str]:
    """Types whose vertices had a vector each to learn: one that was not there then is a stranger to the model."""
    if model.spec.class_name != CLASS_NAME:
        return
    for name, known in model.spec.args["embedded"].items():
        ids = inputs.vertices[name].ids()
        unknown = len({*ids} - {*known})
        if unknown:
            yield (
                f"{unknown} of {len(ids)} vertices of {name} were not there in the training, which learned a vector for each; "
                "they get the mean of these."
            )


def _require_weights_that_serve(inputs: Inputs, model: SavedModel) -> None:
    """GCN takes roots of sums of weights: what the training refuses would give no numbers here."""
    if model.spec.type != "GCN":
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
            "GCN, which takes roots of their sums."
        )


def _require_numbers(found: NDArray[np.float64], inputs: Inputs) -> None:
    wrong = ~np.isfinite(found.reshape(len(found), -1)).all(axis=1)
    if wrong.any():
        raise DataError(
            f"The model gives no number for {int(wrong.sum())} of {len(found)} vertices, {inputs.target_vertices.ids()[int(wrong.argmax())]} "
            "among them; look for extreme values in the attributes of the graph."
        )
