"""PyG's models for one vertex type, over one `Adjacency` per layer.

The models are PyG's own classes, with layers that are called with an adjacency: the `state_dict` fits both ways.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from typing import Any

from torch import Tensor
from torch_geometric import nn as pyg
from torch_geometric.nn.models.basic_gnn import BasicGNN

from trainer.frameworks.pyg.convs import on_adjacency
from trainer.frameworks.torch.sparse import Adjacency
from trainer.models.spec import HomogeneousSpec
from trainer.registry.models import MODELS, ModelKind


class GraphConvNet(BasicGNN):  # type: ignore[misc]
    """The model that PyG does not have: a stack of its `GraphConv` layers, like its other models."""

    supports_edge_weight = True
    supports_edge_attr = False

    def init_conv(self, in_channels: int, out_channels: int, **kwargs: Any) -> pyg.GraphConv:
        """One layer."""
        return pyg.GraphConv(in_channels, out_channels, **kwargs)


class Network(BasicGNN):  # type: ignore[misc]
    """A model of PyG's, by its row: mixed into its stock class."""

    kind: ModelKind

    def init_conv(self, in_channels: int, out_channels: int, **kwargs: Any) -> pyg.MessagePassing:
        """PyG's layer, to be called with an adjacency."""
        return on_adjacency(super().init_conv(in_channels, out_channels, **kwargs), self.kind)

    def layer(self, number: int, x: Tensor, adjacency: Adjacency) -> Tensor:
        """One layer, with the activation and the dropout between it and the next one.

        Args:
            number: which layer, from 0 to `num_layers` - 1.
            x: [sources, channels]; the targets are the first of the sources.
            adjacency: of the relation.
        """
        x = self.convs[number](x, adjacency)
        return x if number == self.num_layers - 1 else self.dropout(self.act(x))

    def forward(self, x: Tensor, adjacencies: Sequence[Adjacency]) -> Tensor:
        """All layers, each over its own adjacency: [sources of the first, channels] to [targets of the last, outputs]."""
        for number, adjacency in enumerate(adjacencies):
            x = self.layer(number, x, adjacency)
        return x


def make_network(spec: HomogeneousSpec) -> Network:
    """The model with fresh weights; its `state_dict` fits the stock class with the same arguments."""
    kind = MODELS[spec.type]
    stock = pkgutil.resolve_name(kind.stock)
    ours: type[Network] = type(stock.__name__, (Network, stock), {"kind": kind})
    # an activation in place is one matrix less in memory, and to write
    return ours(**spec.args, **({"act_kwargs": {"inplace": True}} if kind.in_place else {}))
