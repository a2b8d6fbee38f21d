"""Random small graphs of several types, as the sampler takes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from trainer.graph.edge_type import EdgeType
from trainer.sampling.sampler import NeighborSampler

NAMES = ("candle", "level", "symbol")


@dataclass(frozen=True)
class Relations:
    """The edges by relation, ordered by target, the number of vertices by type, and some vertices to begin with."""

    edges: dict[EdgeType, NDArray[np.int64]]
    num_vertices: dict[str, int]
    seeds: dict[str, NDArray[np.int64]]

    def sampler(self) -> NeighborSampler:
        """A fresh sampler of these edges."""
        return NeighborSampler(self.edges, self.num_vertices)


def by_target(pairs: list[tuple[int, int]]) -> NDArray[np.int64]:
    """Pairs of source and target as an index [2, edges] ordered by target, source."""
    ordered = sorted(pairs, key=lambda pair: (pair[1], pair[0]))
    return np.array(ordered, dtype=np.int64).reshape(-1, 2).T


@st.composite
def relations(draw: st.DrawFn) -> Relations:
    """Up to three types of up to six vertices, any relations between them, parallel edges and self-loops among theirs."""
    num_vertices = {name: draw(st.integers(0, 6), label=name) for name in NAMES[: draw(st.integers(1, 3))]}
    ends = st.sampled_from(list(num_vertices))
    edge_types = draw(st.lists(st.tuples(ends, st.sampled_from(("next", "near")), ends), unique=True, max_size=4))
    edges = {}
    for edge_type in edge_types:
        num_sources, num_targets = num_vertices[edge_type[0]], num_vertices[edge_type[2]]
        pair = st.tuples(st.integers(0, max(num_sources - 1, 0)), st.integers(0, max(num_targets - 1, 0)))
        edges[edge_type] = by_target(draw(st.lists(pair, max_size=30 if num_sources and num_targets else 0)))
    seeded = draw(st.lists(ends, unique=True))
    seeds = {name: np.array(draw(_some_of(num_vertices[name])), dtype=np.int64) for name in seeded}
    return Relations(edges, num_vertices, seeds)


def _some_of(num: int) -> st.SearchStrategy[list[int]]:
    return st.permutations(range(num)).flatmap(lambda rows: st.integers(0, num).map(lambda size: rows[:size]))
