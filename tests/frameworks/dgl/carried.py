"""PyG's weights in the places that DGL has for them, so that gradients flow back into PyG's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

Weights = Mapping[str, Tensor]


def gcn(weights: Weights) -> dict[str, Tensor]:
    """DGL's matrix maps from the left."""
    return {"weight": weights["lin.weight"].t(), "bias": weights["bias"]}


def sage(weights: Weights) -> dict[str, Tensor]:
    """DGL's bias stands beside the vertex's own map."""
    return {
        "fc_neigh.weight": weights["lin_l.weight"],
        "fc_self.weight": weights["lin_r.weight"],
        "fc_self.bias": weights["lin_l.bias"],
    }


def gin(weights: Weights) -> dict[str, Tensor]:
    """The same network of two maps."""
    maps = {
        f"apply_func.{ours}.{name}": weights[f"nn.lins.{theirs}.{name}"]
        for ours, theirs in ((0, 0), (2, 1))
        for name in ("weight", "bias")
    }
    return maps | {"eps": weights["eps"]}


def gat(weights: Weights) -> dict[str, Tensor]:
    """DGL's bias has a number for each head, also where the mean is taken of them."""
    maps = {"lin.weight": "fc.weight", "lin_src.weight": "fc_src.weight", "lin_dst.weight": "fc_dst.weight"}
    attention = {"attn_l": weights["att_src"], "attn_r": weights["att_dst"]}
    carried = {ours: weights[theirs] for theirs, ours in maps.items() if theirs in weights}
    return carried | attention | {"bias": by_head(weights["bias"], weights["att_src"])}


def gatv2(weights: Weights) -> dict[str, Tensor]:
    """DGL has no bias beside those of the maps: in the sources' map it is PyG's, the targets' map takes it back."""
    bias = by_head(weights["bias"], weights["att"])
    return {
        "fc_src.weight": weights["lin_l.weight"],
        "fc_src.bias": weights["lin_l.bias"] + bias,
        "fc_dst.weight": weights["lin_r.weight"],
        "fc_dst.bias": weights["lin_r.bias"] - bias,
        "attn": weights["att"],
    }


def by_head(bias: Tensor, attention: Tensor) -> Tensor:
    """A bias with a number for each head and channel."""
    return bias if bias.numel() == attention.numel() else bias.repeat(attention.size(1))


CARRY: Mapping[str, Callable[[Weights], dict[str, Tensor]]] = {
    "GCN": gcn,
    "GraphSAGE": sage,
    "GAT": gat,
    "GATv2": gatv2,
    "GIN": gin,
}


def carried(model_type: str, weights: Weights, theirs: str, ours: str) -> dict[str, Tensor]:
    """Those of one layer, which has the name `theirs` in PyG's model and `ours` in DGL's."""
    of_layer = {name.removeprefix(theirs): value for name, value in weights.items() if name.startswith(theirs)}
    return {f"{ours}{name}": value for name, value in CARRY[model_type](of_layer).items()}


def stirred(module: torch.nn.Module) -> None:
    """Weights near those of the module, none of them zero: biases start there, where mistakes do not show."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.3)
