"""What a model sums up is what PyG makes of the same edges, in the whole graph and in a sample of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch_geometric.nn.conv.gcn_conv import gcn_norm
from torch_geometric.utils import add_self_loops, remove_self_loops

from tests.frameworks.graphs import (
    ODD,
    Case,
    assert_close,
    bipartites,
    both_precisions,
    computing_in,
    odd_graphs,
    squares,
)
from trainer.frameworks.torch.sparse import Adjacency
from trainer.frameworks.torch.structure import Structure, make_structure
from trainer.registry.models import MODELS


def structure_of(model_type: str, case: Case, weight: Tensor | None) -> Structure:
    """The relation of the case."""
    return make_structure(MODELS[model_type], case.index, weight, case.num_sources, case.num_targets, case.same_type)


def matrix(adjacency: Adjacency) -> Tensor:
    """As a dense matrix of targets by sources."""
    return adjacency.matmul(torch.eye(adjacency.num_sources))


def dense(index: Tensor, value: Tensor, num_sources: int, num_targets: int) -> Tensor:
    """Edges as a dense matrix of targets by sources."""
    return torch.zeros(num_targets, num_sources).index_put((index[1], index[0]), value, accumulate=True)


@both_precisions
@settings(max_examples=40)
@given(case=squares(), weighted=st.booleans())
def test_gcn_is_normalised_as_in_pyg(dtype: torch.dtype, case: Case, weighted: bool) -> None:
    """Degrees with loops, stored loops in the place of added ones, weights."""
    with computing_in(dtype):
        weight = case.weight if weighted else None
        index, value = gcn_norm(case.index, weight, case.num_targets, dtype=dtype)
        expected = dense(index, value, case.num_targets, case.num_targets)
        assert_close(matrix(structure_of("GCN", case, weight).adjacency()), expected)


@settings(max_examples=40)
@given(case=bipartites(), weighted=st.booleans())
def test_gcn_takes_two_types_as_one_graph(case: Case, weighted: bool) -> None:
    """The targets come first, then the sources; what the targets get is PyG's."""
    weight = case.weight if weighted else None
    joint = case.index + torch.tensor([[case.num_targets], [0]])
    num = case.num_targets + case.num_sources
    index, value = gcn_norm(joint, weight, num, dtype=torch.float32)
    expected = dense(index, value, num, num)[: case.num_targets]
    assert_close(matrix(structure_of("GCN", case, weight).adjacency()), expected)


@pytest.mark.parametrize("model_type", ["GAT", "GATv2"])
@settings(max_examples=40)
@given(case=squares(), weighted=st.booleans())
def test_attention_has_one_loop_for_each_vertex(model_type: str, case: Case, weighted: bool) -> None:
    """Stored loops go; an added one weighs the mean of its target's edges."""
    weight = case.weight if weighted else None
    index, value = remove_self_loops(case.index, weight)
    index, value = add_self_loops(index, value, fill_value="mean", num_nodes=case.num_targets)
    expected = dense(index, torch.ones(index.size(1)) if value is None else value, case.num_targets, case.num_targets)
    adjacency = structure_of(model_type, case, weight).adjacency()
    assert (adjacency.value is None) == (weight is None)
    assert_close(matrix(adjacency), expected)


@pytest.mark.parametrize("model_type", ["GAT", "GATv2"])
def test_attention_between_two_types_has_no_loops(model_type: str) -> None:
    """A target is none of its sources."""
    case = Case(2, 2, [(0, 0), (1, 0)], same_type=False)
    assert structure_of(model_type, case, None).adjacency().col.tolist() == [0, 1]


@pytest.mark.parametrize("model_type", MODELS)
def test_weights_count_where_the_model_takes_them(model_type: str) -> None:
    """The others know none."""
    case = ODD["isolated vertices"]
    with_weights, without = (structure_of(model_type, case, weight).adjacency() for weight in (case.weight, None))
    same = torch.equal(matrix(with_weights), matrix(without))
    assert same == (model_type not in ("GCN", "GraphConv", "GAT", "GATv2"))


def sample(case: Case, targets: list[int], edges: list[int]) -> tuple[Tensor, list[int]]:
    """Some edges of some targets in the rows of a sample, and which vertices its sources are."""
    pairs = [tuple(case.index[:, edge].tolist()) for edge in edges]
    first = targets if case.same_type else []
    rows = [*first, *sorted({source for source, _ in pairs} - set(first))]
    local = [(rows.index(source), targets.index(target)) for source, target in pairs]
    return torch.tensor(local, dtype=torch.int64).reshape(-1, 2).t(), rows


def chosen(case: Case, targets: list[int]) -> list[int]:
    """All edges of these targets, ordered by the target's place among them."""
    return [edge for target in targets for edge in (case.index[1] == target).nonzero().flatten().tolist()]


@pytest.mark.parametrize("model_type", MODELS)
@settings(max_examples=20)
@given(case=st.one_of(squares(), bipartites()), weighted=st.booleans(), data=st.data())
def test_all_edges_of_some_targets_are_rows_of_the_whole(
    model_type: str, case: Case, weighted: bool, data: st.DataObject
) -> None:
    """A sample that leaves nothing out sums up what the whole graph sums up, in the sample's own rows."""
    structure = structure_of(model_type, case, case.weight if weighted else None)
    targets = data.draw(st.lists(st.integers(0, case.num_targets - 1), min_size=1, unique=True))
    edges = chosen(case, targets)
    index, rows = sample(case, targets, edges)
    adjacency = structure.adjacency_of(index.numpy(), np.array(edges, np.int64), None, np.array(targets), len(rows))
    columns = rows
    if model_type == "GCN" and not case.same_type:
        columns = [*targets, *(row + case.num_targets for row in rows)]
    assert adjacency.num_sources == len(columns)
    assert_close(matrix(adjacency), matrix(structure.adjacency())[targets][:, columns])


@pytest.mark.parametrize("model_type", MODELS)
def test_a_drawn_edge_stands_for_several_in_sums_only(model_type: str) -> None:
    """Sums are scaled up, so that they expect the sum over all; means and attention are left alone; loops always."""
    case = ODD["one way only"]
    structure = structure_of(model_type, case, None)
    index, rows = sample(case, [4], [1, 3])
    arguments = (index, torch.tensor([1, 3]))
    plain = structure.adjacency_of(*arguments, None, torch.tensor([4]), len(rows))
    scaled = structure.adjacency_of(*arguments, torch.tensor([2.0, 2.0]), torch.tensor([4]), len(rows))
    factor = torch.tensor([1.0, 2, 2]) if model_type in ("GCN", "GIN", "GraphConv") else torch.ones(3)
    assert_close(matrix(scaled), matrix(plain) * factor)


@odd_graphs
def test_a_structure_keeps_the_edges_as_stored(case: Case) -> None:
    """Places of edges, as a sampler gives them, stay good."""
    for model_type in MODELS:
        structure = structure_of(model_type, case, case.weight)
        assert torch.equal(structure.index, case.index)
        assert structure.value is None or structure.value.numel() == len(case.edges)
