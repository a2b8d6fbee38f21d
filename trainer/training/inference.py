"""Outputs for every vertex, exact whatever the training drew: in one pass, or a layer at a time in pieces.

In pieces all neighbours of a piece are looked at, so that memory holds the vectors of one layer, those of the next,
and one piece.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from trainer.dataset.batches import ALL_NEIGHBORS, in_pieces
from trainer.dataset.inputs import Inputs
from trainer.dataset.prefetch import prefetch
from trainer.dataset.sampler import NeighborSampler
from trainer.models.layers import LayeredModel, Vectors, forward
from trainer.models.registry import ModelSpec
from trainer.training.batches import Batch, WholeGraph, layer_edges, take
from trainer.training.network import build
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
            leading = [kind for kind in relations if kind[2] == name]
            if not leading:
                found[name] = vectors[name]
                continue
            pieces = prefetch(self._pieces(name, leading))
            for begin, end, batch in pieces:
                if is_stopped():
                    pieces.close()
                    return None
                piece = self._model.layer(place, take(vectors, batch.rows), batch.edges)[name]
                if begin == 0:
                    found[name] = piece.new_empty(self._graph.num_vertices[name], piece.shape[1])
                found[name][begin:end] = piece
        return found
