"""A graph as Spektral's layers take it: features, and a square sparse matrix."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.dataset.inputs import Inputs
from trainer.frameworks.spektral.library import tf
from trainer.frameworks.torch.structure import make_structure
from trainer.registry.models import MODELS


class GraphTensors(NamedTuple):
    """The inputs of a network.

    Attributes:
        x: float32 [vertices, channels].
        a: float32 sparse [vertices, vertices], parallel edges side by side. Of GCN it is D^-1/2 (A + I) D^-1/2 with a row
            for each target, for its layer multiplies by it; the other layers send messages from rows to columns.
    """

    x: tf.Tensor
    a: tf.SparseTensor


def graph_tensors(model_type: str, inputs: Inputs) -> GraphTensors:
    """The only vertex type and the only relation of a graph."""
    kind, num = MODELS[model_type], len(inputs.target_vertices)
    (edges,) = inputs.edges.values()
    source, target = edges.index
    if not kind.normalised:
        return GraphTensors(tf.constant(inputs.x), _sparse(source, target, np.ones(len(source), np.float32), num))
    weight = None if edges.weight is None else torch.from_numpy(edges.weight)
    structure = make_structure(kind, torch.from_numpy(edges.index), weight, num, num, same_type=True)
    assert structure.value is not None
    assert structure.loop is not None
    others, every = source != target, np.arange(num)
    rows, columns = np.concatenate([target[others], every]), np.concatenate([source[others], every])
    values = np.concatenate([structure.value.numpy()[others], structure.loop.numpy()])
    return GraphTensors(tf.constant(inputs.x), _sparse(rows, columns, values, num))


def _sparse(
    rows: NDArray[np.int64], columns: NDArray[np.int64], values: NDArray[np.float32], num: int
) -> tf.SparseTensor:
    order = np.lexsort((columns, rows))  # the order that TensorFlow means by "sorted"
    return tf.SparseTensor(np.stack([rows, columns], axis=1)[order], values[order].astype(np.float32), (num, num))
