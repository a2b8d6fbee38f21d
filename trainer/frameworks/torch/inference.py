"""Outputs for every vertex, exact whatever the training drew: in one pass, or a layer at a time in pieces.

In pieces all neighbours of a piece are looked at, so that memory holds the vectors of one layer, those of the next,
and one piece.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.frameworks.torch.batches import Batch, Rows, layer_edges, take
from trainer.frameworks.torch.layers import LayerEdges, LayeredModel, Vectors, forward
from trainer.frameworks.torch.tensors import GraphTensors
from trainer.graph.edge_type import EdgeType
from trainer.process.prefetch import prefetch
from trainer.sampling.batch_plan import ALL_NEIGHBORS, in_pieces
from trainer.sampling.sampler import NeighborSampler


class InOnePass:
    """The whole graph at once."""

    def __init__(self, model: LayeredModel, target_type: str, whole: Batch) -> None:
        """Run `model` over the batch of everything."""
        self._model, self._target_type, self._whole = model, target_type, whole

    @torch.no_grad()
    def outputs(self, is_stopped: Callable[[], bool] = lambda: False) -> Tensor | None:
        """Of all vertices of the target type, float [vertices, outputs]; the pass is not interrupted."""
        self._model.module.eval()
        return forward(self._model, self._target_type, self._whole.inputs, self._whole.layers)


class InPieces:
    """A layer at a time."""

    def __init__(self, model: LayeredModel, graph: GraphTensors, sampler: NeighborSampler) -> None:
        """Run `model` over pieces of the graph, whose neighbours `sampler` looks up."""
        self._model, self._graph, self._sampler = model, graph, sampler
        self._rng = np.random.default_rng(0)  # all neighbours are taken, nothing is drawn
        self._known_ranges: dict[tuple[EdgeType, ...], list[tuple[int, int]]] = {}

    @torch.no_grad()
    def outputs(self, is_stopped: Callable[[], bool] = lambda: False) -> Tensor | None:
        """The same; None when stopped between two pieces."""
        self._model.module.eval()
        vectors = self._model.encode(self._graph.inputs)
        for number in range(self._model.reach.num_layers):
            after = self._layer(number, vectors, is_stopped)
            if after is None:
                return None
            vectors = after
        return self._model.head(vectors[self._graph.target_type])

    def _layer(self, number: int, vectors: Vectors, is_stopped: Callable[[], bool]) -> Vectors | None:
        reach = self._model.reach
        after: Vectors = {}
        for name in sorted(reach.types[number]):
            relations = [edge_type for edge_type in reach.relations[number] if edge_type[2] == name]
            found = self._of_type(number, name, relations, vectors, is_stopped) if relations else vectors[name]
            if found is None:
                return None
            after[name] = found
        return after

    def _of_type(
        self,
        number: int,
        name: str,
        relations: Sequence[EdgeType],
        vectors: Vectors,
        is_stopped: Callable[[], bool],
    ) -> Tensor | None:
        """The vectors of one type after a layer, those before it where the type has no vertices; None when stopped."""
        after: Tensor | None = None
        with closing(prefetch(self._pieces(name, relations), joined=True)) as pieces:
            for piece in pieces:
                if is_stopped():
                    return None
                result = self._model.layer(number, take(vectors, piece.rows), piece.edges)[name]
                if after is None:
                    after = result.new_empty(self._graph.num_vertices[name], result.shape[1])
                after[piece.begin : piece.begin + len(result)] = result
        return vectors[name] if after is None else after

    def _pieces(self, name: str, relations: Sequence[EdgeType]) -> Generator[_Piece]:
        for begin, end in self._ranges(name, relations):
            targets = {name: np.arange(begin, end, dtype=np.int64)}
            hop = self._sampler.hop(targets, ALL_NEIGHBORS, self._rng, relations)
            yield _Piece(begin, hop.rows, layer_edges(self._graph, hop, targets))

    def _ranges(self, name: str, relations: Sequence[EdgeType]) -> list[tuple[int, int]]:
        key = tuple(relations)
        if key not in self._known_ranges:
            self._known_ranges[key] = in_pieces(self._graph.num_vertices[name], self._indices(relations))
        return self._known_ranges[key]

    def _indices(self, relations: Sequence[EdgeType]) -> list[NDArray[np.int64]]:
        return [self._graph.structures[edge_type].index.cpu().numpy() for edge_type in relations]


@dataclass(frozen=True)
class _Piece:
    begin: int
    rows: Rows
    edges: LayerEdges
