"""Every layer is PyG's own: same weights, same outputs, same gradients, on any graph."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch_geometric import nn as pyg

from tests.frameworks.graphs import (
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
from trainer.frameworks.pyg.convs import on_adjacency
from trainer.frameworks.torch.structure import make_structure
from trainer.registry.models import MODELS

Build = Callable[[int, int], pyg.MessagePassing]
WIDTHS = [(3, 2), (3, 3), (3, 5)]
"""Channels before and after: the sum comes after the linear map or before it."""

DEGREES = torch.tensor([1, 2, 1, 1])
SQUARE: dict[str, Build] = {
    "GCN": pyg.GCNConv,
    "GraphSAGE": pyg.SAGEConv,
    "GraphConv": pyg.GraphConv,
    "GIN": lambda before, after: pyg.GINConv(pyg.MLP([before, after, after], norm=None), train_eps=True),
    "PNA": lambda before, after: pyg.PNAConv(before, after, ["mean", "max", "std"], ["identity"], DEGREES),
    "EdgeCNN": lambda before, after: pyg.EdgeConv(pyg.MLP([2 * before, after, after], norm=None)),
}
BIPARTITE: dict[str, Build] = {name: SQUARE[name] for name in ("GraphSAGE", "GraphConv", "GIN", "EdgeCNN")}
TAKES_WEIGHTS = ("GCN", "GraphConv")

Stock = Callable[..., Tensor]


def square_layer(
    model_type: str, case: Case, widths: tuple[int, int], weighted: bool
) -> tuple[pyg.MessagePassing, Stock]:
    """A stock layer and its forward."""
    torch.manual_seed(case.seed)
    stock = SQUARE[model_type](*widths)
    arguments = (case.index, case.weight) if weighted and model_type in TAKES_WEIGHTS else (case.index,)
    return stock, lambda x: stock(x, *arguments)


def assert_same_square(model_type: str, case: Case, widths: tuple[int, int], *, weighted: bool, held: bool) -> None:
    """Within one vertex type."""
    stock, forward = square_layer(model_type, case, widths, weighted)
    inputs = [] if held else [case.x(widths[0])]
    expected = learned(stock, lambda *x: forward(*(x or [case.x(widths[0])])), *inputs)
    ours = on_adjacency(stock, MODELS[model_type])
    weight = case.weight if weighted else None
    adjacency = make_structure(
        MODELS[model_type], case.index, weight, case.num_sources, case.num_targets, True
    ).adjacency()
    x = case.x(widths[0])
    if held:
        adjacency.hold(x)
    found = learned(ours, lambda *given: ours(*(given or [x]), adjacency), *inputs)
    assert_learn_the_same(found, expected)


@both_precisions
@pytest.mark.parametrize("model_type", SQUARE)
@settings(max_examples=25)
@given(case=squares(), widths=st.sampled_from(WIDTHS), weighted=st.booleans(), held=st.booleans())
def test_layers_are_pygs(
    dtype: torch.dtype, model_type: str, case: Case, widths: tuple[int, int], weighted: bool, held: bool
) -> None:
    """On random graphs, with inputs that are learned and with inputs that never change."""
    with computing_in(dtype):
        assert_same_square(model_type, case, widths, weighted=weighted, held=held)


@odd_graphs
@pytest.mark.parametrize("model_type", SQUARE)
@pytest.mark.parametrize("widths", WIDTHS)
def test_layers_are_pygs_on_odd_graphs(model_type: str, case: Case, widths: tuple[int, int]) -> None:
    """On each shape that breaks kernels."""
    assert_same_square(model_type, case, widths, weighted=True, held=False)


def assert_same_bipartite(model_type: str, case: Case, widths: tuple[int, int]) -> None:
    """Between two vertex types."""
    torch.manual_seed(case.seed)
    stock = BIPARTITE[model_type](*widths)
    inputs = case.x(widths[0]), case.x_target(widths[0])
    arguments = (case.index, case.weight) if model_type in TAKES_WEIGHTS else (case.index,)
    expected = learned(stock, lambda *x: stock(x, *arguments), *inputs)
    ours = on_adjacency(stock, MODELS[model_type])
    weight = case.weight if model_type in TAKES_WEIGHTS else None
    adjacency = make_structure(
        MODELS[model_type], case.index, weight, case.num_sources, case.num_targets, False
    ).adjacency()
    assert_learn_the_same(learned(ours, lambda *x: ours(x, adjacency), *inputs), expected)


@both_precisions
@pytest.mark.parametrize("model_type", BIPARTITE)
@settings(max_examples=25)
@given(case=bipartites(), widths=st.sampled_from(WIDTHS))
def test_layers_between_two_types_are_pygs(
    dtype: torch.dtype, model_type: str, case: Case, widths: tuple[int, int]
) -> None:
    """On random graphs."""
    with computing_in(dtype):
        assert_same_bipartite(model_type, case, widths)


@odd_bipartites
@pytest.mark.parametrize("model_type", BIPARTITE)
def test_layers_between_two_types_are_pygs_on_odd_graphs(model_type: str, case: Case) -> None:
    """Empty rows and empty columns."""
    assert_same_bipartite(model_type, case, (3, 2))


@pytest.mark.parametrize("model_type", ["GCN", "PNA"])
@settings(max_examples=25)
@given(case=bipartites(), widths=st.sampled_from(WIDTHS))
def test_layers_for_one_type_take_two_as_one_graph(model_type: str, case: Case, widths: tuple[int, int]) -> None:
    """What the targets get from PyG's layer over targets and sources together."""
    torch.manual_seed(case.seed)
    stock = SQUARE[model_type](*widths)
    inputs = case.x(widths[0]), case.x_target(widths[0])
    joint = case.index + torch.tensor([[case.num_targets], [0]])
    expected = learned(
        stock, lambda source, target: stock(torch.cat([target, source]), joint)[: case.num_targets], *inputs
    )
    ours = on_adjacency(stock, MODELS[model_type])
    adjacency = make_structure(
        MODELS[model_type], case.index, None, case.num_sources, case.num_targets, False
    ).adjacency()
    assert_learn_the_same(learned(ours, lambda *x: ours(x, adjacency), *inputs), expected)


