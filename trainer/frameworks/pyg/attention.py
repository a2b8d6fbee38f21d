"""GAT and GATv2: PyG's layers, with its parameters and their names, on the edges of an `Adjacency`.

The edges hold what PyG would add to them at every call: loops from each vertex to itself, and their values.
The heads are taken one after the other, so that only one of them has its numbers per edge in the cache.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric import nn as pyg

from trainer.frameworks.pyg.attention_scores import additive_scores, dynamic_scores
from trainer.frameworks.pyg.segments import attend
from trainer.frameworks.torch.sparse import Adjacency, Vertices


class GATConv(pyg.GATConv):  # type: ignore[misc]
    """`torch_geometric.nn.GATConv` on an `Adjacency`."""

    def forward(self, x: Vertices, adjacency: Adjacency) -> Tensor:
        """One vector per target."""
        x_src, x_dst = adjacency.ends(x)
        shape = (-1, self.heads, self.out_channels)
        x_src, mapped = _spread_mapped(self.lin or self.lin_src, x_src, adjacency)
        source = mapped.view(shape)
        if self.lin is None:
            target = self.lin_dst(x_dst).view(shape)
        else:
            target = self.lin(x_dst).view(shape) if isinstance(x, tuple) else adjacency.ends(source)[1]
        edge = _edge_vectors(self, adjacency)
        by_source = _products(x_src, (self.lin or self.lin_src).weight, source, self.att_src[0]).unbind(1)
        by_target = _products(x_dst, (self.lin or self.lin_dst).weight, target, self.att_dst[0]).unbind(1)
        by_value = [None] * self.heads if edge is None else (edge * self.att_edge[0]).sum(-1).unbind(0)
        heads = []
        for head, vectors in enumerate(source.unbind(1)):
            score = additive_scores(by_source[head], by_target[head], by_value[head], adjacency, self.negative_slope)
            heads.append(attend(score, vectors, adjacency, self.dropout if self.training else 0.0))
        return _finish(self, heads, x_dst)


class GATv2Conv(pyg.GATv2Conv):  # type: ignore[misc]
    """`torch_geometric.nn.GATv2Conv` on an `Adjacency`."""

    def forward(self, x: Vertices, adjacency: Adjacency) -> Tensor:
        """One vector per target."""
        x_src, x_dst = adjacency.ends(x)
        shape = (-1, self.heads, self.out_channels)
        _, mapped = _spread_mapped(self.lin_l, x_src, adjacency)
        source, target = mapped.view(shape), self.lin_r(x_dst).view(shape).unbind(1)
        edge = _edge_vectors(self, adjacency)
        by_value = [None] * self.heads if edge is None else edge.unbind(0)
        heads = []
        for head, vectors in enumerate(source.unbind(1)):
            score = dynamic_scores(
                vectors, target[head], by_value[head], self.att[0, head], adjacency, self.negative_slope
            )
            heads.append(attend(score, vectors, adjacency, self.dropout if self.training else 0.0))
        return _finish(self, heads, x_dst)


def _spread_mapped(linear: pyg.Linear, x: Tensor, adjacency: Adjacency) -> tuple[Tensor, Tensor]:
    """The vectors of all sources before the map, as far as `_products` asks for them, and after it.

    They are spread where they are narrower; of equal widths after the map, for less is kept for backward.
    """
    if linear.weight.size(0) > x.size(1) or adjacency.holds(x):
        x = adjacency.spread(x)
        return x, linear(x)
    return x, adjacency.spread(linear(x))


def _products(x: Tensor, weight: Tensor, mapped: Tensor, attention: Tensor) -> Tensor:
    """Of each head's vectors, `x` mapped by the weight, with its attention: [vertices, heads]."""
    heads, channels = attention.shape
    if heads * channels <= x.size(1):
        return (mapped * attention).sum(-1)
    # one column per head instead of one per channel
    return x @ (weight.view(heads, channels, -1) * attention[..., None]).sum(1).t()


def _edge_vectors(conv: GATConv | GATv2Conv, adjacency: Adjacency) -> Tensor | None:
    """What a value of one adds to each head, [heads, channels]."""
    if conv.lin_edge is None or adjacency.value is None:
        return None
    vectors: Tensor = conv.lin_edge.weight.view(conv.heads, conv.out_channels)
    return vectors


def _finish(conv: GATConv | GATv2Conv, heads: list[Tensor], x_dst: Tensor) -> Tensor:
    """The heads side by side or their mean, and what is added to them."""
    out = torch.cat(heads, dim=1) if conv.concat else torch.stack(heads).mean(0)
    if conv.res is not None:
        out = out + conv.res(x_dst)
    return out if conv.bias is None else out + conv.bias
