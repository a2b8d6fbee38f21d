"""What a rank is given of a dataset: all of what is learned from, or the vertices of its ranges and the edges to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.dataset import Dataset
from trainer.dataset.edges.edge_set import EdgeSet
from trainer.dataset.inputs import Inputs
from trainer.dataset.vertex_set import VertexSet
from trainer.graph.edge_type import EdgeType
from trainer.ranks.ranges import Bounds, Ranges, cut, order
from trainer.sampling.batch_plan import work_of


@dataclass(frozen=True)
class Part:
    """The vertices of a rank's ranges as a dataset of their own, without what only a reader of the run asks for.

    Attributes:
        bounds: by type, in places of the order in which the vertices are shared out.
        dataset: the rank's vertices, in this order. An edge's source is the place of a vertex that may be another rank's,
            its target a row of this dataset.
    """

    bounds: Mapping[str, Bounds]
    dataset: Dataset


class Partition:
    """A dataset shared out over ranks: which vertices are whose, and the part of each rank."""

    def __init__(
        self,
        dataset: Dataset,
        size: int,
        relations: Collection[EdgeType],
        types: Collection[str],
        bounds: Mapping[str, Bounds] | None = None,
    ) -> None:
        """Share out the vertices of some types.

        Args:
            dataset: as it was made ready.
            size: how many ranks there are.
            relations: those that are learned over.
            types: those that have a part in it.
            bounds: where the ranges begin; by default each has about the same work.
        """
        inputs = dataset.inputs
        self._dataset = dataset
        self._edges = {edge_type: edges for edge_type, edges in inputs.edges.items() if edge_type in relations}
        self.ranges: dict[str, Ranges] = {}
        for name in inputs.vertices:
            if name in types:
                self.ranges[name] = self._ranges(name, size, None if bounds is None else bounds[name])
        self._places = {name: ranges.places() for name, ranges in self.ranges.items()}
        self._by_target = {edge_type: self._order_by_target(edge_type) for edge_type in self._edges}

    def part(self, rank: int) -> Part:
        """What a rank is given."""
        dataset, target_type = self._dataset, self._dataset.inputs.target_type
        rows = {name: ranges.rows(rank) for name, ranges in self.ranges.items()}
        vertices = {name: _some(dataset.inputs.vertices[name], own) for name, own in rows.items()}
        edges = {edge_type: self._edges_to(edge_type, rank) for edge_type in self._edges}
        inputs = Inputs(vertices, edges, target_type, None, [])
        own = rows[target_type]
        bounds = {name: ranges.bounds for name, ranges in self.ranges.items()}
        part = replace(without_names(dataset), inputs=inputs, y=dataset.y[own])
        return Part(bounds, replace(part, split=replace(dataset.split, part=dataset.split.part[own])))

    def _ranges(self, name: str, size: int, bounds: Bounds | None) -> Ranges:
        inputs = self._dataset.inputs
        vertices = inputs.vertices[name]
        group = inputs.graph_of_row if name == inputs.target_type else None
        if group is None and vertices.time is None and len(vertices.collections) > 1:
            group = vertices.collection
        row_at = order(None if vertices.time is None else vertices.time.values, group)
        if bounds is None:
            indices = (edges.index for edge_type, edges in self._edges.items() if edge_type[2] == name)
            work = work_of(len(vertices), indices)
            bounds = cut(work if row_at is None else work[row_at], size)
        return Ranges(row_at, bounds)

    def _order_by_target(self, edge_type: EdgeType) -> tuple[NDArray[np.int64] | None, NDArray[np.int64]]:
        """The edges in the order of the places of their targets, None as they are, and where each rank's begin."""
        target, places = self._edges[edge_type].index[1], self._places[edge_type[2]]
        bounds = self.ranges[edge_type[2]].bounds
        if places is None:
            return None, np.searchsorted(target, bounds)
        place = places[target]
        edges = np.argsort(place, kind="stable")
        return edges, np.searchsorted(place[edges], bounds)

    def _edges_to(self, edge_type: EdgeType, rank: int) -> EdgeSet:
        edges = self._edges[edge_type]
        by_target, first = self._by_target[edge_type]
        of_rank = slice(first[rank], first[rank + 1])
        chosen = of_rank if by_target is None else by_target[of_rank]
        source, target = edges.index[:, chosen]
        ends = _at(self._places[edge_type[0]], source), _at(self._places[edge_type[2]], target)
        index = np.stack([ends[0], ends[1] - self.ranges[edge_type[2]].bounds[rank]])
        return EdgeSet((), index, None if edges.weight is None else edges.weight[chosen])


def without_names(dataset: Dataset) -> Dataset:
    """What is learned from, without what would name it to a reader: keys stay where each has a vector to learn."""
    inputs, target = dataset.inputs, dataset.target
    vertices = {name: _some(each, slice(None)) for name, each in inputs.vertices.items()}
    edges = {edge_type: EdgeSet((), each.index, each.weight) for edge_type, each in inputs.edges.items()}
    return replace(
        dataset,
        inputs=Inputs(vertices, edges, inputs.target_type, inputs.graph_of_row, []),
        target=replace(target, y=target.y[:0], labelled=target.labelled[:0]),
        series=replace(dataset.series, codes=dataset.series.codes[:0]),
    )


def _some(vertices: VertexSet, rows: NDArray[np.int64] | slice) -> VertexSet:
    x = vertices.x[rows]
    if vertices.x.shape[1]:
        unnamed, nowhere = np.zeros(len(x), "S1"), np.zeros(0, np.int32)
        return VertexSet(vertices.name, (), unnamed, nowhere, x, [], None)
    keys, collection = vertices.keys[rows], vertices.collection[rows]
    return VertexSet(vertices.name, vertices.collections, keys, collection, x, [], None)


def _at(places: NDArray[np.int64] | None, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return rows if places is None else places[rows]
