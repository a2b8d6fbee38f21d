"""PyG's convolution of one relation: within a type as PyG's models make it, between two as bipartite.

Hidden width on both sides, for the encoders before and the head after see to other widths. Each function but `make_conv`
and `make_layer` is the `relation` of a model in `trainer/registry/models.py`.
"""

from __future__ import annotations

import pkgutil
import warnings
from collections.abc import Mapping

import torch
from torch_geometric import nn as pyg

from trainer.frameworks.pyg.convs import on_adjacency
from trainer.graph.edge_type import EdgeType
from trainer.models.spec import HeteroSpec
from trainer.registry.models import MODELS


def make_conv(spec: HeteroSpec, edge_type: EdgeType) -> pyg.MessagePassing:
    """A convolution with fresh weights for a relation, to be called with an adjacency."""
    kind = MODELS[spec.type]
    assert kind.relation is not None, "no other model is described for several types"
    return on_adjacency(pkgutil.resolve_name(kind.relation)(spec, edge_type), kind)


def make_layer(convs: Mapping[EdgeType, torch.nn.Module]) -> pyg.HeteroConv:
    """PyG's container of the relations of a layer, which warns of types that no relation leads to: they keep their vectors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=UserWarning)
        return pyg.HeteroConv(dict(convs))


def gcn(spec: HeteroSpec, edge_type: EdgeType) -> pyg.GCNConv:
    """Loops and norm are in the adjacency; `HeteroConv` refuses the flag between two types."""
    return pyg.GCNConv(spec.hidden_channels, spec.hidden_channels, add_self_loops=_is_within(edge_type))


def sage(spec: HeteroSpec, edge_type: EdgeType) -> pyg.SAGEConv:
    """The mean of the neighbours beside the vertex's own vector."""
    return pyg.SAGEConv(_widths(spec, edge_type), spec.hidden_channels)


def graph_conv(spec: HeteroSpec, edge_type: EdgeType) -> pyg.GraphConv:
    """The sum of the neighbours beside the vertex's own vector."""
    return pyg.GraphConv(_widths(spec, edge_type), spec.hidden_channels)


def gin(spec: HeteroSpec, edge_type: EdgeType) -> pyg.GINConv:
    """A network of the sum of both."""
    return pyg.GINConv(pyg.MLP([spec.hidden_channels] * 3, norm=None))


def edge_conv(spec: HeteroSpec, edge_type: EdgeType) -> pyg.EdgeConv:
    """The maximum of a network of both ends of each edge."""
    width = spec.hidden_channels
    return pyg.EdgeConv(pyg.MLP([2 * width, width, width], norm=None))


def pna(spec: HeteroSpec, edge_type: EdgeType) -> pyg.PNAConv:
    """Several reductions, scaled by the degrees of this relation."""
    assert spec.degrees is not None
    args = MODELS[spec.type].layer_args
    return pyg.PNAConv(spec.hidden_channels, spec.hidden_channels, **args, deg=torch.tensor(spec.degrees[edge_type]))


def attention(spec: HeteroSpec, edge_type: EdgeType) -> pyg.MessagePassing:
    """Heads side by side where they share the width evenly, else their mean."""
    assert spec.heads is not None
    layer = pyg.GATv2Conv if MODELS[spec.type].stock_args["v2"] else pyg.GATConv
    width, heads = spec.hidden_channels, spec.heads
    concat = width % heads == 0
    return layer(
        _widths(spec, edge_type),
        width // heads if concat else width,
        heads=heads,
        concat=concat,
        dropout=spec.dropout,
        add_self_loops=_is_within(edge_type),
        edge_dim=1 if edge_type in spec.weighted else None,
    )


def _is_within(edge_type: EdgeType) -> bool:
    return edge_type[0] == edge_type[2]


def _widths(spec: HeteroSpec, edge_type: EdgeType) -> int | tuple[int, int]:
    width = spec.hidden_channels
    return width if _is_within(edge_type) else (width, width)
