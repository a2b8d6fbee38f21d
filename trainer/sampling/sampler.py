"""Neighbours of a batch of vertices, so that a graph larger than memory allows in one pass can be learned from.

Plain NumPy on purpose: PyG's loaders need a compiled extension for this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.graph.edge_type import EdgeType
from trainer.sampling.drawing import draw_distinct


@dataclass(frozen=True)
class Block:
    """The edges of one relation between the sources and the targets of a hop.

    Attributes:
        index: int64 of shape [2, edges], source and target as indices into the hop's rows, ordered by target.
        edge: int64 of shape [edges], which edge of the relation each is.
        scale: float32 of shape [edges], in-degree of the target over the number drawn; None if all neighbours were taken.
    """

    index: NDArray[np.int64]
    edge: NDArray[np.int64]
    scale: NDArray[np.float32] | None


@dataclass(frozen=True)
class Hop:
    """One step from target vertices to the vertices that they receive messages from.

    Attributes:
        rows: the sources of each type: first the targets of that type as they were given, then the others in ascending order.
        blocks: the edges of each relation that leads to a type among the targets.
    """

    rows: dict[str, NDArray[np.int64]]
    blocks: dict[EdgeType, Block]


class NeighborSampler:
    """Draws neighbours uniformly and without replacement; parallel edges are neighbours of their own.

    It keeps one array per vertex type to number the vertices of a hop with, so one thread at a time may use it.
    """

    def __init__(self, edges: Mapping[EdgeType, NDArray[np.int64]], num_vertices: Mapping[str, int]) -> None:
        """Index the edges by their target.

        Args:
            edges: int64 of shape [2, edges] for each relation, rows of source and target, ordered by target.
            num_vertices: how many vertices each type has.
        """
        self._in_edges = {
            (source, name, target): _InEdges(index, num_vertices[source], num_vertices[target])
            for (source, name, target), index in edges.items()
        }
        self._numbers = {name: _Numbering(size) for name, size in num_vertices.items()}

    def sample(
        self,
        seeds: Mapping[str, NDArray[np.int64]],
        num_neighbors: Sequence[int],
        rng: np.random.Generator,
        edge_types_per_hop: Sequence[Iterable[EdgeType] | None] | None = None,
    ) -> list[Hop]:
        """The hops from the seeds outwards: the first feeds the last layer, the rows of the last are the inputs.

        Args:
            seeds: rows of each type, none twice.
            num_neighbors: how many to draw per vertex and relation in each hop, -1 for all, nearest the seeds first.
            rng: decides every draw.
            edge_types_per_hop: the relations to follow in each hop; None for all.
        """
        followed = edge_types_per_hop or [None] * len(num_neighbors)
        hops: list[Hop] = []
        targets = seeds
        for number, edge_types in zip(num_neighbors, followed, strict=True):
            hops.append(self.hop(targets, number, rng, edge_types))
            targets = hops[-1].rows
        return hops

    def hop(
        self,
        targets: Mapping[str, NDArray[np.int64]],
        num_neighbors: int,
        rng: np.random.Generator,
        edge_types: Iterable[EdgeType] | None = None,
    ) -> Hop:
        """One hop: the sources that send to `targets` over `edge_types`, relations in the order of the sampler's edges.

        Args:
            targets: rows of each type, none twice; those without neighbours are among the sources too.
            num_neighbors: how many to draw per vertex and relation, -1 for all.
            rng: decides every draw; not touched where all are taken.
            edge_types: the relations to follow; None for all. One without neighbours has a block without edges.
        """
        followed = self._in_edges.keys() if edge_types is None else set(edge_types)
        picked = {
            edge_type: in_edges.pick(targets[edge_type[2]], num_neighbors, rng)
            for edge_type, in_edges in self._in_edges.items()
            if edge_type[2] in targets and edge_type in followed
        }
        sources = {edge_type: self._in_edges[edge_type].sources(pick.edge) for edge_type, pick in picked.items()}
        rows = {
            name: self._numbers[name].assign(
                targets.get(name, np.empty(0, dtype=np.int64)),
                [rows for (source, _, _), rows in sources.items() if source == name],
            )
            for name in dict.fromkeys((*targets, *(source for source, _, _ in picked)))
        }
        blocks = {
            edge_type: Block(
                np.stack((self._numbers[edge_type[0]].of(sources[edge_type]), pick.target)), pick.edge, pick.scale
            )
            for edge_type, pick in picked.items()
        }
        for name, used in rows.items():
            self._numbers[name].clear(used)
        return Hop(rows, blocks)


@dataclass(frozen=True)
class _Pick:
    edge: NDArray[np.int64]
    target: NDArray[np.int64]
    scale: NDArray[np.float32] | None


class _InEdges:
    """The edges of one relation by target: those of row i are `first[i]` to `first[i + 1]`."""

    def __init__(self, index: NDArray[np.int64], num_sources: int, num_targets: int) -> None:
        source, target = index
        assert (target[1:] >= target[:-1]).all(), "edges come ordered by target"
        first = np.zeros(num_targets + 1, dtype=np.int64)
        np.cumsum(np.bincount(target, minlength=num_targets), out=first[1:])
        self._first = first
        self._source: NDArray[Any] = source.astype(np.int32 if num_sources <= 2**31 else np.int64)  # half the memory

    def sources(self, edge: NDArray[np.int64]) -> NDArray[Any]:
        return np.take(self._source, edge)

    def pick(self, targets: NDArray[np.int64], num_neighbors: int, rng: np.random.Generator) -> _Pick:
        first = self._first[targets]
        degree = self._first[targets + 1] - first
        count = degree if num_neighbors < 0 else np.minimum(degree, num_neighbors)
        begin = np.cumsum(count) - count
        edge = np.arange(count.sum(), dtype=np.int64)
        edge += np.repeat(first - begin, count)
        target = np.repeat(np.arange(len(targets), dtype=np.int64), count)
        drawn = count < degree
        if not drawn.any():
            return _Pick(edge, target, None)
        offsets = draw_distinct(degree[drawn], num_neighbors, rng)
        edge[np.repeat(drawn, count)] = (first[drawn, None] + offsets).ravel()
        return _Pick(edge, target, np.repeat((degree / np.maximum(count, 1)).astype(np.float32), count))


class _Numbering:
    """Numbers vertices of one type from 0 on, in time that depends on how many are numbered, not on how many exist."""

    def __init__(self, num_vertices: int) -> None:
        self._number = np.full(num_vertices, -1, dtype=np.int32)

    def assign(self, targets: NDArray[np.int64], sources: list[NDArray[Any]]) -> NDArray[np.int64]:
        """Number the targets, then the other sources in ascending order; the rows in that order."""
        self._number[targets] = np.arange(len(targets), dtype=np.int32)
        new = np.concatenate([np.empty(0, dtype=np.int32), *sources])
        new.sort()  # a sort and a mask are five times faster than np.unique
        new = new[np.append(True, new[1:] != new[:-1])[: len(new)]]
        new = new[self._number[new] < 0]
        self._number[new] = np.arange(len(targets), len(targets) + len(new), dtype=np.int32)
        return np.concatenate((targets, new))

    def of(self, rows: NDArray[Any]) -> NDArray[np.int32]:
        return self._number.take(rows)

    def clear(self, rows: NDArray[np.int64]) -> None:
        self._number[rows] = -1
