"""What a hop holds: against the neighbourhoods found by looking at every edge."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sampling.relations import Relations, by_target, relations
from trainer.sampling.sampler import Hop, NeighborSampler

NEXT = ("candle", "next", "candle")
NEAR = ("level", "near", "candle")
numbers = st.integers(1, 4)


def flat(hops: list[Hop]) -> list[Any]:
    """Everything that hops hold, as plain values."""
    return [
        (
            {name: rows.tolist() for name, rows in hop.rows.items()},
            {
                edge_type: (
                    block.index.tolist(),
                    block.edge.tolist(),
                    None if block.scale is None else block.scale.tolist(),
                )
                for edge_type, block in hop.blocks.items()
            },
        )
        for hop in hops
    ]


def rng(seed: int = 0) -> np.random.Generator:
    """A generator with a known seed."""
    return np.random.default_rng(seed)


@given(relations())
def test_with_all_neighbours_a_hop_is_the_neighbourhood(graph: Relations) -> None:
    """Every edge into a target once, the targets in their order, parallel edges each on their own."""
    hop = graph.sampler().hop(graph.seeds, -1, rng())
    for edge_type, block in hop.blocks.items():
        into = graph.edges[edge_type][1]
        assert block.edge.tolist() == [e for row in graph.seeds[edge_type[2]] for e in np.flatnonzero(into == row)]
        assert block.scale is None


@given(relations())
def test_all_neighbours_need_no_random_number(graph: Relations) -> None:
    """An exact evaluation during the training leaves the draws of the training as they are."""
    generator = rng()
    graph.sampler().hop(graph.seeds, -1, generator)
    assert generator.bit_generator.state == rng().bit_generator.state


@given(relations(), numbers)
def test_every_relation_into_a_target_type_has_a_block(graph: Relations, number: int) -> None:
    """One without edges where there is no neighbour, so that a model need not check."""
    hop = graph.sampler().hop(graph.seeds, number, rng())
    assert set(hop.blocks) == {edge_type for edge_type in graph.edges if edge_type[2] in graph.seeds}


@given(relations(), numbers)
def test_edge_numbers_point_to_the_edges_of_the_block(graph: Relations, number: int) -> None:
    """The ends of an edge are the same by its number and by its indices into the rows."""
    hop = graph.sampler().hop(graph.seeds, number, rng())
    for edge_type, block in hop.blocks.items():
        ends = (hop.rows[edge_type[0]][block.index[0]], hop.rows[edge_type[2]][block.index[1]])
        assert np.array_equal(np.stack(ends), graph.edges[edge_type][:, block.edge])


@given(relations(), numbers)
def test_edges_of_a_block_are_ordered_by_target(graph: Relations, number: int) -> None:
    """Rows of a CSR matrix can be made of them, and each leads to a target."""
    for edge_type, block in graph.sampler().hop(graph.seeds, number, rng()).blocks.items():
        assert block.index.dtype == block.edge.dtype == np.int64
        assert (np.diff(block.index[1]) >= 0).all()
        assert (block.index[1] < len(graph.seeds[edge_type[2]])).all()


@given(relations(), numbers)
def test_targets_come_first_then_the_new_rows_in_ascending_order(graph: Relations, number: int) -> None:
    """No row twice, and none that no edge begins at."""
    hop = graph.sampler().hop(graph.seeds, number, rng())
    sources: dict[str, set[int]] = {name: set() for name in graph.seeds}
    for edge_type, block in hop.blocks.items():
        sources.setdefault(edge_type[0], set()).update(graph.edges[edge_type][0][block.edge].tolist())
    targets = {name: graph.seeds[name].tolist() if name in graph.seeds else [] for name in sources}
    expected = {name: targets[name] + sorted(rows - set(targets[name])) for name, rows in sources.items()}
    assert {name: rows.tolist() for name, rows in hop.rows.items()} == expected


@given(relations(), numbers)
def test_a_draw_takes_the_number_asked_for_or_the_whole_row(graph: Relations, number: int) -> None:
    """Different edges, the smaller of the number and the in-degree for each target and relation."""
    for edge_type, block in graph.sampler().hop(graph.seeds, number, rng()).blocks.items():
        assert len(set(block.edge.tolist())) == len(block.edge)
        for index, row in enumerate(graph.seeds[edge_type[2]]):
            degree = int((graph.edges[edge_type][1] == row).sum())
            assert int((block.index[1] == index).sum()) == min(degree, number)


@given(relations(), numbers)
def test_scale_makes_up_for_what_was_left_out(graph: Relations, number: int) -> None:
    """The scales of a target's edges sum up to its in-degree; there are none where nothing was left out."""
    for edge_type, block in graph.sampler().hop(graph.seeds, number, rng()).blocks.items():
        degree = np.array(
            [(graph.edges[edge_type][1] == row).sum() for row in graph.seeds[edge_type[2]]], dtype=np.int64
        )
        assert (block.scale is None) == bool((degree <= number).all())
        if block.scale is not None:
            assert block.scale.dtype == np.float32
            result = np.bincount(block.index[1], weights=block.scale, minlength=len(degree))
            assert result == pytest.approx(degree, rel=1e-6)


