"""From the name in MODEL_TYPE to a PyG model, and back from a stored description to the same model."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch_geometric.nn import GAT, GCN, GIN, PNA, EdgeCNN, GraphSAGE
from torch_geometric.nn.conv.gcn_conv import gcn_norm
from torch_geometric.utils import degree

from trainer.settings import Settings

Adjacency = Tensor
"""`edge_index` int64 [2, edges], or the transposed adjacency as a `torch.sparse_csr` matrix [vertices, vertices]."""


@dataclass(frozen=True)
class ModelSpec:
    """A model as plain values: PyG's class name and the arguments that build it (`deg` of PNA is a tensor)."""

    type: str
    class_name: str
    args: dict[str, Any]

    def build(self) -> torch.nn.Module:
        """PyG's own model, with fresh weights from torch's random state."""
        module: torch.nn.Module = getattr(_PYG, self.class_name)(**self.args)
        return module


@dataclass(frozen=True)
class _Kind:
    """How a model is made and fed.

    `extra` gives the arguments beyond the common ones; `prepare` the cheapest form of the edges that
    gives the same result as `edge_index` does.
    """

    model: type[torch.nn.Module]
    extra: Callable[[Settings, Tensor, int], dict[str, Any]] = lambda settings, edge_index, num_nodes: {}
    prepare: Callable[[Tensor, int], Adjacency] = lambda edge_index, num_nodes: edge_index
    train_args: dict[str, Any] = field(default_factory=dict)


class _PYG:
    """The PyG classes that a stored model may name."""

    GCN, GAT, GraphSAGE, GIN, PNA, EdgeCNN = GCN, GAT, GraphSAGE, GIN, PNA, EdgeCNN


def _csr(edge_index: Tensor, num_nodes: int, values: Tensor | None = None) -> Tensor:
    """The transposed adjacency: row = target, column = source; repeated edges stay repeated."""
    source, target = edge_index
    order = torch.argsort(target * num_nodes + source, stable=True)
    counts = torch.bincount(target, minlength=num_nodes)
    crow = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
    weights = torch.ones(source.numel(), device=source.device) if values is None else values[order]
    with warnings.catch_warnings():  # torch says once that CSR is in beta
        warnings.simplefilter("ignore", category=UserWarning)
        return torch.sparse_csr_tensor(crow, source[order], weights, (num_nodes, num_nodes))


def _normalised_csr(edge_index: Tensor, num_nodes: int) -> Tensor:
    """GCN's D^-1/2 (A + I) D^-1/2 (Kipf and Welling 2017, eq. 2), computed once instead of at every forward."""
    index, weight = gcn_norm(edge_index, None, num_nodes, add_self_loops=True, dtype=torch.float32)
    return _csr(index, num_nodes, weight)


def _attention(settings: Settings, edge_index: Tensor, num_nodes: int) -> dict[str, Any]:
    return {"heads": settings.heads, "v2": settings.model_type == "GATv2"}


def _degrees(settings: Settings, edge_index: Tensor, num_nodes: int) -> dict[str, Any]:
    """PNA's aggregators and scalers (Corso et al. 2020), and the histogram of in-degrees that it needs."""
    histogram = torch.bincount(degree(edge_index[1], num_nodes, dtype=torch.long))
    if histogram.numel() == 1:  # no edges: PNA would divide by the mean degree
        histogram = torch.tensor([0, num_nodes])
    return {
        "aggregators": ["mean", "min", "max", "std"],
        "scalers": ["identity", "amplification", "attenuation"],
        "deg": histogram,
    }


_KINDS = {
    "GCN": _Kind(GCN, prepare=_normalised_csr, train_args={"normalize": False}),
    "GAT": _Kind(GAT, extra=_attention),
    "GATv2": _Kind(GAT, extra=_attention),
    "GraphSAGE": _Kind(GraphSAGE, prepare=_csr),
    "GIN": _Kind(GIN, prepare=_csr),
    "PNA": _Kind(PNA, extra=_degrees),
    "EdgeCNN": _Kind(EdgeCNN),
}


def describe_model(
    settings: Settings, in_channels: int, out_channels: int, edge_index: Tensor, num_nodes: int
) -> ModelSpec:
    """The model that the settings ask for, for inputs and outputs of these widths."""
    kind = _KINDS[settings.model_type]
    args: dict[str, Any] = {
        "in_channels": in_channels,
        "hidden_channels": settings.hidden_channels,
        "num_layers": settings.num_layers,
        "out_channels": out_channels,
        "dropout": settings.dropout,
    }
    return ModelSpec(settings.model_type, kind.model.__name__, args | kind.extra(settings, edge_index, num_nodes))


def build_for_training(spec: ModelSpec, edge_index: Tensor, num_nodes: int) -> tuple[torch.nn.Module, Adjacency]:
    """The model and its edges in the form that trains fastest; its `state_dict` fits `spec.build()`."""
    kind = _KINDS[spec.type]
    model = kind.model(**spec.args, **kind.train_args)
    return model, kind.prepare(edge_index, num_nodes)
