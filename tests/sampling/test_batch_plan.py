"""Which vertices make which batch."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.conftest import make_settings
from trainer.sampling import batch_plan
from trainer.sampling.batch_plan import BatchPlan, in_pieces, plan_batches

ROWS = np.array([1, 2, 5, 8, 9, 11, 12])


def plan(graphs: NDArray[np.int32] | None = None, **values: Any) -> BatchPlan:
    """The plan for seven training vertices."""
    settings = make_settings(**{"batch_size": 3} | values)
    result = plan_batches(settings.sampling, settings.model.num_layers, settings.training.seed, ROWS, graphs)
    assert result is not None
    return result


def epoch(made: BatchPlan, number: int) -> list[list[int]]:
    """The batches of an epoch."""
    return [rows.tolist() for rows in made.batches(made.rng(number))]


def test_without_batch_size_the_graph_is_taken_at_once() -> None:
    """BATCH_SIZE=0 plans nothing."""
    assert plan_batches(make_settings(batch_size=0).sampling, 2, 0, ROWS, None) is None


@pytest.mark.parametrize(("size", "sizes"), [(1, [1] * 7), (3, [3, 3, 1]), (7, [7]), (100, [7])])
def test_every_training_vertex_is_in_one_batch(size: int, sizes: list[int]) -> None:
    """Also where a batch could hold more than there are."""
    result = epoch(plan(batch_size=size), 1)
    assert [len(rows) for rows in result] == sizes
    assert sorted(chain.from_iterable(result)) == ROWS.tolist()
    assert all(rows == sorted(rows) for rows in result)


def test_order_is_decided_by_seed_and_epoch() -> None:
    """The same again for a run that goes on; another for the next epoch and another seed."""
    first = epoch(plan(), 1)
    assert first == epoch(plan(), 1)
    assert first != epoch(plan(), 2)
    assert first != epoch(plan(seed=7), 1)


@pytest.mark.parametrize(
    ("given_numbers", "expected"), [([], (10, 10, 10)), ([4], (4, 4, 4)), ([9, 5, -1], (9, 5, -1))]
)
def test_num_neighbors_are_per_layer(given_numbers: list[int], expected: tuple[int, ...]) -> None:
    """One number is for all layers, none is ten."""
    assert plan(num_layers=3, num_neighbors=given_numbers).num_neighbors == expected


def test_graphs_come_as_a_whole() -> None:
    """BATCH_SIZE counts graphs; one without training vertices counts for nothing, and all neighbours are taken."""
    graphs = np.array([0, 4, 1, 1, 1, 4, 2, 2, 2, 1, 3, 4, 3], dtype=np.int32)
    made = plan(graphs, batch_size=2)
    of_graph = {1: [2, 9], 2: [8], 3: [12], 4: [1, 5, 11]}
    for number in range(5):
        result = epoch(made, number)
        assert len(result) == 2
        assert sorted(chain.from_iterable(result)) == ROWS.tolist()
        for rows in result:
            chosen = {int(graphs[row]) for row in rows}
            assert rows == sorted(row for graph in chosen for row in of_graph[graph])
            assert len(chosen) == 2
    assert made.num_neighbors == (-1, -1)


def test_graphs_with_num_neighbors_are_sampled_by_vertex() -> None:
    """NUM_NEIGHBORS says that neighbours are drawn, so batches are of vertices."""
    made = plan(np.zeros(13, dtype=np.int32), num_neighbors=[5])
    assert [len(rows) for rows in epoch(made, 1)] == [3, 3, 1]


@given(st.lists(st.integers(0, 30), max_size=40), st.integers(1, 50))
def test_pieces_cover_all_vertices_and_share_the_work(degrees: list[int], most: int) -> None:
    """Each vertex is in one piece; a piece holds too much only by the edges of one vertex."""
    target = np.repeat(np.arange(len(degrees)), degrees)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch_plan, "MAX_PIECE", most)
        result = in_pieces(len(degrees), [np.stack([target, target])])
    assert [row for begin, end in result for row in range(begin, end)] == list(range(len(degrees)))
    for begin, end in result:
        assert sum(degrees[begin : end - 1]) + end - 1 - begin < most
