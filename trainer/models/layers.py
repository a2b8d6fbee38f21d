"""A model layer by layer: the same few calls for one vertex type and for many, in full batch, sampled and in chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from trainer.graph.edge_type import EdgeType
from trainer.models.network import Network
from trainer.models.reach import Reach
from trainer.models.sparse import Adjacency

Vectors = dict[str, Tensor]
"""One row per vertex, by type."""


@dataclass(frozen=True)
class LayerEdges:
    """The edges of one layer, and how many vertices of each type get a vector: the first of their sources."""

    adjacencies: Mapping[EdgeType, Adjacency]
    num_targets: Mapping[str, int]


class LayeredModel(Protocol):
    """A model that can be run one layer at a time."""

    @property
    def module(self) -> torch.nn.Module:
        """Holds the weights; its `state_dict` is what is published."""

    @property
    def reach(self) -> Reach:
        """What each layer computes."""

    def encode(self, inputs: Mapping[str, Tensor]) -> Vectors:
        """What the first layer takes."""

    def layer(self, place: int, vectors: Mapping[str, Tensor], edges: LayerEdges) -> Vectors:
        """The vectors after a layer, activation and dropout included."""

    def head(self, vectors: Tensor) -> Tensor:
        """Outputs out of the vectors that the last layer gave the target type."""


class OneRelation:
    """PyG's model of a graph with one vertex type and one relation, in the words of many."""

    def __init__(self, network: Network, kind: EdgeType) -> None:
        """The relation `kind` leads from the only type to itself."""
        self._network, self._kind = network, kind
        name = kind[2]
        layers = network.num_layers
        self._reach = Reach(((kind,),) * layers, (frozenset({name}),) * layers, frozenset({name}))

    @property
    def module(self) -> torch.nn.Module:
        """PyG's model."""
        return self._network

    @property
    def reach(self) -> Reach:
        """The one relation in every layer."""
        return self._reach

    def encode(self, inputs: Mapping[str, Tensor]) -> Vectors:
        """The features themselves."""
        return dict(inputs)

    def layer(self, place: int, vectors: Mapping[str, Tensor], edges: LayerEdges) -> Vectors:
        """The vectors after a layer; after the last one the outputs."""
        name = self._kind[2]
        return {name: self._network.layer(place, vectors[name], edges.adjacencies[self._kind])}

    def head(self, vectors: Tensor) -> Tensor:
        """The last layer gives the outputs already."""
        return vectors


def forward(
    model: LayeredModel, target_type: str, inputs: Mapping[str, Tensor], layers: Sequence[LayerEdges]
) -> Tensor:
    """Outputs for the targets of the last layer, float [targets, outputs]."""
    vectors = model.encode(inputs)
    for place, edges in enumerate(layers):
        vectors = model.layer(place, vectors, edges)
    return model.head(vectors[target_type])
