"""The losses by name, with class weights."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

FOCAL_GAMMA = 2.0
DEFAULT_LOSS = {"binary": "binary_crossentropy", "multiclass": "cross_entropy", "regression": "mse"}

Loss = Callable[[Tensor, Tensor], Tensor]
"""Takes outputs [vertices, outputs] and labels [vertices]; gives a scalar."""
LossWeight = Callable[[Tensor], float]
"""Takes labels [vertices]; gives the sum of their weights."""


def build_loss(name: str, task: str, class_weights: Tensor | None) -> Loss:
    """The loss LOSS_FN for a task.

    With class weights each vertex counts as much as its class weighs, and the sum is divided by the
    sum of the weights. On two classes with one logit, cross_entropy is binary_crossentropy.
    """
    per_vertex = (
        _REGRESSION[name] if task == "regression" else (_binary(name) if task == "binary" else _multiclass(name))
    )

    def loss(outputs: Tensor, labels: Tensor) -> Tensor:
        values = per_vertex(outputs, labels)
        if class_weights is None:
            return values.mean()
        weights = class_weights[labels.long()]
        return (values * weights).sum() / weights.sum()

    return loss


def loss_weight(class_weights: Tensor | None) -> LossWeight:
    """What a loss of some vertices counts beside that of others, so that the mean over batches is that over all."""
    if class_weights is None:
        return lambda labels: float(labels.numel())
    return lambda labels: float(class_weights[labels.long()].sum())


def balanced_class_weights(labels: Tensor, num_classes: int) -> Tensor:
    """N / (classes * n_c) for each class c, as scikit-learn's `balanced`; 1 for a class without vertices."""
    counts = torch.bincount(labels.long(), minlength=num_classes).to(torch.get_default_dtype())
    present = (counts > 0).sum()
    return torch.where(counts > 0, labels.numel() / (present * counts.clamp(min=1)), torch.ones_like(counts))


def _binary(name: str) -> Loss:
    def cross_entropy(outputs: Tensor, labels: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(outputs.squeeze(-1), labels.to(outputs.dtype), reduction="none")

    return _focal(cross_entropy) if name == "focal" else cross_entropy


def _multiclass(name: str) -> Loss:
    def cross_entropy(outputs: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(outputs, labels.long(), reduction="none")

    return _focal(cross_entropy) if name == "focal" else cross_entropy


def _focal(cross_entropy: Loss) -> Loss:
    """(1 - p)^gamma * cross entropy, p the probability of the true class (Lin et al. 2017, eq. 4)."""

    def focal(outputs: Tensor, labels: Tensor) -> Tensor:
        values = cross_entropy(outputs, labels)
        return (-torch.expm1(-values)) ** FOCAL_GAMMA * values

    return focal


_REGRESSION: dict[str, Loss] = {
    "mse": lambda outputs, labels: F.mse_loss(outputs.squeeze(-1), labels, reduction="none"),
    "mae": lambda outputs, labels: F.l1_loss(outputs.squeeze(-1), labels, reduction="none"),
    "huber": lambda outputs, labels: F.huber_loss(outputs.squeeze(-1), labels, reduction="none"),
}
