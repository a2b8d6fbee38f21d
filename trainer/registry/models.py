"""The models of MODEL_TYPE, a row each: whatever depends on the model is read from its row.

Classes and functions are named (`module:name`), not imported: settings are checked against these rows before anything
heavy is loaded, and `pkgutil.resolve_name` finds them when a model is built.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class ModelKind:
    """A model: PyTorch Geometric's classes for it, and what it makes of a graph.

    Attributes:
        stock: PyG's model (a `BasicGNN`) for one vertex type and one relation; its name is the `class` of a model file.
        layer: our layer in the place of PyG's, over an `Adjacency`; None runs PyG's own over an `edge_index`.
        relation: makes PyG's layer for one relation out of a `HeteroSpec` and the `EdgeType`; None for a model that
            takes one vertex type only.
        stock_args: arguments that `stock` alone is given, beyond the common ones.
        layer_args: arguments of each layer, in `stock` and for a relation.
        edge_weight: how EDGE_WEIGHT counts: as a factor of the message, or as a feature of the edge; None refuses it.
        normalised: edges count 1 / sqrt(degrees of both ends) and each vertex hears itself, as in GCN; weights must not
            be negative.
        loops: within a type each vertex hears itself, with the mean of its edges' weights.
        sums: messages are summed up, so that of drawn edges each counts for those that were not drawn.
        heads: HEADS is the number of attention heads.
        degrees: the layers scale by how many vertices have each in-degree.
        one_vertex_set: a relation between two types is convolved as one graph over both vertex sets.
        in_place: backward does not need a layer's result, so that the activation may overwrite it.
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


_LAYERS, _RELATIONS = "trainer.frameworks.pyg.convs", "trainer.frameworks.pyg.relation"

MODELS: dict[str, ModelKind] = {
    "GCN": ModelKind(
        stock="torch_geometric.nn:GCN",
        layer=f"{_LAYERS}:GCNConv",
        relation=f"{_RELATIONS}:gcn",
        edge_weight="factor",
        normalised=True,
        sums=True,
        one_vertex_set=True,
        in_place=True,
    ),
    "GAT": ModelKind(
        stock="torch_geometric.nn:GAT",
        layer="trainer.frameworks.pyg.attention:GATConv",
        relation=f"{_RELATIONS}:gat",
        stock_args={"v2": False},
        edge_weight="feature",
        loops=True,
        heads=True,
    ),
    "GATv2": ModelKind(
        stock="torch_geometric.nn:GAT",
        layer="trainer.frameworks.pyg.attention:GATv2Conv",
        relation=f"{_RELATIONS}:gatv2",
        stock_args={"v2": True},
        edge_weight="feature",
        loops=True,
        heads=True,
    ),
    "GraphSAGE": ModelKind(
        stock="torch_geometric.nn:GraphSAGE",
        layer=f"{_LAYERS}:SAGEConv",
        relation=f"{_RELATIONS}:graph_sage",
        in_place=True,
    ),
    "GIN": ModelKind(
        stock="torch_geometric.nn:GIN",
        layer=f"{_LAYERS}:GINConv",
        relation=f"{_RELATIONS}:gin",
        sums=True,
        in_place=True,
    ),
    "GraphConv": ModelKind(
        stock="trainer.frameworks.pyg.network:GraphConvNet",
        layer=f"{_LAYERS}:GraphConv",
        relation=f"{_RELATIONS}:graph_conv",
        edge_weight="factor",
        sums=True,
        in_place=True,
    ),
    "PNA": ModelKind(
        stock="torch_geometric.nn:PNA",
        relation=f"{_RELATIONS}:pna",
        layer_args={  # of Corso et al. 2020
            "aggregators": ["mean", "min", "max", "std"],
            "scalers": ["identity", "amplification", "attenuation"],
        },
        degrees=True,
        one_vertex_set=True,
    ),
    "EdgeCNN": ModelKind(
        stock="torch_geometric.nn:EdgeCNN",
        relation=f"{_RELATIONS}:edge_cnn",
    ),
}


def weighted_models() -> list[str]:
    """The models that take EDGE_WEIGHT: those that multiply by it, then those for which it is a feature."""
    weighted = [name for name, kind in MODELS.items() if kind.edge_weight is not None]
    return sorted(weighted, key=lambda name: str(MODELS[name].edge_weight))
