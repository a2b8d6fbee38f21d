"""Outputs for every vertex, each rank computing a range of them: a layer at a time, and after each all ranks have all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from trainer.frameworks.torch.inference import InPieces
from trainer.frameworks.torch.layers import LayeredModel, Vectors
from trainer.frameworks.torch.tensors import GraphTensors
from trainer.graph.edge_type import EdgeType
from trainer.ranks.ranges import cut
from trainer.ranks.ranks import Ranks
from trainer.sampling.batch_plan import in_pieces, work_of
from trainer.sampling.sampler import NeighborSampler


class InRanges(InPieces):
    """`InPieces` of several ranks; memory of each holds two matrices of all vertices."""

    def __init__(self, model: LayeredModel, graph: GraphTensors, sampler: NeighborSampler, ranks: Ranks) -> None:
        """Compute with the others."""
        super().__init__(model, graph, sampler)
        self._ranks = ranks
        self._bounds: dict[tuple[EdgeType, ...], list[int]] = {}

    def _of_type(
        self, number: int, name: str, relations: Sequence[EdgeType], vectors: Vectors, is_stopped: Callable[[], bool]
    ) -> Tensor | None:
        own = super()._of_type(number, name, relations, vectors, lambda: False)  # no rank leaves on its own
        assert own is not None, "nobody stops it"
        has_own = bool(self._ranges(name, relations))
        told = self._ranks.all_of((is_stopped(), own.shape[1] if has_own else None))
        if any(stopped for stopped, _ in told):
            return None
        widths = [width for _, width in told if width is not None]
        if not widths:
            return own
        after = own if has_own else own.new_empty(len(own), widths[0])
        self._ranks.fill(after, self._bounds[tuple(relations)])
        return after

    def _ranges(self, name: str, relations: Sequence[EdgeType]) -> list[tuple[int, int]]:
        key = tuple(relations)
        if key not in self._known_ranges:
            indices, num = self._indices(relations), self._graph.num_vertices[name]
            bounds = self._bounds[key] = cut(work_of(num, indices), self._ranks.size).tolist()
            own = bounds[self._ranks.rank], bounds[self._ranks.rank + 1]
            self._known_ranges[key] = in_pieces(num, indices, own)
        return self._known_ranges[key]
