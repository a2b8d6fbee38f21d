"""The models of MODEL_TYPE, a row each: whatever depends on the model is read from its row.

Classes and functions are named (`module:name`), not imported: settings are checked against these rows before anything
heavy is loaded, and `pkgutil.resolve_name` finds them when a model is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from trainer.registry import layer_weights, memory_use
from trainer.registry.layer_weights import LayerWeights
from trainer.registry.memory_use import MemoryUse


@dataclass(frozen=True, kw_only=True)
class ModelKind:
    """A model: PyTorch Geometric's classes for it, and what it makes of a graph.

    Attributes:
        stock: PyG's model (a `BasicGNN`) for one vertex type and one relation; its name is the `class` of a model file.
        layer: our layer in place of PyG's, over an `Adjacency`; None runs PyG's own over the edges of a sample, which is exact
            for a layer whose output at a vertex depends on the edges that lead there alone.
        relation: makes PyG's layer for one relation out of a `HeteroSpec` and the `EdgeType`; None for a model that
            takes one vertex type only.
        stock_args: arguments that `stock` alone is given, beyond the common ones.
        layer_args: arguments of each layer, in `stock` and for a relation.
        edge_weight: how EDGE_WEIGHT counts: as a factor of the message, or as a feature of the edge; None refuses it.
        normalised: loops are added and edges weigh 1 / sqrt(degrees of both ends), as in GCN; EDGE_WEIGHT must not
            be negative.
        loops: within a type each vertex gets a loop with the mean weight of its edges.
        sums: messages are summed up, so that of drawn edges each counts for those that were not drawn.
        heads: HEADS is the number of attention heads.
        degrees: the layers scale by how many vertices have each in-degree.
        one_vertex_set: a relation between two types is convolved as one graph over both vertex sets.
        in_place: backward does not need a layer's result, so that the activation may overwrite it.
        weights: how many numbers a layer learns; without it a dry run cannot say how large the model is.
        memory: what a layer needs of memory; without it a dry run has no estimate for the training.
    """

    stock: str
    layer: str | None = None
    relation: str | None = None
    stock_args: Mapping[str, Any] = field(default_factory=dict)
    layer_args: Mapping[str, Any] = field(default_factory=dict)
    edge_weight: Literal["factor", "feature"] | None = None
    normalised: bool = False
    loops: bool = False
    sums: bool = False
    heads: bool = False
    degrees: bool = False
    one_vertex_set: bool = False
    in_place: bool = False
    weights: LayerWeights | None = None
    memory: MemoryUse | None = None

    def __post_init__(self) -> None:
        """Refuse a row whose drawn edges could not count for more than themselves."""
        if self.sums and self.layer is None and self.edge_weight != "factor":
            raise ValueError("PyG's own layer sums up drawn edges rightly only if it takes weights as a factor")


_NN, _OURS = "torch_geometric.nn", "trainer.frameworks.pyg"

MODELS: dict[str, ModelKind] = {
    "GCN": ModelKind(
        stock=f"{_NN}:GCN",
        layer=f"{_OURS}.convs:GCNConv",
        relation=f"{_OURS}.relation:gcn",
        edge_weight="factor",
        normalised=True,
        sums=True,
        one_vertex_set=True,
        in_place=True,
        weights=layer_weights.one_map,
        memory=memory_use.NORMALISED,
    ),
    "GAT": ModelKind(
        stock=f"{_NN}:GAT",
        layer=f"{_OURS}.attention:GATConv",
        relation=f"{_OURS}.relation:attention",
        stock_args={"v2": False},
        edge_weight="feature",
        loops=True,
        heads=True,
        weights=layer_weights.additive_attention,
        memory=memory_use.ADDITIVE_ATTENTION,
    ),
    "GATv2": ModelKind(
        stock=f"{_NN}:GAT",
        layer=f"{_OURS}.attention:GATv2Conv",
        relation=f"{_OURS}.relation:attention",
        stock_args={"v2": True},
        edge_weight="feature",
        loops=True,
        heads=True,
        weights=layer_weights.dynamic_attention,
        memory=memory_use.DYNAMIC_ATTENTION,
    ),
    "GraphSAGE": ModelKind(
        stock=f"{_NN}:GraphSAGE",
        layer=f"{_OURS}.convs:SAGEConv",
        relation=f"{_OURS}.relation:sage",
        in_place=True,
        weights=layer_weights.two_maps,
        memory=memory_use.WHOLE_MATRICES,
    ),
    "GIN": ModelKind(
        stock=f"{_NN}:GIN",
        layer=f"{_OURS}.convs:GINConv",
        relation=f"{_OURS}.relation:gin",
        sums=True,
        in_place=True,
        weights=layer_weights.network,
        memory=memory_use.NETWORK,
    ),
    "GraphConv": ModelKind(
        stock=f"{_OURS}.network:GraphConvNet",
        layer=f"{_OURS}.convs:GraphConv",
        relation=f"{_OURS}.relation:graph_conv",
        edge_weight="factor",
        sums=True,
        in_place=True,
        weights=layer_weights.two_maps,
        memory=memory_use.WHOLE_MATRICES,
    ),
    "PNA": ModelKind(
        stock=f"{_NN}:PNA",
        relation=f"{_OURS}.relation:pna",
        layer_args={  # of Corso et al. 2020
            "aggregators": ["mean", "min", "max", "std"],
            "scalers": ["identity", "amplification", "attenuation"],
        },
        degrees=True,
        one_vertex_set=True,
        weights=layer_weights.reductions,
        memory=memory_use.REDUCTIONS,
    ),
    "EdgeCNN": ModelKind(
        stock=f"{_NN}:EdgeCNN",
        relation=f"{_OURS}.relation:edge_conv",
        weights=layer_weights.edge_network,
        memory=memory_use.EDGE_NETWORK,
    ),
}


def weighted_models(*ways: str) -> list[str]:
    """The models that take EDGE_WEIGHT as "factor" or as "feature"; all of them, in this order, where no way is named."""
    return [name for way in ways or ("factor", "feature") for name, kind in MODELS.items() if kind.edge_weight == way]
