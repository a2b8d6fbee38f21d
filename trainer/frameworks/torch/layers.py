"""A model layer by layer: the same few calls for one vertex type and for many, in full batch, sampled and in chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from trainer.frameworks.torch.sparse import Adjacency
from trainer.graph.edge_type import EdgeType
from trainer.models.reach import Reach

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

    def layer(self, number: int, vectors: Mapping[str, Tensor], edges: LayerEdges) -> Vectors:
        """The vectors after a layer, counted from 0, activation and dropout included."""

    def head(self, vectors: Tensor) -> Tensor:
        """Outputs out of the vectors that the last layer gave the target type."""


class Network(Protocol):
    """A framework's model of one vertex type, one layer at a time."""

    num_layers: int

    def layer(self, number: int, x: Tensor, adjacency: Adjacency) -> Tensor:
        """The vectors after a layer, [sources, channels] to [targets, channels]; after the last one the outputs."""


class OneRelation:
    """A model of one vertex type and one relation, called as one of many."""

    def __init__(self, network: Network, edge_type: EdgeType) -> None:
        """The relation leads from the only type to itself."""
        assert isinstance(network, torch.nn.Module), "it holds the weights"
        self._network, self._edge_type = network, edge_type
        self.module: torch.nn.Module = network
        only, depth = frozenset({edge_type[2]}), network.num_layers
        self.reach = Reach(((edge_type,),) * depth, (only,) * depth, only)

    def encode(self, inputs: Mapping[str, Tensor]) -> Vectors:
        """The features themselves."""
        return dict(inputs)

    def layer(self, number: int, vectors: Mapping[str, Tensor], edges: LayerEdges) -> Vectors:
        """The vectors after a layer; after the last one the outputs."""
        name = self._edge_type[2]
        return {name: self._network.layer(number, vectors[name], edges.adjacencies[self._edge_type])}

    def head(self, vectors: Tensor) -> Tensor:
        """The last layer gives the outputs already."""
        return vectors


def forward(
    model: LayeredModel, target_type: str, inputs: Mapping[str, Tensor], layers: Sequence[LayerEdges]
) -> Tensor:
    """Outputs for the targets of the last layer, float [targets, outputs]."""
    vectors = model.encode(inputs)
    for number, edges in enumerate(layers):
        vectors = model.layer(number, vectors, edges)
    return model.head(vectors[target_type])
