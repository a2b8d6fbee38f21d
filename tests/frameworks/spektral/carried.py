"""Weights of PyG's models in the places that Spektral has for them; moments of an optimiser are carried like them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch_geometric import nn as pyg
from torch_geometric.utils import add_remaining_self_loops

from tests.frameworks.stock import stock_model
from trainer.models.spec import HomogeneousSpec

Weights = Mapping[str, Tensor]


class Sage(torch.nn.Module):
    """What Spektral's GraphSAGE is in PyG's words: each vertex among its neighbours, vectors of length 1, a linear layer."""

    def __init__(self, spec: HomogeneousSpec) -> None:
        """Fresh weights."""
        super().__init__()
        widths = [spec.in_channels, *[spec.hidden_channels] * spec.num_layers]
        self.convs = torch.nn.ModuleList(
            pyg.SAGEConv(widths[number], widths[number + 1], normalize=True) for number in range(spec.num_layers)
        )
        self.lin = torch.nn.Linear(spec.hidden_channels, spec.out_channels)

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        """The outputs of all vertices."""
        with_loops, _ = add_remaining_self_loops(edge_index, num_nodes=len(x))
        for conv in self.convs:
            x = conv(x, with_loops).relu()
        outputs: Tensor = self.lin(x)
        return outputs


def reference(spec: HomogeneousSpec) -> torch.nn.Module:
    """The same model in PyG, with fresh weights none of which is zero: biases start there, where mistakes do not show."""
    plain = HomogeneousSpec(**{name: getattr(spec, name) for name in spec.__dataclass_fields__} | {"framework": "pyg"})
    module = Sage(spec) if spec.type == "GraphSAGE" else stock_model(plain)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return module


def carried(spec: HomogeneousSpec, weights: Weights) -> dict[str, Tensor]:
    """PyG's weights by Spektral's names."""
    found: dict[str, Tensor] = {}
    for number in range(spec.num_layers):
        prefix = f"convs.{number}."
        of_layer = {
            name.removeprefix(prefix): value.detach() for name, value in weights.items() if name.startswith(prefix)
        }
        found |= {f"conv_{number}/{name}": value for name, value in _CARRY[spec.type](of_layer).items()}
    if "lin.weight" in weights:
        found |= {"head/kernel": weights["lin.weight"].detach().t(), "head/bias": weights["lin.bias"].detach()}
    return {name: value.contiguous() for name, value in found.items()}


def _gcn(weights: Weights) -> dict[str, Tensor]:
    return {"kernel": weights["lin.weight"].t(), "bias": weights["bias"]}


def _sage(weights: Weights) -> dict[str, Tensor]:
    """One matrix, the vertex's own vector before the mean."""
    kernel = torch.cat([weights["lin_r.weight"].t(), weights["lin_l.weight"].t()])
    return {"kernel": kernel, "bias": weights["lin_l.bias"]}


def _gat(weights: Weights) -> dict[str, Tensor]:
    """Heads stand in the middle; `self` is who receives."""
    _, heads, channels = weights["att_src"].shape
    return {
        "kernel": weights["lin.weight"].t().reshape(-1, heads, channels),
        "attn_kernel_self": weights["att_dst"].permute(2, 1, 0),
        "attn_kernel_neigh": weights["att_src"].permute(2, 1, 0),
        "bias": weights["bias"],
    }


def _gin(weights: Weights) -> dict[str, Tensor]:
    return {
        "kernel": weights["nn.lins.0.weight"].t(),
        "bias": weights["nn.lins.0.bias"],
        "kernel_1": weights["nn.lins.1.weight"].t(),
        "bias_1": weights["nn.lins.1.bias"],
    }


_CARRY: Mapping[str, Callable[[Weights], dict[str, Tensor]]] = {
    "GCN": _gcn,
    "GraphSAGE": _sage,
    "GAT": _gat,
    "GIN": _gin,
}
MODELS = tuple(_CARRY)
"""The models that Spektral has."""
