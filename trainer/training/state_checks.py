"""Whether what a checkpoint holds is what a training has written: types, shapes, ranges, and every bit of it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from trainer.models.spec import HomogeneousSpec, ModelSpec

_FIELDS = frozenset({"epoch", "model", "optimiser", "random_state", "best_epoch", "best_loss", "best_model", "history"})
_EPOCH_FIELDS = frozenset({"epoch", "loss", "val_loss", "measures"})


def first_wrong_field(state: Any) -> str | None:
    """What is wrong with the fields of a stored state, None when nothing is."""
    if not isinstance(state, dict) or state.keys() != _FIELDS:
        return "its fields are others"
    epoch, history = state["epoch"], state["history"]
    if not _is_count(epoch) or epoch < 1:
        return f"epoch is {epoch!r:.40}"
    if not _is_count(state["best_epoch"]) or not 1 <= state["best_epoch"] <= epoch:
        return f"best_epoch is {state['best_epoch']!r:.40} of {epoch}"
    if not isinstance(state["best_loss"], float) or math.isnan(state["best_loss"]):
        return f"best_loss is {state['best_loss']!r:.40}"
    if not isinstance(history, list) or len(history) != epoch:
        return "the history has not one record for each epoch"
    if not all(_is_record(record, number) for number, record in enumerate(history, start=1)):
        return "a record of the history is none"
    if not _is_random_state(state["random_state"]):
        return "the random state is none"
    if not _are_weights(state["model"]) or not _are_weights(state["best_model"]):
        return "the weights are none"
    return misfit(state["best_model"], state["model"])


def misfit(weights: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> str | None:
    """The first difference in name, shape or dtype of two sets of weights, None when there is none."""
    if weights.keys() != expected.keys():
        return f"weights are missing or too many: {', '.join(sorted(weights.keys() ^ expected.keys())[:3])}"
    for name, tensor in weights.items():
        if tensor.shape != expected[name].shape:
            return f"{name} has shape {list(tensor.shape)}, not {list(expected[name].shape)}"
        if tensor.dtype != expected[name].dtype:
            return f"{name} has dtype {tensor.dtype}, not {expected[name].dtype}"
    return None


def too_wide(spec: ModelSpec, weights: Mapping[str, Tensor]) -> str | None:
    """Where a spec names a width that no weight has; asked before memory is taken for such a model."""
    widest = max((size for tensor in weights.values() for size in tensor.shape), default=0)
    if spec.num_layers > 1 and spec.hidden_channels > widest:
        return f"none is as wide as hidden_channels={spec.hidden_channels}"
    if isinstance(spec, HomogeneousSpec) and spec.in_channels > widest:
        return f"none is as wide as in_channels={spec.in_channels}"
    return None


def optimiser_misfit(stored: Any, expected: Mapping[str, Any], weights: Sequence[Tensor]) -> str | None:
    """The first difference of a stored optimiser and a fresh one, None when there is none.

    Args:
        stored: its state dict.
        expected: the state dict of a fresh one.
        weights: what the fresh one learns, in its order.
    """
    if not isinstance(stored, dict) or stored.keys() != expected.keys() or not isinstance(stored["state"], dict):
        return "the optimiser is none"
    if stored["param_groups"] != expected["param_groups"]:
        return "the optimiser has other settings"
    for number, moments in stored["state"].items():
        if not _is_count(number) or not 0 <= number < len(weights) or not isinstance(moments, dict):
            return "the optimiser is of another model"
        for name, value in moments.items():
            if not isinstance(value, Tensor) or value.shape not in (weights[number].shape, torch.Size()):
                return f"{name} of the optimiser has another shape than its weight"
    return None


def digest_of(tree: Any) -> str:
    """A hash of a tree of dicts, lists, tensors and plain values, equal for equal ones."""
    digest = hashlib.blake2b(digest_size=32)
    _update(digest, tree)
    return digest.hexdigest()


def _update(digest: hashlib.blake2b, tree: Any) -> None:
    if isinstance(tree, Tensor):
        array = tree.detach().cpu().contiguous()
        digest.update(f"tensor {array.dtype} {list(array.shape)}".encode())
        digest.update(np.ascontiguousarray(array.reshape(-1).view(torch.uint8).numpy()).data)
    elif isinstance(tree, dict):
        digest.update(f"dict {len(tree)}".encode())
        for key, value in tree.items():
            digest.update(f"{type(key).__name__} {key!r}".encode())
            _update(digest, value)
    elif isinstance(tree, list | tuple):
        digest.update(f"list {len(tree)}".encode())
        for value in tree:
            _update(digest, value)
    else:
        digest.update(f"{type(tree).__name__} {tree!r}".encode())


def _is_random_state(value: Any) -> bool:
    return value is None or (isinstance(value, Tensor) and value.dtype == torch.uint8 and value.ndim == 1)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_record(record: Any, number: int) -> bool:
    if not isinstance(record, dict) or record.keys() != _EPOCH_FIELDS or record["epoch"] != number:
        return False
    measures = record["measures"]
    return (
        isinstance(record["loss"], float)
        and isinstance(record["val_loss"], float | None)
        and isinstance(measures, dict)
        and all(isinstance(name, str) and isinstance(value, float | None) for name, value in measures.items())
    )


def _are_weights(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in value.items()
    )
