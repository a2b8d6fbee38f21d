"""The convolution of one relation, by MODEL_TYPE: within a type as PyG's models make it, between two as bipartite.

Hidden width on both sides, for the encoders before and the head after see to other widths.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch_geometric import nn as pyg
from torch_geometric.nn.module_dict import ModuleDict

from trainer.graph.edge_type import EdgeType
from trainer.models.convs import on_adjacency


def make_conv(args: Mapping[str, Any], kind: EdgeType) -> pyg.MessagePassing:
    """A convolution with fresh weights for the relation `kind`, as `hetero_args` says; to be called with an adjacency."""
    return on_adjacency(_stock(args, kind))


def _stock(args: Mapping[str, Any], kind: EdgeType) -> pyg.MessagePassing:
    width: int = args["hidden_channels"]
    within = kind[0] == kind[2]
    ends = width if within else (width, width)
    match args["model_type"]:
        case "GCN":  # loops and norm are in the adjacency; `HeteroConv` refuses the flag between two types
            return pyg.GCNConv(width, width, add_self_loops=within)
        case "GraphSAGE":
            return pyg.SAGEConv(ends, width)
        case "GraphConv":
            return pyg.GraphConv(ends, width)
        case "GIN":
            return pyg.GINConv(pyg.MLP([width, width, width], norm=None))
        case "EdgeCNN":
            return pyg.EdgeConv(pyg.MLP([2 * width, width, width], norm=None))
        case "PNA":
            degrees = torch.tensor(args["degrees"][ModuleDict.to_internal_key(kind)])
            return pyg.PNAConv(width, width, args["aggregators"], args["scalers"], degrees)
        case "GAT":
            return pyg.GATConv(ends, **_attention(args, kind))
        case "GATv2":
            return pyg.GATv2Conv(ends, **_attention(args, kind))
        case other:
            raise ValueError(f"no such model: {other}")


def _attention(args: Mapping[str, Any], kind: EdgeType) -> dict[str, Any]:
    """Heads side by side where they share the width evenly, else their mean."""
    width, heads = args["hidden_channels"], args["heads"]
    concat = width % heads == 0
    return {
        "out_channels": width // heads if concat else width,
        "heads": heads,
        "concat": concat,
        "dropout": args["dropout"],
        "add_self_loops": kind[0] == kind[2],
        "edge_dim": 1 if list(kind) in args["weighted"] else None,
    }
