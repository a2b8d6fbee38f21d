"""PyG's layers, called with an `Adjacency`.

Each is PyG's own class with another `forward`: the same parameters under the same names, the same result, less work.
A sum over neighbours commutes with a linear map, A(XW) = (AX)W, so it is taken on the side with fewer channels; of
inputs that never change it is taken once per run.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F
from torch_geometric import nn as pyg
from torch_geometric.nn import MessagePassing

from trainer.models.attention import GATConv, GATv2Conv
from trainer.models.sparse import Adjacency, Vertices


class GCNConv(pyg.GCNConv):  # type: ignore[misc]
    """Kipf and Welling 2017. Norm and loops are in the adjacency, which takes two vertex sets as (targets, sources)."""

    def forward(self, x: Vertices, adjacency: Adjacency) -> Tensor:
        """One vector for each target."""
        joined = x if isinstance(x, Tensor) else torch.cat([x[1], x[0]])
        return _mapped(adjacency.matmul, joined, self.lin.weight, self.bias, adjacency)


class SAGEConv(pyg.SAGEConv):  # type: ignore[misc]
    """GraphSAGE (Hamilton et al. 2017): the mean of the neighbours beside the vertex's own vector."""

    def forward(self, x: Vertices, adjacency: Adjacency) -> Tensor:
        """One vector for each target."""
        assert self.aggr == "mean", "the only reduction that is written here"
        assert not self.project
        assert not self.normalize
        source, target = adjacency.ends(x)
        out = _mapped(adjacency.mean, source, self.lin_l.weight, self.lin_l.bias, adjacency)
        return out.addmm_(target, self.lin_r.weight.t()) if self.root_weight else out


class GraphConv(pyg.GraphConv):  # type: ignore[misc]
    """Morris et al. 2019: the weighted sum of the neighbours beside the vertex's own vector."""

    def forward(self, x: Vertices, adjacency: Adjacency) -> Tensor:
        """One vector for each target."""
        assert self.aggr == "add", "the only reduction that is written here"
        source, target = adjacency.ends(x)
        out = _mapped(adjacency.matmul, source, self.lin_rel.weight, self.lin_rel.bias, adjacency)
        return out.addmm_(target, self.lin_root.weight.t())


class GINConv(pyg.GINConv):  # type: ignore[misc]
    """Xu et al. 2019: a network of the sum of the neighbours and the vertex's own vector."""

    def forward(self, x: Vertices, adjacency: Adjacency) -> Tensor:
        """One vector for each target."""
        source, target = adjacency.ends(x)
        first = _first_linear(self.nn)
        if first is None or not _maps_first(source, first.weight, adjacency):
            out: Tensor = self.nn(adjacency.matmul(source) + (1 + self.eps) * target)
            return out
        mapped = F.linear(source, first.weight)
        own = F.linear(target, first.weight) if isinstance(x, tuple) else mapped[: adjacency.num_targets]
        out = adjacency.matmul(mapped) + (1 + self.eps) * own + first.bias
        for linear in self.nn.lins[1:]:
            out = linear(self.nn.act(out))
        return out


class _AsStored(MessagePassing):  # type: ignore[misc]
    """Any layer of PyG's: its own forward over the edges of the adjacency, two vertex sets taken as one graph."""

    def forward(self, x: Vertices, adjacency: Adjacency) -> Tensor:
        """One vector for each target."""
        edge_index = adjacency.edge_index
        if isinstance(x, tuple):
            edge_index = edge_index + edge_index.new_tensor([[adjacency.num_targets], [0]])
            x = torch.cat([x[1], x[0]])
        features = {}
        if getattr(self, "edge_dim", None) is not None and adjacency.value is not None:
            features["edge_attr"] = adjacency.value.unsqueeze(1)
        out: Tensor = super().forward(x, edge_index, **features)
        return out[: adjacency.num_targets]


class PNAConv(_AsStored, pyg.PNAConv):  # type: ignore[misc]
    """Corso et al. 2020, as PyG computes it."""


class EdgeConv(_AsStored, pyg.EdgeConv):  # type: ignore[misc]
    """Wang et al. 2019, as PyG computes it."""


_LAYERS = (GCNConv, SAGEConv, GraphConv, GINConv, PNAConv, EdgeConv, GATConv, GATv2Conv)
_OURS: dict[type[MessagePassing], type[MessagePassing]] = {getattr(pyg, layer.__name__): layer for layer in _LAYERS}


def on_adjacency(conv: MessagePassing) -> MessagePassing:
    """The same layer, with the same parameters, to be called with an `Adjacency`."""
    conv.__class__ = _OURS[type(conv)]
    return conv


def _mapped(
    aggregate: Callable[[Tensor], Tensor], x: Tensor, weight: Tensor, bias: Tensor | None, adjacency: Adjacency
) -> Tensor:
    """`aggregate(x)` through a linear layer, whichever comes first; the result is nobody else's."""
    if not _maps_first(x, weight, adjacency):
        return F.linear(aggregate(x), weight, bias)
    out = aggregate(F.linear(x, weight))
    return out if bias is None else out.add_(bias)


def _maps_first(x: Tensor, weight: Tensor, adjacency: Adjacency) -> bool:
    """Whether the linear layer comes before the sum: there are fewer channels after it, and no sum is held.

    Of equal widths the map comes first, for less is kept for backward, unless there are more sources to map than targets.
    """
    if adjacency.holds(x):
        return False
    num_out, num_in = weight.shape
    return num_out < num_in or (num_out == num_in and adjacency.num_sources <= adjacency.num_targets)


def _first_linear(network: torch.nn.Module) -> torch.nn.Linear | None:
    """The first layer of a plain MLP, one whose layers have nothing but the activation between them."""
    if not isinstance(network, pyg.MLP) or not network.plain_last or len(network.lins) < 2 or network.act is None:
        return None
    plain = not any(network.dropout) and all(isinstance(norm, torch.nn.Identity) for norm in network.norms)
    first: torch.nn.Linear = network.lins[0]
    return first if plain else None
