"""What one step of the training sees: the whole graph, or a sample around some vertices, in the form of layers."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.dataset.inputs import Inputs
from trainer.frameworks.torch.layers import LayerEdges, LayeredModel, OneRelation
from trainer.frameworks.torch.tensors import GraphTensors
from trainer.models.reach import Reach
from trainer.process.prefetch import prefetch
from trainer.sampling.batch_plan import BatchPlan
from trainer.sampling.sampler import Hop, NeighborSampler

Rows = Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True)
class Batch:
    """What a model computes outputs from.

    Attributes:
        inputs: by type, one row for each vertex that the first layer receives from.
        layers: the edges of each layer, first layer first.
        rows: int64, which vertices of the target type are learned from.
        outputs: int64, where their outputs are; None where the outputs are theirs alone.
        labels: int64, the rows of all ranks' share of the batch; None where `rows` are all.
    """

    inputs: Mapping[str, Tensor]
    layers: Sequence[LayerEdges]
    rows: Tensor
    outputs: Tensor | None = None
    labels: Tensor | None = None


class Batches(Protocol):
    """The batches of each epoch."""

    def of_epoch(self, epoch: int) -> Generator[Batch]:
        """The batches of one epoch; who stops early closes it."""


class WholeGraph:
    """One batch of everything, made once."""

    def __init__(self, model: LayeredModel, graph: GraphTensors, rows: Tensor) -> None:
        """Learn from `rows` of the target type; a model without encoders sums up its inputs only once."""
        reach = model.reach
        adjacencies = {edge_type: structure.adjacency() for edge_type, structure in graph.structures.items()}
        layers = [
            LayerEdges(
                {edge_type: adjacencies[edge_type] for edge_type in relations},
                {name: graph.num_vertices[name] for name in sorted(types)},  # the order in which dropout draws
            )
            for relations, types in zip(reach.relations, reach.types, strict=True)
        ]
        if isinstance(model, OneRelation):
            adjacencies[reach.relations[0][0]].hold(graph.inputs[graph.target_type])
        self.batch = Batch(graph.inputs, layers, rows, rows)

    def of_epoch(self, epoch: int) -> Generator[Batch]:
        """The same in every epoch."""
        yield self.batch


class SampledBatches:
    """Batches around the training vertices, the next one drawn while one is used."""

    def __init__(self, graph: GraphTensors, reach: Reach, sampler: NeighborSampler, plan: BatchPlan) -> None:
        """Draw from `sampler` as `plan` says."""
        self._graph, self._reach, self._sampler, self._plan = graph, reach, sampler, plan

    def of_epoch(self, epoch: int) -> Generator[Batch]:
        """Decided by the plan's seed and the epoch alone."""
        return prefetch(self._draw(epoch), joined=True)

    def _draw(self, epoch: int) -> Generator[Batch]:
        rng = self._plan.rng(epoch)
        followed = self._reach.relations[::-1]
        for rows in self._plan.batches(rng):
            seeds = {self._graph.target_type: rows}
            yield self._batch(rows, self._sampler.sample(seeds, self._plan.num_neighbors, rng, followed))

    def _batch(self, rows: NDArray[np.int64], hops: Sequence[Hop]) -> Batch:
        targets: list[Rows] = [{self._graph.target_type: rows}, *(hop.rows for hop in hops[:-1])]
        layers = [layer_edges(self._graph, *pair) for pair in zip(hops, targets, strict=True)]
        device = self._graph.inputs[self._graph.target_type].device
        return Batch(take(self._graph.inputs, hops[-1].rows), layers[::-1], torch.from_numpy(rows).to(device))


def make_sampler(inputs: Inputs, reach: Reach) -> NeighborSampler:
    """A sampler over the relations that reach the target."""
    used = {edge_type: edges.index for edge_type, edges in inputs.edges.items() if edge_type in reach.relations[0]}
    return NeighborSampler(used, {name: len(inputs.vertices[name]) for name in inputs.vertices if name in reach.inputs})


def layer_edges(graph: GraphTensors, hop: Hop, targets: Rows) -> LayerEdges:
    """A hop as the edges of a layer."""
    adjacencies = {
        (source, name, target): graph.structures[source, name, target].adjacency_of(
            block.index, block.edge, block.scale, targets[target], len(hop.rows[source])
        )
        for (source, name, target), block in hop.blocks.items()
    }
    return LayerEdges(adjacencies, {name: len(rows) for name, rows in targets.items()})


def take(vectors: Mapping[str, Tensor], rows: Rows) -> dict[str, Tensor]:
    """The vectors of some vertices by type."""
    return {
        name: vectors[name].index_select(0, torch.from_numpy(index).to(vectors[name].device))
        for name, index in rows.items()
        if name in vectors
    }
