"""A model of Spektral's as plain values: the layers of `spektral.layers` and Keras, one after the other, with their arguments.

The model file holds them, so that whoever reads it puts the model together without this program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trainer.models.spec import HomogeneousSpec
from trainer.registry.frameworks import FRAMEWORKS

Layer = list[Any]
"""The name of a class, and its arguments by name."""


def keras_layers(spec: HomogeneousSpec) -> list[Layer]:
    """The layers: convolutions with ReLU and dropout between them, and a linear layer where the outputs need one.

    All but `Dropout` and `Dense` are called with the vectors and the sparse matrix.
    """
    has_head = spec.type in FRAMEWORKS[spec.framework].linear_last
    conv, found = _CONVS[spec.type], []
    for number in range(spec.num_layers):
        is_last = number == spec.num_layers - 1 and not has_head
        width = spec.out_channels if is_last else spec.hidden_channels
        name, args = conv(spec, width, is_last)
        found.append([name, args | {"activation": None if is_last else "relu", "name": f"conv_{number}"}])
        if spec.dropout and not is_last:
            found.append(["Dropout", {"rate": spec.dropout}])
    return [*found, ["Dense", {"units": spec.out_channels, "name": "head"}]] if has_head else found


_Conv = tuple[str, dict[str, Any]]


def _gcn(spec: HomogeneousSpec, width: int, is_last: bool) -> _Conv:
    return "GCNConv", {"channels": width}


def _sage(spec: HomogeneousSpec, width: int, is_last: bool) -> _Conv:
    return "GraphSageConv", {"channels": width}


def _gin(spec: HomogeneousSpec, width: int, is_last: bool) -> _Conv:
    """As in PyG: a network of two maps, without normalisation, and the vertex itself counts as much as a neighbour."""
    return "GINConv", {"channels": width, "epsilon": 0, "mlp_hidden": [width], "mlp_batchnorm": False}


def _gat(spec: HomogeneousSpec, width: int, is_last: bool) -> _Conv:
    """As in PyG: heads side by side share the width, the last layer takes the mean of its heads."""
    assert spec.heads is not None
    heads = {"attn_heads": spec.heads, "concat_heads": not is_last, "dropout_rate": spec.dropout}
    return "GATConv", {"channels": width if is_last else width // spec.heads, **heads}


_CONVS: dict[str, Callable[[HomogeneousSpec, int, bool], _Conv]] = {
    "GCN": _gcn,
    "GraphSAGE": _sage,
    "GAT": _gat,
    "GIN": _gin,
}
