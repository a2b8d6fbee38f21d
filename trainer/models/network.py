"""PyG's models for one vertex type, over one `Adjacency` per layer.

The models are PyG's own classes, with layers that are called with an adjacency: the `state_dict` fits both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor
from torch_geometric import nn as pyg
from torch_geometric.nn.models.basic_gnn import BasicGNN

from trainer.models.convs import on_adjacency
from trainer.models.sparse import Adjacency


class GraphConvNet(BasicGNN):  # type: ignore[misc]
    """The model that PyG does not have: a stack of its `GraphConv` layers, like its other models."""

    supports_edge_weight = True
    supports_edge_attr = False

    def init_conv(self, in_channels: int, out_channels: int, **kwargs: Any) -> pyg.GraphConv:
        """One layer."""
        return pyg.GraphConv(in_channels, out_channels, **kwargs)


class Network(BasicGNN):  # type: ignore[misc]
    """What the models below have in common."""

    def init_conv(self, in_channels: int, out_channels: int, **kwargs: Any) -> pyg.MessagePassing:
        """PyG's layer, to be called with an adjacency."""
        return on_adjacency(super().init_conv(in_channels, out_channels, **kwargs))

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


class GCN(Network, pyg.GCN):  # type: ignore[misc]
    """Kipf and Welling 2017."""


class GraphSAGE(Network, pyg.GraphSAGE):  # type: ignore[misc]
    """Hamilton et al. 2017."""


class GIN(Network, pyg.GIN):  # type: ignore[misc]
    """Xu et al. 2019."""


class GraphConv(Network, GraphConvNet):
    """Morris et al. 2019."""


class GAT(Network, pyg.GAT):  # type: ignore[misc]
    """Velickovic et al. 2018, and Brody et al. 2022 with `v2`."""


class PNA(Network, pyg.PNA):  # type: ignore[misc]
    """Corso et al. 2020."""


class EdgeCNN(Network, pyg.EdgeCNN):  # type: ignore[misc]
    """Wang et al. 2019."""
