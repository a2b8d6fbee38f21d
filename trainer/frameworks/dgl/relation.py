"""DGL's convolution of one relation, and the layer that holds those of all relations."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from trainer.frameworks.dgl.convs import PLAIN, WITH_HEADS
from trainer.frameworks.dgl.library import nn
from trainer.graph.edge_type import EdgeType
from trainer.models.spec import HeteroSpec


def make_conv(spec: HeteroSpec, edge_type: EdgeType) -> torch.nn.Module:
    """A convolution with fresh weights for a relation, hidden width on both sides, to be called with an adjacency."""
    width, heads = spec.hidden_channels, spec.heads
    if heads is None:
        return PLAIN[spec.type](width, width)
    widths = width if edge_type[0] == edge_type[2] else (width, width)
    return WITH_HEADS[spec.type](widths, width, heads, width % heads == 0, spec.dropout)


def make_layer(convs: Mapping[EdgeType, torch.nn.Module]) -> torch.nn.Module:
    """DGL's container of the relations of a layer, as a reader of the model file makes it.

    Its name of a relation is the text of the triple; torch's modules have no dots in their names.
    """
    layer: torch.nn.Module = nn.HeteroGraphConv(
        {str(edge_type).replace(".", "#"): conv for edge_type, conv in convs.items()}
    )
    return layer
