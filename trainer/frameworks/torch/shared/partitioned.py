"""The edges that lead to a rank's vertices, from its own and from those of other ranks.

A layer sees the rank's own vertices alone. Their vectors are exchanged inside the sums, after a linear map that makes
them narrower, or where a layer asks for them with `spread`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.frameworks.torch.shared.halo import Halo
from trainer.frameworks.torch.sparse import Adjacency
from trainer.frameworks.torch.structure import Structure, make_structure
from trainer.frameworks.torch.tensors import GraphTensors, input_tensor
from trainer.graph.edge_type import EdgeType
from trainer.models.reach import Reach
from trainer.models.spec import ModelSpec
from trainer.ranks.parts import Part
from trainer.ranks.ranks import Ranks
from trainer.registry.models import MODELS


class PartitionedAdjacency(Adjacency):
    """An `Adjacency` whose last sources are other ranks' vertices; sums and `spread` fetch their vectors."""

    def __init__(self, edges: Adjacency, halo: Halo, has_more_sources: bool) -> None:
        """The same edges; `has_more_sources` is about all ranks together, so that all map or sum first."""
        super().__init__(edges.crow, edges.col, edges.num_sources, edges.value)
        self.has_more_sources = has_more_sources
        self._halo = halo

    def spread(self, x: Tensor) -> Tensor:
        """The vectors of all sources."""
        if not self.holds(x):
            return self._halo.spread(x)
        if "spread" not in self._kept:
            self._kept["spread"] = self._halo.spread(x)
        return self._kept["spread"]

    def _product(self, x: Tensor, reduce: str) -> Tensor:
        return super()._product(self.spread(x), reduce)


@dataclass(frozen=True)
class PartitionedStructure(Structure):
    """A `Structure` of the edges to a rank's vertices.

    Attributes:
        halo: the sources that are other ranks' vertices.
        has_more_sources: whether the relation has more sources than targets, over all ranks.
    """

    halo: Halo
    has_more_sources: bool

    def adjacency(self) -> Adjacency:
        """All edges to the rank's vertices."""
        joined = self.loop is not None and not self.same_type  # the targets' own vectors come first
        halo = self.halo.after(self.num_targets) if joined else self.halo
        return PartitionedAdjacency(super().adjacency(), halo, self.has_more_sources)


def partitioned_tensors(spec: ModelSpec, reach: Reach, part: Part, ranks: Ranks) -> GraphTensors:
    """What a model sees of a rank's part; all ranks do this together."""
    inputs = part.dataset.inputs
    num_vertices = {name: len(inputs.vertices[name]) for name in inputs.vertices if name in reach.inputs}
    return GraphTensors(
        target_type=inputs.target_type,
        inputs={name: input_tensor(inputs.vertices[name], spec.embedded.get(name)) for name in num_vertices},
        structures={
            edge_type: _structure(spec, edge_type, part, ranks)
            for edge_type in inputs.edges
            if edge_type in reach.relations[0]
        },
        num_vertices=num_vertices,
    )


def _structure(spec: ModelSpec, edge_type: EdgeType, part: Part, ranks: Ranks) -> PartitionedStructure:
    inputs, edges = part.dataset.inputs, part.dataset.inputs.edges[edge_type]
    source, _, target = edge_type
    num_own, num_targets = len(inputs.vertices[source]), len(inputs.vertices[target])
    halo = Halo(ranks, part.bounds[source], edges.index[0])
    places, targets = edges.index
    local = halo.local(places, int(part.bounds[source][ranks.rank]), num_own)
    index = torch.stack([torch.from_numpy(local), torch.from_numpy(targets)])
    weight = None if edges.weight is None else torch.from_numpy(edges.weight)
    num_sources = num_own + len(halo.places)
    made = make_structure(
        MODELS[spec.type], index, weight, num_sources, num_targets, source == target, spread=halo.spread
    )
    has_more = bool(part.bounds[source][-1] > part.bounds[target][-1])
    fields = {name: getattr(made, name) for name in Structure.__dataclass_fields__}
    return PartitionedStructure(**fields, halo=halo, has_more_sources=has_more)
