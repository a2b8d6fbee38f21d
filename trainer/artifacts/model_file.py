"""The `.pt` file: a dict of tensors and plain values that `torch.load(weights_only=True)` reads."""

from __future__ import annotations

import io
from typing import Any

import torch

from trainer.dataset.dataset import Dataset
from trainer.models.spec import plain_form
from trainer.training.result import FitResult

SCHEMA_VERSION = 2
"""2: with `schema`, from which the same inputs can be made of another graph."""


def model_bytes(fitted: FitResult, dataset: Dataset, graph_name: str, queue_id: str, batch_size: int) -> bytes:
    """The content of the model file; equal runs give equal bytes.

    Args:
        fitted: the model.
        dataset: what it was trained on.
        graph_name: the setting GRAPH_NAME.
        queue_id: the setting QUEUE_ID.
        batch_size: the setting BATCH_SIZE; predictions are made in pieces where it is above 0.
    """
    content: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "state_dict": fitted.state_dict,
        "model": plain_form(fitted.spec),
        "features": [feature.describe() for feature in dataset.inputs.features],
        "target": {
            "name": dataset.target.name,
            "task": dataset.target.task,
            "classes": dataset.target.classes,
            "positive_class": dataset.target.positive_class,
            "mean": dataset.target_mean,
            "scale": dataset.target_scale,
        },
        "vertex_types": list(dataset.inputs.vertices),
        "relations": [list(edge_type) for edge_type in dataset.inputs.edges],
        "schema": dataset.schema.describe(),
        "graph_name": graph_name,
        "queue_id": queue_id,
        "best_epoch": fitted.best_epoch,
        "batch_size": batch_size,
    }
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()
