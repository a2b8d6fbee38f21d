"""Outputs for every vertex, exact whatever the training drew: in one pass, or a layer at a time in pieces.

In pieces all neighbours of a piece are looked at, so that memory holds the vectors of one layer, those of the next,
and one piece.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from trainer.dataset.inputs import Inputs
from trainer.graph.edge_type import EdgeType
from trainer.models.layers import LayerEdges, LayeredModel, OneRelation, Vectors, forward
from trainer.models.registry import ModelSpec
from trainer.process.prefetch import prefetch
from trainer.sampling.batch_plan import ALL_NEIGHBORS, in_pieces
from trainer.sampling.sampler import NeighborSampler
from trainer.training.batches import Batch, Rows, WholeGraph, layer_edges, make_sampler, take
from trainer.training.model import build
from trainer.training.tensors import GraphTensors, graph_tensors


def never() -> bool:
    """No stop is asked for."""
    return False


class Inference(Protocol):
    """A way to the outputs of a model."""

    def outputs(self, is_stopped: Callable[[], bool] = never) -> Tensor | None:
        """Outputs for all vertices of the target type, float [vertices, outputs]; None when stopped half-way."""


class InOnePass:
    """The whole graph at once."""

    def __init__(self, model: LayeredModel, target_type: str, whole: Batch) -> None:
        """Run `model` over the batch of everything."""
        self._model, self._target_type, self._whole = model, target_type, whole

    @torch.no_grad()
    def outputs(self, is_stopped: Callable[[], bool] = never) -> Tensor | None:
        """One forward pass; it is not interrupted."""
        self._model.module.eval()
        return forward(self._model, self._target_type, self._whole.inputs, self._whole.layers)


class InPieces:
    """A layer at a time."""

    def __init__(self, model: LayeredModel, graph: GraphTensors, sampler: NeighborSampler) -> None:
        """Run `model` over pieces of the graph that `sampler` finds the neighbours in."""
        self._model, self._graph, self._sampler = model, graph, sampler
        self._rng = np.random.default_rng(0)  # all neighbours are taken, nothing is drawn
        self._known_ranges: dict[tuple[EdgeType, ...], list[tuple[int, int]]] = {}

    @torch.no_grad()
    def outputs(self, is_stopped: Callable[[], bool] = never) -> Tensor | None:
        """All layers; a stop is looked at between two pieces."""
        self._model.module.eval()
        vectors = self._model.encode(self._graph.inputs)
        for place in range(self._model.reach.num_layers):
            found = self._layer(place, vectors, is_stopped)
            if found is None:
                return None
            vectors = found
        return self._model.head(vectors[self._graph.target_type])

    def _layer(self, place: int, vectors: Vectors, is_stopped: Callable[[], bool]) -> Vectors | None:
        relations = self._model.reach.relations[place]
        found: Vectors = {}
        for name in sorted(self._model.reach.types[place]):
            found[name] = vectors[name]  # kept where no relation leads to the type, or nothing is of it
            leading = [kind for kind in relations if kind[2] == name]
            if not leading:
                continue
            with closing(prefetch(self._pieces(name, leading), joined=True)) as pieces:
                for piece in pieces:
                    if is_stopped():
                        return None
                    result = self._model.layer(place, take(vectors, piece.rows), piece.edges)[name]
                    if piece.begin == 0:
                        found[name] = result.new_empty(self._graph.num_vertices[name], result.shape[1])
                    found[name][piece.begin : piece.begin + len(result)] = result
        return found

    def _pieces(self, name: str, relations: Sequence[EdgeType]) -> Generator[_Piece]:
        graph = self._graph
        for begin, end in self._ranges(name, relations):
            targets = {name: np.arange(begin, end, dtype=np.int64)}
            hop = self._sampler.hop(targets, ALL_NEIGHBORS, self._rng, relations)
            yield _Piece(begin, hop.rows, layer_edges(graph, hop, targets))

    def _ranges(self, name: str, relations: Sequence[EdgeType]) -> list[tuple[int, int]]:
        key = tuple(relations)
        if key not in self._known_ranges:
            indices = [self._graph.structures[kind].index.cpu().numpy() for kind in relations]
            self._known_ranges[key] = in_pieces(self._graph.num_vertices[name], indices)
        return self._known_ranges[key]


@dataclass(frozen=True)
class _Piece:
    begin: int
    rows: Rows
    edges: LayerEdges


def whole_graph(model: LayeredModel, graph: GraphTensors, rows: Tensor) -> WholeGraph:
    """Everything at once; a model without encoders sums up its inputs only once."""
    return WholeGraph(graph, model.reach, rows, holds_inputs=isinstance(model, OneRelation))


def make_inference(model: LayeredModel, inputs: Inputs, graph: GraphTensors, *, in_pieces: bool) -> Inference:
    """In one pass, or in pieces for a graph that one pass has no memory for."""
    if in_pieces:
        return InPieces(model, graph, make_sampler(inputs, model.reach))
    nothing = torch.empty(0, dtype=torch.int64)
    return InOnePass(model, inputs.target_type, whole_graph(model, graph, nothing).batch)


def outputs_of(
    spec: ModelSpec, state_dict: dict[str, Tensor], inputs: Inputs, device: torch.device, batch: int
) -> Tensor:
    """What a trained model says of a graph, exact, on the CPU.

    Args:
        spec: the model.
        state_dict: its weights.
        inputs: the graph.
        device: where to compute.
        batch: the BATCH_SIZE of the training; above 0 the graph is gone through in pieces.

    Returns:
        float32 of shape [vertices of the target type, outputs].
    """
    model = build(spec, inputs)
    model.module.load_state_dict(state_dict)
    model.module.to(device)
    graph = graph_tensors(spec, model.reach, inputs, device)
    outputs = make_inference(model, inputs, graph, in_pieces=batch > 0).outputs()
    assert outputs is not None, "nobody stops it"
    return outputs.cpu()
