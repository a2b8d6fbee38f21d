"""What is drawn: every set of neighbours equally likely, decided by the seed alone, and never from the future."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.sampling.relations import Relations, by_target, relations
from tests.sampling.test_sampler import NEXT, flat, rng
from trainer.sampling.drawing import draw_distinct
from trainer.sampling.sampler import NeighborSampler

ROWS = 30_000


def unevenness(counts: NDArray[np.int64]) -> float:
    """How many standard deviations the chi-square of counts lies above a uniform draw gives."""
    expected, freedom = counts.mean(), len(counts) - 1
    return float((((counts - expected) ** 2 / expected).sum() - freedom) / np.sqrt(2 * freedom))


@pytest.mark.parametrize(("length", "size"), [(6, 1), (6, 3), (6, 5), (9, 2)])
def test_every_set_of_indices_is_equally_likely(length: int, size: int) -> None:
    """Equal chances for each index are not enough: a draw with a fixed distance between its indices has them too."""
    indices = draw_distinct(np.full(ROWS, length), size, rng())
    masks, counts = np.unique((1 << indices).sum(axis=1), return_counts=True)
    assert len(masks) == math.comb(length, size)
    assert unevenness(counts) < 4


def test_rows_are_drawn_independently() -> None:
    """What one row draws says nothing about its neighbour's draw."""
    indices = draw_distinct(np.full(ROWS, 4), 1, rng()).ravel()
    assert unevenness(np.bincount(indices[::2] * 4 + indices[1::2], minlength=16)) < 4


@given(st.lists(st.integers(3, 50), max_size=20), st.integers(0, 3), st.integers(0, 99))
def test_indices_are_different_and_within_their_row(lengths: list[int], size: int, seed: int) -> None:
    """Rows of unequal length side by side."""
    indices = draw_distinct(np.array(lengths, dtype=np.int64), size, rng(seed))
    assert indices.shape == (len(lengths), size)
    for length, row in zip(lengths, indices.tolist(), strict=True):
        assert len(set(row)) == size
        assert set(row) <= set(range(length))


def test_every_edge_of_a_vertex_is_drawn_equally_often() -> None:
    """Through the sampler, with a short row and an empty one beside the long ones; a parallel edge counts twice."""
    pairs = [(source, 1) for source in (0, 2, 3, 3, 4)] + [(2, 3), *((source, 4) for source in range(5))]
    sampler, generator = NeighborSampler({NEXT: by_target(pairs)}, {"candle": 5}), rng()
    drawn = [sampler.hop({"candle": np.arange(5)}, 2, generator).blocks[NEXT].edge for _ in range(3000)]
    counts = np.bincount(np.concatenate(drawn), minlength=11)
    assert counts[5] == 3000
    assert unevenness(counts[:5]) < 4
    assert unevenness(counts[6:]) < 4


@given(relations(), st.integers(1, 3), st.integers(0, 99))
def test_the_same_seed_draws_the_same(graph: Relations, number: int, seed: int) -> None:
    """Two samplers, one generator state, one draw."""
    first = graph.sampler().sample(graph.seeds, [number, number], rng(seed))
    assert flat(graph.sampler().sample(graph.seeds, [number, number], rng(seed))) == flat(first)


def test_other_seeds_draw_otherwise() -> None:
    """Ten of a hundred neighbours."""
    sampler = NeighborSampler({NEXT: by_target([(source, 0) for source in range(100)])}, {"candle": 100})
    first, second = (sampler.hop({"candle": np.array([0])}, 10, rng(seed)) for seed in (1, 2))
    assert first.blocks[NEXT].edge.tolist() != second.blocks[NEXT].edge.tolist()


@given(relations(), st.integers(1, 3))
def test_the_order_in_which_relations_are_named_does_not_matter(graph: Relations, number: int) -> None:
    """A set of names has another order in every process; the draws are the same."""
    edge_types = list(graph.edges)
    first = graph.sampler().hop(graph.seeds, number, rng(), edge_types=edge_types)
    assert flat([graph.sampler().hop(graph.seeds, number, rng(), edge_types=edge_types[::-1])]) == flat([first])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.data())
def test_without_edges_from_the_future_no_row_is_later_than_its_seed(times: list[int], data: st.DataObject) -> None:
    """However many hops: each goes back in time or stays."""
    vertex = st.integers(0, len(times) - 1)
    pairs = data.draw(st.lists(st.tuples(vertex, vertex), max_size=40))
    causal = by_target([(source, target) for source, target in pairs if times[source] <= times[target]])
    sampler = NeighborSampler({NEXT: causal}, {"candle": len(times)})
    for seed in range(len(times)):
        hops = sampler.sample({"candle": np.array([seed])}, [2, 2, 2], rng())
        assert max(times[row] for row in hops[-1].rows["candle"]) == times[seed]
