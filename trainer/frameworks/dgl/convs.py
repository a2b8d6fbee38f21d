"""DGL's layers, called with an `Adjacency`.

Each is DGL's own class with another `forward`, so that the parameters keep DGL's names. What an edge counts, and the loops
that PyG adds, are in the adjacency: DGL's own normalisation divides by the degrees of the other direction. The first weights
are drawn as PyG draws them: DGL's own are up to three times as large, which costs accuracy where labels are few.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from trainer.frameworks.dgl.blocks import block_of
from trainer.frameworks.dgl.library import nn
from trainer.frameworks.torch.sparse import Adjacency, Vertices


def _spread(x: Vertices, adjacency: Adjacency) -> Vertices:
    """With the vectors of other ranks' vertices, where some of the edges come from those."""
    return adjacency.spread(x) if isinstance(x, Tensor) else (adjacency.spread(x[0]), x[1])


class GraphConv(nn.GraphConv):  # type: ignore[misc]
    """GCN (Kipf and Welling 2017); the adjacency takes two vertex sets as one, (targets, sources)."""

    def __init__(self, num_in: int, num_out: int) -> None:
        """Fresh weights; a vertex without edges is allowed, and gets the bias."""
        super().__init__(num_in, num_out, norm="none", allow_zero_in_degree=True)

    def forward(self, x: Vertices, adjacency: Adjacency) -> Tensor:
        """One vector for each target."""
        joined = x if isinstance(x, Tensor) else torch.cat([x[1], x[0]])
        weights = adjacency.weights("sum", False, joined.dtype)
        out: Tensor = super().forward(block_of(adjacency), adjacency.spread(joined), edge_weight=weights)
        return out


class SAGEConv(nn.SAGEConv):  # type: ignore[misc]
    """GraphSAGE (Hamilton et al. 2017): the mean of the neighbours beside the vertex's own vector."""

    def __init__(self, num_in: int, num_out: int) -> None:
        """Fresh weights."""
        super().__init__(num_in, num_out, "mean")
        self.fc_neigh.reset_parameters()
        self.fc_self.reset_parameters()

    def forward(self, x: Vertices, adjacency: Adjacency) -> Tensor:
        """One vector for each target."""
        out: Tensor = super().forward(block_of(adjacency), _spread(x, adjacency))
        return out


class GINConv(nn.GINConv):  # type: ignore[misc]
    """Xu et al. 2019: a network of two maps of the sum of the neighbours and the vertex's own vector."""

    def __init__(self, num_in: int, num_out: int) -> None:
        """Fresh weights; the vertex itself counts one, as a neighbour does."""
        super().__init__(
            torch.nn.Sequential(torch.nn.Linear(num_in, num_out), torch.nn.ReLU(), torch.nn.Linear(num_out, num_out)),
            "sum",
        )

    def forward(self, x: Vertices, adjacency: Adjacency) -> Tensor:
        """One vector for each target."""
        weights = adjacency.weights("sum", False, adjacency.ends(x)[1].dtype)
        out: Tensor = super().forward(block_of(adjacency), _spread(x, adjacency), edge_weight=weights)
        return out


class Attention(torch.nn.Module):
    """Attention in several heads, mixed into a layer of DGL's that gives them one by one."""

    def __init__(self, widths: int | tuple[int, int], num_out: int, heads: int, concat: bool, dropout: float) -> None:
        """Fresh weights.

        Args:
            widths: of what it takes; two for sources and targets of two types, which are then mapped apart.
            num_out: width of what it gives.
            heads: how many.
            concat: whether they stand side by side, sharing the width; else each has all of it, and the mean is given.
            dropout: the share of edges that a head does not see in training.
        """
        width = num_out // heads if concat else num_out
        super().__init__(widths, width, heads, attn_drop=dropout, allow_zero_in_degree=True)
        self._concat = concat
        for linear in (module for module in self.modules() if isinstance(module, torch.nn.Linear)):
            linear.reset_parameters()  # the bias
            torch.nn.init.xavier_uniform_(linear.weight)
        for name, parameter in self.named_parameters():
            if name.startswith("attn"):
                bound = math.sqrt(6 / (heads + width))
                torch.nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Vertices, adjacency: Adjacency) -> Tensor:
        """One vector for each target."""
        heads: Tensor = super().forward(block_of(adjacency), _spread(x, adjacency))  # [targets, heads, channels]
        return heads.flatten(1) if self._concat else heads.mean(1)


class GATConv(Attention, nn.GATConv):  # type: ignore[misc]
    """GAT (Veličković et al. 2018); its bias is one number per head and channel, also where the heads are averaged."""


class GATv2Conv(Attention, nn.GATv2Conv):  # type: ignore[misc]
    """GATv2 (Brody et al. 2022); its biases are those of the two maps, it has none of its own."""


PLAIN: Mapping[str, Callable[[int, int], torch.nn.Module]] = {"GCN": GraphConv, "GraphSAGE": SAGEConv, "GIN": GINConv}
"""By MODEL_TYPE the layers that are made from two widths."""

WITH_HEADS: Mapping[str, type[Attention]] = {"GAT": GATConv, "GATv2": GATv2Conv}
"""By MODEL_TYPE those of attention."""
