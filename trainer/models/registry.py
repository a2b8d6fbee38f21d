"""From the name in MODEL_TYPE to a PyG model as plain values, and from these to the model, stock or fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch_geometric import nn as pyg

from trainer.models import network
from trainer.settings.groups.model import ModelSettings


@dataclass(frozen=True)
class ModelSpec:
    """A model as plain values: its class and the arguments that build it (`deg` of PNA is a tensor)."""

    type: str
    class_name: str
    args: dict[str, Any]

    def build(self) -> torch.nn.Module:
        """PyG's own model, with fresh weights from torch's random state."""
        module: torch.nn.Module = _KINDS[self.type].stock(**self.args)
        return module

    def build_network(self) -> network.Network:
        """The same model over adjacencies; its `state_dict` fits `build()`, and the other way round."""
        kind = _KINDS[self.type]
        return kind.network(**self.args, **kind.network_args)


Extra = Callable[[ModelSettings, Tensor, int], dict[str, Any]]
"""Arguments beyond the common ones, from the settings, the edges and the number of vertices."""


@dataclass(frozen=True)
class _Kind:
    """How a model is made: PyG's class, ours, arguments beyond the common ones, and those that only ours is given."""

    stock: type[torch.nn.Module]
    network: type[network.Network]
    extra: Extra = lambda settings, edge_index, num_nodes: {}
    network_args: dict[str, Any] = field(default_factory=dict)
    takes_edge_dim: bool = False


def _attention(settings: ModelSettings, edge_index: Tensor, num_nodes: int) -> dict[str, Any]:
    return {"heads": settings.heads, "v2": settings.model_type == "GATv2"}


def _degrees(settings: ModelSettings, edge_index: Tensor, num_nodes: int) -> dict[str, Any]:
    return PNA_ARGS | {"deg": torch.tensor(count_in_degrees(edge_index, num_nodes))}


def count_in_degrees(edge_index: Tensor, num_targets: int) -> list[int]:
    """How many targets have each in-degree, from 0 on; PNA scales by it."""
    if not edge_index.size(1):  # PNA would divide by the mean degree
        return [0, max(num_targets, 1)]
    counts: list[int] = torch.bincount(torch.bincount(edge_index[1], minlength=num_targets)).tolist()
    return counts


PNA_ARGS: dict[str, Any] = {
    "aggregators": ["mean", "min", "max", "std"],
    "scalers": ["identity", "amplification", "attenuation"],
}
"""Of Corso et al. 2020."""
_IN_PLACE = {"act_kwargs": {"inplace": True}}
"""For layers whose backward does not need their result: one matrix less in memory, and to write."""

_KINDS = {
    "GCN": _Kind(pyg.GCN, network.GCN, network_args=_IN_PLACE),
    "GAT": _Kind(pyg.GAT, network.GAT, _attention, takes_edge_dim=True),
    "GATv2": _Kind(pyg.GAT, network.GAT, _attention, takes_edge_dim=True),
    "GraphSAGE": _Kind(pyg.GraphSAGE, network.GraphSAGE, network_args=_IN_PLACE),
    "GIN": _Kind(pyg.GIN, network.GIN, network_args=_IN_PLACE),
    "GraphConv": _Kind(network.GraphConvNet, network.GraphConv, network_args=_IN_PLACE),
    "PNA": _Kind(pyg.PNA, network.PNA, _degrees, takes_edge_dim=True),
    "EdgeCNN": _Kind(pyg.EdgeCNN, network.EdgeCNN),
}


def describe_model(
    settings: ModelSettings,
    in_channels: int,
    out_channels: int,
    edge_index: Tensor,
    num_nodes: int,
    *,
    has_weights: bool = False,
) -> ModelSpec:
    """The model that the settings ask for, for inputs and outputs of these widths, over edges with weights or without.

    GCN and GraphConv multiply by an edge's weight; attention and PNA take it as a feature of the edge.
    """
    kind = _KINDS[settings.model_type]
    args: dict[str, Any] = {
        "in_channels": in_channels,
        "hidden_channels": settings.hidden_channels,
        "num_layers": settings.num_layers,
        "out_channels": out_channels,
        "dropout": settings.dropout,
    }
    if has_weights and kind.takes_edge_dim:
        args["edge_dim"] = 1
    extra = kind.extra(settings, edge_index, num_nodes)
    return ModelSpec(settings.model_type, kind.stock.__name__, args | extra)
