"""Which vertices make which batch: training vertices at random, all vertices in pieces of equal work.

Random numbers depend on the seed and the epoch alone, so that a resumed run draws what it would have drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from trainer.settings.groups.sampling import SamplingSettings

DEFAULT_NUM_NEIGHBORS = 10
ALL_NEIGHBORS = -1
MAX_PIECE = 1 << 19
"""Edges and vertices of one piece of an evaluation, give or take those of one vertex."""


@dataclass(frozen=True)
class BatchPlan:
    """The batches of each epoch.

    Attributes:
        seed: with the epoch decides the order and every neighbour drawn.
        groups: what is shuffled: rows of training vertices, one each, or all those of one graph.
        size: how many groups make a batch.
        num_neighbors: neighbours per vertex and relation for each layer, the one nearest the labels first; -1 for all.
    """

    seed: int
    groups: Sequence[NDArray[np.int64]] | NDArray[np.int64]
    size: int
    num_neighbors: tuple[int, ...]

    def rng(self, epoch: int) -> np.random.Generator:
        """The random numbers of one epoch."""
        return np.random.default_rng((self.seed, epoch))

    def batches(self, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
        """The rows of each batch, every training vertex once, in ascending order within a batch."""
        order = rng.permutation(len(self.groups))
        for begin in range(0, len(order), self.size):
            chosen = order[begin : begin + self.size]
            if isinstance(self.groups, np.ndarray):
                rows = self.groups[chosen]
            else:
                rows = np.concatenate([self.groups[index] for index in chosen])
            yield np.sort(rows)  # neighbours in the graph are often neighbours in memory


def plan_batches(
    sampling: SamplingSettings,
    num_layers: int,
    seed: int,
    train_rows: NDArray[np.int64],
    graph_of_row: NDArray[np.int32] | None,
) -> BatchPlan | None:
    """How the settings cut an epoch; None for the whole graph at once.

    Args:
        sampling: BATCH_SIZE and NUM_NEIGHBORS.
        num_layers: of the model.
        seed: of the order and of the neighbours.
        train_rows: the vertices to learn from, ascending.
        graph_of_row: which of several graphs each vertex of the target type is of; None for one graph.
    """
    if not sampling.batch_size:
        return None
    given = sampling.num_neighbors
    if graph_of_row is not None and not given:
        graphs = graph_of_row[train_rows]
        order = np.argsort(graphs, kind="stable")
        groups = np.split(train_rows[order], np.flatnonzero(np.diff(graphs[order])) + 1)
        return BatchPlan(seed, groups, sampling.batch_size, (ALL_NEIGHBORS,) * num_layers)
    numbers = given or [DEFAULT_NUM_NEIGHBORS]
    per_layer = tuple(numbers) if len(numbers) > 1 else tuple(numbers) * num_layers
    return BatchPlan(seed, train_rows, sampling.batch_size, per_layer)


def in_pieces(
    num_vertices: int, edge_indices: Iterable[NDArray[np.int64]], within: tuple[int, int] | None = None
) -> list[tuple[int, int]]:
    """Ranges over all vertices of a type, each with about the same number of edges that lead there.

    Args:
        num_vertices: how many vertices there are.
        edge_indices: int64 [2, edges] of each relation that leads to them.
        within: only these vertices.
    """
    begin, end = within or (0, num_vertices)
    work = work_of(num_vertices, edge_indices)[begin:end]
    piece = (np.cumsum(work) - work) // MAX_PIECE
    bounds = [begin, *(begin + np.flatnonzero(np.diff(piece)) + 1).tolist(), end]
    return list(pairwise(bounds)) if end > begin else []


def work_of(num_vertices: int, edge_indices: Iterable[NDArray[np.int64]]) -> NDArray[np.int64]:
    """What each vertex of a type costs: one, and one for each edge that leads there; shape [vertices]."""
    work = np.ones(num_vertices, dtype=np.int64)
    for index in edge_indices:
        work += np.bincount(index[1], minlength=num_vertices)
    return work
