"""From a saved model and a graph to the rows of predictions."""

from __future__ import annotations

import logging

import torch

from trainer.artifacts.predictions_file import predictions_csv
from trainer.dataset.schema import build_inputs
from trainer.graph.graph import Graph
from trainer.prediction.saved_model import SavedModel
from trainer.threads import available_cpus
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
    for warning in inputs.warnings:
        _log.warning(warning)
    outputs = outputs_of(model.spec, model.state_dict, inputs, choose_device(device), batch_size)
    target = model.schema.target
    found = scores(outputs, target.task, target.mean, target.scale)
    part = [PART_WORD] * len(found)
    return predictions_csv(inputs.target_vertices, part, found, target.classes), len(found)
