"""PyG's layers, called with an `Adjacency`.

Each is PyG's own class with another `forward`: the same parameters under the same names, the same result, less work.
A sum over neighbours commutes with a linear map, A(XW) = (AX)W, so it is taken on the side with fewer channels; of
inputs that never change it is taken once per run.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F
from torch_geometric import nn as pyg
from torch_geometric.nn import MessagePassing

from trainer.frameworks.torch.sparse import Adjacency, Vertices
from trainer.registry.models import ModelKind


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


class _AsInPyG(MessagePassing):  # type: ignore[misc]
    """Any layer of PyG's: its own forward over the edges of the adjacency, two vertex sets taken as one graph."""

    weight_argument: str | None = None
    """The name by which the layer takes an edge's weight."""

    def forward(self, x: Vertices, adjacency: Adjacency) -> Tensor:
        """One vector for each target."""
        edge_index = adjacency.edge_index
        if isinstance(x, tuple):
            edge_index = edge_index + edge_index.new_tensor([[adjacency.num_targets], [0]])
            x = torch.cat([x[1], adjacency.spread(x[0])])
        else:
            x = adjacency.spread(x)
        weight = {}
        if self.weight_argument is not None and adjacency.value is not None:
            is_feature = self.weight_argument == "edge_attr"
            weight[self.weight_argument] = adjacency.value[:, None] if is_feature else adjacency.value
        out: Tensor = super().forward(x, edge_index, **weight)
        return out[: adjacency.num_targets]


def on_adjacency(conv: MessagePassing, kind: ModelKind) -> MessagePassing:
    """The same layer, with the same parameters, to be called with an `Adjacency`."""
    conv.__class__ = pkgutil.resolve_name(kind.layer) if kind.layer else _as_in_pyg(type(conv), kind.edge_weight)
    return conv


def _as_in_pyg(layer: type[MessagePassing], edge_weight: str | None) -> type[MessagePassing]:
    arguments = {"factor": "edge_weight", "feature": "edge_attr", None: None}
    return type(layer.__name__, (_AsInPyG, layer), {"weight_argument": arguments[edge_weight]})


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
    return num_out < num_in or (num_out == num_in and not adjacency.has_more_sources)


def _first_linear(network: torch.nn.Module) -> torch.nn.Linear | None:
    """The first layer of a plain MLP, one whose layers have nothing but the activation between them."""
    if not isinstance(network, pyg.MLP) or not network.plain_last or len(network.lins) < 2 or network.act is None:
        return None
    plain = not any(network.dropout) and all(isinstance(norm, torch.nn.Identity) for norm in network.norms)
    first: torch.nn.Linear = network.lins[0]
    return first if plain else None
