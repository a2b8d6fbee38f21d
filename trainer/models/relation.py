"""The convolution of one relation, by MODEL_TYPE: within a type as PyG's models make it, between two as bipartite.

Hidden width on both sides, for the encoders before and the head after see to other widths.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch_geometric.nn.models import MLP

from trainer.models.convs import EdgeConv, GATConv, GATv2Conv, GCNConv, GINConv, GraphConv, PNAConv, SAGEConv
from trainer.models.reach import EdgeType


def make_conv(args: Mapping[str, Any], kind: EdgeType, place: int) -> torch.nn.Module:
    """A convolution with fresh weights.

    Args:
        args: those of `hetero_args`.
        kind: the relation.
        place: which of `args["relations"]` it is.
    """
    width: int = args["hidden_channels"]
    within = kind[0] == kind[2]
    ends = width if within else (width, width)
    match args["model_type"]:
        case "GCN":  # two vertex sets are joined to one; the adjacency has the loops then, as it has the norm
            return GCNConv(width, width, add_self_loops=within)
        case "GraphSAGE":
            return SAGEConv(ends, width)
        case "GraphConv":
            return GraphConv(ends, width)
        case "GIN":
            return GINConv(MLP([width, width, width], norm=None))
        case "EdgeCNN":
            return EdgeConv(MLP([2 * width, width, width], norm=None))
        case "PNA":
            return PNAConv(width, width, PNA_AGGREGATORS, PNA_SCALERS, torch.tensor(args["degrees"][place]))
        case "GAT" | "GATv2" as name:
            return _attention(args, GATConv if name == "GAT" else GATv2Conv, kind, ends)
        case other:
            raise ValueError(f"unknown model {other!r}")


PNA_AGGREGATORS = ["mean", "min", "max", "std"]
PNA_SCALERS = ["identity", "amplification", "attenuation"]


def _attention(
    args: Mapping[str, Any], conv: type[torch.nn.Module], kind: EdgeType, ends: int | tuple[int, int]
) -> torch.nn.Module:
    """Heads side by side where they share the width evenly, else their mean."""
    width, heads = args["hidden_channels"], args["heads"]
    concat = width % heads == 0
    return conv(
        ends,
        width // heads if concat else width,
        heads=heads,
        concat=concat,
        dropout=args["dropout"],
        add_self_loops=kind[0] == kind[2],
        edge_dim=1 if list(kind) in args["weighted"] else None,
    )
