"""How many numbers a layer learns, for each model of MODEL_TYPE: what its classes would say, without loading them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LayerShape:
    """A layer of a model.

    Attributes:
        num_in: width of the vectors that it takes.
        num_out: width of those that it gives.
        between_types: whether sources and targets are of two types.
        heads: attention heads.
        concat: whether the heads stand side by side; else each has the whole width.
        has_edge_feature: whether it takes a number from each edge.
        num_reductions: for a layer that reduces the neighbours in several ways, how many.
    """

    num_in: int
    num_out: int
    between_types: bool = False
    heads: int = 1
    concat: bool = True
    has_edge_feature: bool = False
    num_reductions: int = 1

    @property
    def all_heads(self) -> int:
        """Width of all heads together."""
        return self.heads * (self.num_out // self.heads if self.concat else self.num_out)


LayerWeights = Callable[[LayerShape], int]


def one_map(layer: LayerShape) -> int:
    """GCN: the sum of the neighbours through a linear map."""
    return _linear(layer.num_in, layer.num_out)


def two_maps(layer: LayerShape) -> int:
    """GraphSAGE and GraphConv: the neighbours through one map, the vertex itself through another."""
    return _linear(layer.num_in, layer.num_out) + layer.num_in * layer.num_out


def network(layer: LayerShape) -> int:
    """GIN: a network of two layers on the sum of both."""
    return _linear(layer.num_in, layer.num_out) + _linear(layer.num_out, layer.num_out)


def edge_network(layer: LayerShape) -> int:
    """EdgeCNN: a network of two layers on both ends of an edge."""
    return _linear(2 * layer.num_in, layer.num_out) + _linear(layer.num_out, layer.num_out)


def reductions(layer: LayerShape) -> int:
    """PNA: a map of both ends of an edge, then one of all reductions beside the vertex, then a last one."""
    width = layer.num_in
    reduced = _linear((layer.num_reductions + 1) * width, layer.num_out)
    return _linear(2 * width, width) + reduced + _linear(layer.num_out, layer.num_out)


def additive_attention(layer: LayerShape) -> int:
    """GAT: maps without bias, a vector for each end, one for the edge's feature and its map, one bias."""
    width, maps = layer.all_heads, 2 if layer.between_types else 1
    return maps * layer.num_in * width + (4 if layer.has_edge_feature else 2) * width + _bias(layer)


def dynamic_attention(layer: LayerShape) -> int:
    """GATv2: a map for each end, one vector, a map of the edge's feature, one bias."""
    width = layer.all_heads
    return 2 * _linear(layer.num_in, width) + (2 if layer.has_edge_feature else 1) * width + _bias(layer)


def additive_attention_by_head(layer: LayerShape) -> int:
    """DGL's GAT: its bias is one for each head, also where the heads are averaged."""
    return additive_attention(layer) - _bias(layer) + layer.all_heads


def dynamic_attention_without_bias(layer: LayerShape) -> int:
    """DGL's GATv2: its maps have biases, the result has none."""
    return dynamic_attention(layer) - _bias(layer)


def _linear(num_in: int, num_out: int) -> int:
    return num_in * num_out + num_out


def _bias(layer: LayerShape) -> int:
    return layer.all_heads if layer.concat else layer.num_out