@given(relations(), st.lists(numbers, max_size=3))
def test_hops_start_where_the_one_before_ended(graph: Relations, num_neighbors: list[int]) -> None:
    """The sources of a hop are the targets of the next."""
    sampler, generator = graph.sampler(), rng()
    hops = graph.sampler().sample(graph.seeds, num_neighbors, rng())
    targets, expected = graph.seeds, []
    for number in num_neighbors:
        expected.append(sampler.hop(targets, number, generator))
        targets = expected[-1].rows
    assert flat(hops) == flat(expected)


@given(relations(), numbers)
def test_a_sampler_keeps_no_state_between_batches(graph: Relations, number: int) -> None:
    """A used sampler and a fresh one draw the same."""
    used = graph.sampler()
    used.sample({name: np.arange(size) for name, size in graph.num_vertices.items()}, [number], rng(1))
    expected = graph.sampler().sample(graph.seeds, [number, number], rng())
    assert flat(used.sample(graph.seeds, [number, number], rng())) == flat(expected)


MARKET = Relations(
    {NEXT: by_target([(0, 1), (1, 2), (2, 3)]), NEAR: by_target([(1, 1), (0, 3)])},
    {"candle": 5, "level": 2},
    {"candle": np.array([3])},
)


def test_only_the_relations_asked_for_are_followed() -> None:
    """A type that no followed relation reaches is not among the rows."""
    hop = MARKET.sampler().hop(MARKET.seeds, -1, rng(), edge_types=[NEXT])
    assert {name: rows.tolist() for name, rows in hop.rows.items()} == {"candle": [3, 2]}
    assert set(hop.blocks) == {NEXT}


def test_targets_without_neighbours_are_kept() -> None:
    """The levels, which the layer after this one needs, although no relation leads to them."""
    hop = MARKET.sampler().hop({"level": np.array([1, 0]), "candle": np.array([1])}, -1, rng())
    assert {name: rows.tolist() for name, rows in hop.rows.items()} == {"level": [1, 0], "candle": [1, 0]}
    assert hop.blocks[NEAR].index.tolist() == [[0], [0]]


def test_each_hop_may_follow_other_relations() -> None:
    """The order is that of the numbers of neighbours."""
    hops = MARKET.sampler().sample(MARKET.seeds, [-1, -1], rng(), edge_types_per_hop=[[NEXT, NEAR], [NEXT]])
    assert {name: rows.tolist() for name, rows in hops[1].rows.items()} == {"candle": [3, 2, 1], "level": [0]}
    assert set(hops[1].blocks) == {NEXT}


def test_no_seeds_make_an_empty_hop() -> None:
    """The last batch of a part without labels, say."""
    hop = MARKET.sampler().hop({"candle": np.empty(0, dtype=np.int64)}, 2, rng())
    assert {name: rows.tolist() for name, rows in hop.rows.items()} == {"candle": [], "level": []}
    assert hop.blocks[NEXT].index.shape == (2, 0)


def test_one_vertex_without_edges_is_its_own_hop() -> None:
    """The smallest graph."""
    edges = {NEXT: np.empty((2, 0), dtype=np.int64)}
    (hop,) = NeighborSampler(edges, {"candle": 1}).sample({"candle": np.array([0])}, [3], rng())
    assert hop.rows["candle"].tolist() == [0]
    assert hop.blocks[NEXT].index.shape == (2, 0)


def test_edges_in_another_order_are_refused() -> None:
    """They would be taken for edges of other vertices."""
    with pytest.raises(AssertionError, match="ordered by target"):
        NeighborSampler({NEXT: np.array([[0, 0], [1, 0]])}, {"candle": 2})
