"""Outputs of a model as what they mean: probabilities of classes, or numbers in the label's own unit."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor


def scores(outputs: Tensor, task: str, mean: float, scale: float) -> NDArray[Any]:
    """Probabilities float64 [vertices, classes], or numbers float64 [vertices].

    Args:
        outputs: what the model gives, [vertices, outputs].
        task: binary, multiclass or regression.
        mean: of the labels that were learned from.
        scale: of the labels that were learned from.
    """
    outputs = outputs.double()
    if task == "regression":
        return (outputs.squeeze(-1) * scale + mean).numpy()
    if task == "binary":
        probability = torch.sigmoid(outputs.squeeze(-1))
        return torch.stack([1 - probability, probability], dim=1).numpy()
    return torch.softmax(outputs, dim=1).numpy()
