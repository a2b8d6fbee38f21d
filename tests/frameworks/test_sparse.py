"""Sums and means over neighbours are what a dense matrix gives, forward and backward."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.frameworks.graphs import (
    ODD,
    Case,
    assert_close,
    assert_learn_the_same,
    bipartites,
    both_precisions,
    computing_in,
    learned,
    odd_bipartites,
    odd_graphs,
    squares,
)
from trainer.frameworks.torch.sparse import Adjacency


def dense(case: Case, value: Tensor, loop: Tensor | None) -> Tensor:
    """The relation as a matrix of targets by sources."""
    matrix = torch.zeros(case.num_targets, case.num_sources)
    source, target = case.index
    matrix.index_put_((target, source), value, accumulate=True)
    if loop is not None:
        matrix.diagonal().add_(loop)
    return matrix


def assert_as_dense(case: Case, *, weighted: bool, looped: bool) -> None:
    """Sum and mean, with and without weights and loops."""
    value = case.weight if weighted else None
    loop = torch.linspace(0.5, 1.5, case.num_targets) if looped else None
    adjacency = Adjacency.from_edges(case.index, case.num_sources, case.num_targets, value, loop)
    ones = torch.ones(len(case.edges))
    summing = dense(case, ones if value is None else value, loop)
    counting = dense(case, ones, None if loop is None else torch.ones_like(loop))
    averaging = counting / counting.sum(1, keepdim=True).clamp(min=1)
    for fast, matrix in ((adjacency.matmul, summing), (adjacency.mean, averaging)):
        assert_learn_the_same(learned(None, fast, case.x(3)), learned(None, matrix.matmul, case.x(3)))


@both_precisions
@settings(max_examples=40)
@given(case=squares(), weighted=st.booleans(), looped=st.booleans())
def test_products_are_those_of_a_matrix(dtype: torch.dtype, case: Case, weighted: bool, looped: bool) -> None:
    """On random graphs."""
    with computing_in(dtype):
        assert_as_dense(case, weighted=weighted, looped=looped)


@both_precisions
@settings(max_examples=40)
@given(case=bipartites(), weighted=st.booleans())
def test_products_between_two_types_are_those_of_a_matrix(dtype: torch.dtype, case: Case, weighted: bool) -> None:
    """On random graphs with other targets than sources."""
    with computing_in(dtype):
        assert_as_dense(case, weighted=weighted, looped=False)


@odd_graphs
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("looped", [False, True])
def test_products_on_odd_graphs(case: Case, weighted: bool, looped: bool) -> None:
    """On each shape that breaks kernels."""
    assert_as_dense(case, weighted=weighted, looped=looped)


@odd_bipartites
def test_products_on_odd_graphs_between_two_types(case: Case) -> None:
    """Empty rows and empty columns."""
    assert_as_dense(case, weighted=True, looped=False)


def test_a_gradient_that_is_one_number_for_all_is_taken() -> None:
    """The gradient of a plain sum is a view of one number; a kernel needs it in memory."""
    case = ODD["every kind"]
    adjacency = Adjacency.from_edges(case.index, case.num_sources, case.num_targets)
    x = case.x(3).requires_grad_()
    adjacency.matmul(x).sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    assert_close(x.grad, torch.bincount(case.index[0], minlength=7).float().unsqueeze(1).expand(-1, 3))


def test_edges_out_of_order_are_refused() -> None:
    """A wrong order would give wrong sums without a word."""
    with pytest.raises(AssertionError, match="ordered by target"):
        Adjacency.from_edges(torch.tensor([[0, 0], [1, 0]]), 2, 2)


def test_held_sums_are_computed_once() -> None:
    """The same tensor comes back for what is held, a new one for everything else."""
    case = ODD["every kind"]
    adjacency = Adjacency.from_edges(case.index, case.num_sources, case.num_targets)
    x, other = case.x(3), case.x(3)
    adjacency.hold(x)
    assert adjacency.matmul(x) is adjacency.matmul(x)
    assert adjacency.mean(x) is adjacency.mean(x)
    assert adjacency.matmul(other) is not adjacency.matmul(other)
    assert_close(adjacency.matmul(other), adjacency.matmul(x))
    assert_close(adjacency.mean(other), adjacency.mean(x))


def test_other_inputs_held_take_the_place_of_the_first() -> None:
    """Nothing is left of what was held before."""
    case = ODD["every kind"]
    adjacency = Adjacency.from_edges(case.index, case.num_sources, case.num_targets)
    first = case.x(3)
    adjacency.hold(first)
    before = adjacency.matmul(first)
    adjacency.hold(2 * first)
    assert not adjacency.holds(first)
    adjacency.hold(second := 3 * first)
    assert_close(adjacency.matmul(second), 3 * before)


def test_what_is_learned_cannot_be_held() -> None:
    """A sum that is kept would never see its changes."""
    adjacency = Adjacency.from_edges(torch.tensor([[0], [0]]), 1, 1)
    with pytest.raises(AssertionError, match="learned"):
        adjacency.hold(torch.zeros(1, 2, requires_grad=True))


@odd_graphs
def test_both_orders_hold_the_same_edges(case: Case) -> None:
    """The transpose says of each edge its target and its place in the first order."""
    adjacency = Adjacency.from_edges(case.index, case.num_sources, case.num_targets)
    crow, row, order = adjacency.transposed
    sources = torch.arange(case.num_sources).repeat_interleave(crow.diff())
    assert torch.equal(adjacency.row[order], row)
    assert torch.equal(adjacency.col[order].long(), sources)
    assert torch.equal(order.sort().values.long(), torch.arange(len(case.edges)))
    assert torch.equal(adjacency.edge_index, case.index)