@pytest.mark.parametrize("model_type", SQUARE)
@settings(max_examples=15)
@given(case=squares(), widths=st.sampled_from(WIDTHS), data=st.data())
def test_some_targets_get_what_they_get_in_the_whole(
    model_type: str, case: Case, widths: tuple[int, int], data: st.DataObject
) -> None:
    """With more sources than targets, of which the first are the targets."""
    stock, forward = square_layer(model_type, case, widths, False)
    with torch.no_grad():
        expected = forward(case.x(widths[0]))
    num_targets = data.draw(st.integers(1, case.num_targets))
    edges = (case.index[1] < num_targets).nonzero().flatten()
    ours = on_adjacency(stock, MODELS[model_type])
    structure = make_structure(MODELS[model_type], case.index, None, case.num_sources, case.num_targets, True)
    adjacency = structure.adjacency_of(case.index[:, edges], edges, None, torch.arange(num_targets), case.num_sources)
    with torch.no_grad():
        assert_close(ours(case.x(widths[0]), adjacency), expected[:num_targets])


def test_gin_with_more_in_its_network_is_pygs() -> None:
    """Norms and dropouts between the layers of the network stay where they are."""
    case = Case(4, 4, [(0, 1), (1, 2), (3, 2)])
    for network in (pyg.MLP([3, 2, 2], norm="layer_norm"), pyg.MLP([3, 2], norm=None), torch.nn.Linear(3, 2)):
        stock = pyg.GINConv(network)
        adjacency = make_structure(MODELS["GIN"], case.index, None, 4, 4, True).adjacency()
        with torch.no_grad():
            expected = stock(case.x(3), case.index)
            assert_close(on_adjacency(stock, MODELS["GIN"])(case.x(3), adjacency), expected)


@pytest.mark.parametrize(
    "layer",
    [pyg.SAGEConv(3, 2, aggr="max"), pyg.SAGEConv(3, 2, project=True), pyg.SAGEConv(3, 2, normalize=True)],
    ids=["max", "project", "normalize"],
)
def test_a_layer_that_asks_for_more_is_refused(layer: pyg.SAGEConv) -> None:
    """An option that would be passed over gives no result at all."""
    adjacency = make_structure(MODELS["GraphSAGE"], torch.tensor([[0], [0]]), None, 1, 1, True).adjacency()
    with pytest.raises(AssertionError):
        on_adjacency(layer, MODELS["GraphSAGE"])(torch.ones(1, 3), adjacency)
