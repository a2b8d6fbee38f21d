"""What trains fast is PyG's own model: same weights, same outputs, same gradients, same losses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch import Tensor
from torch.nn.functional import cross_entropy

from tests.conftest import make_settings
from tests.frameworks.graphs import ODD, Case, assert_close, assert_learn_the_same, learned, odd_graphs, squares
from tests.frameworks.stock import stock_model
from tests.training.typed import vertex_set
from trainer.dataset.edges.edge_set import EdgeSet
from trainer.dataset.inputs import Inputs
from trainer.frameworks.pyg.network import Network, make_network
from trainer.frameworks.torch.sparse import Adjacency
from trainer.frameworks.torch.structure import make_structure
from trainer.models.describe import describe_model
from trainer.models.spec import HomogeneousSpec
from trainer.registry.models import MODELS, weighted_models

WIDTH = 3
every_model = pytest.mark.parametrize("model_type", MODELS)


def describe(model_type: str, case: Case, *, weighted: bool = False, **values: Any) -> HomogeneousSpec:
    """The model of this type for the graph, two outputs wide."""
    chosen = make_settings(**{"model_type": model_type, "hidden_channels": 8, "heads": 2} | values)
    edges = EdgeSet(("e",), case.index.numpy(), case.weight.numpy() if weighted else None)
    vertices = {"v": vertex_set("v", case.num_targets, WIDTH)}
    spec = describe_model(chosen.model, Inputs(vertices, {("v", "e", "v"): edges}, "v", None, []), 2)
    assert isinstance(spec, HomogeneousSpec)
    return spec


def whole(model_type: str, case: Case, weight: Tensor | None = None) -> Adjacency:
    """All edges of the graph."""
    return make_structure(MODELS[model_type], case.index, weight, case.num_sources, case.num_targets, True).adjacency()


def pair(spec: HomogeneousSpec, seed: int = 1) -> tuple[Network, torch.nn.Module]:
    """Ours and stock PyG, with the same weights."""
    torch.manual_seed(seed)
    ours, stock = make_network(spec), stock_model(spec)
    stock.load_state_dict(ours.state_dict())
    return ours, stock


def edge_arguments(model_type: str, weight: Tensor) -> dict[str, Tensor]:
    """Weights as stock PyG takes them."""
    if model_type in ("GCN", "GraphConv"):
        return {"edge_weight": weight}
    return {"edge_attr": weight.unsqueeze(1)}


def assert_same(model_type: str, case: Case, **values: Any) -> None:
    """Outputs and gradients."""
    spec = describe(model_type, case, **values)
    ours, stock = pair(spec, case.seed)
    adjacencies = [whole(model_type, case)] * spec.num_layers
    found = learned(ours, lambda x: ours(x, adjacencies), case.x(WIDTH))
    assert_learn_the_same(found, learned(stock, lambda x: stock(x, case.index), case.x(WIDTH)))


@every_model
@settings(max_examples=15)
@given(case=squares())
def test_outputs_and_gradients_are_pygs(model_type: str, case: Case) -> None:
    """On random graphs."""
    assert_same(model_type, case)


@every_model
@odd_graphs
def test_outputs_and_gradients_are_pygs_on_odd_graphs(model_type: str, case: Case) -> None:
    """On each shape that breaks kernels."""
    assert_same(model_type, case)


@every_model
@pytest.mark.parametrize("num_layers", [1, 3])
def test_outputs_and_gradients_are_pygs_at_any_depth(model_type: str, num_layers: int) -> None:
    """One layer has no hidden width; three have layers in the middle."""
    assert_same(model_type, ODD["every kind"], num_layers=num_layers)


@pytest.mark.parametrize("model_type", weighted_models())
@odd_graphs
def test_weights_count_as_in_pyg(model_type: str, case: Case) -> None:
    """As factors in GCN and GraphConv, as a feature of the edge in attention."""
    spec = describe(model_type, case, weighted=True)
    ours, stock = pair(spec)
    adjacencies = [whole(model_type, case, case.weight)] * 2
    found = learned(ours, lambda x: ours(x, adjacencies), case.x(WIDTH))
    arguments = edge_arguments(model_type, case.weight)
    assert_learn_the_same(found, learned(stock, lambda x: stock(x, case.index, **arguments), case.x(WIDTH)))


@every_model
def test_weights_move_both_ways(model_type: str) -> None:
    """Names and shapes are PyG's, so that a stored model needs nothing of ours."""
    spec = describe(model_type, ODD["every kind"])
    ours, stock = make_network(spec), stock_model(spec)
    ours.load_state_dict(stock.state_dict())
    stock.load_state_dict(ours.state_dict())
    assert list(ours.state_dict()) == list(stock.state_dict())


def losses(model: torch.nn.Module, arguments: tuple[Any, ...], y: Tensor, num_epochs: int) -> list[float]:
    """What Adam makes of the model."""
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    found = []
    for _ in range(num_epochs):
        optimiser.zero_grad()
        loss = cross_entropy(model(*arguments), y)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        found.append(loss.item())
    return found


@every_model
def test_ten_epochs_give_the_same_losses(model_type: str) -> None:
    """From the same weights, with the first layer's sums held."""
    random = torch.Generator().manual_seed(3)
    edges = torch.randint(0, 200, (2, 1500), generator=random).t().tolist()
    case = Case(200, 200, [(source, target) for source, target in edges], 3)
    ours, stock = pair(describe(model_type, case))
    x = case.x(WIDTH)
    y = (x[:, 0] > 0).long()
    adjacency = whole(model_type, case)
    adjacency.hold(x)
    found = losses(ours, (x, [adjacency] * 2), y, 10)
    expected = losses(stock, (x, case.index), y, 10)
    assert found == pytest.approx(expected, rel=1e-4)
    assert found[-1] < found[0]


@every_model
def test_evaluation_is_pygs_with_dropout(model_type: str) -> None:
    """Dropout is off in evaluation, on in training."""
    case = ODD["every kind"]
    ours, stock = pair(describe(model_type, case, dropout=0.5))
    adjacencies = [whole(model_type, case)] * 2
    with torch.no_grad():
        noisy = [ours(case.x(WIDTH), adjacencies) for _ in range(4)]
        ours.eval()
        stock.eval()
        assert_close(ours(case.x(WIDTH), adjacencies), stock(case.x(WIDTH), case.index))
    assert any(not torch.equal(noisy[0], other) for other in noisy[1:])


@every_model
def test_layers_one_by_one_give_the_whole(model_type: str) -> None:
    """What evaluation in chunks of rows goes through."""
    case = ODD["every kind"]
    network = make_network(describe(model_type, case, num_layers=3)).eval()
    adjacency = whole(model_type, case)
    x = case.x(WIDTH)
    with torch.no_grad():
        expected = network(x, [adjacency] * 3)
        for number in range(network.num_layers):
            x = network.layer(number, x, adjacency)
    assert torch.equal(x, expected)


@every_model
def test_a_chunk_of_rows_through_a_layer_is_part_of_the_whole(model_type: str) -> None:
    """Its targets first, then the other sources of its edges."""
    case = ODD["every kind"]
    network = make_network(describe(model_type, case)).eval()
    structure = make_structure(MODELS[model_type], case.index, None, 7, 7, True)
    chunk, others = [4, 0], [3]  # edges 3 -> 4, 4 -> 4; 1 -> 0 and 4 -> 0
    rows = torch.tensor([*chunk, *others, 1])
    index, edge = [], []
    for local, target in enumerate(chunk):
        for place in (case.index[1] == target).nonzero().flatten().tolist():
            index.append([rows.tolist().index(int(case.index[0, place])), local])
            edge.append(place)
    adjacency = structure.adjacency_of(torch.tensor(index).t(), torch.tensor(edge), None, rows[:2], rows.numel())
    with torch.no_grad():
        expected = network.layer(0, case.x(WIDTH), structure.adjacency())[chunk]
        assert_close(network.layer(0, case.x(WIDTH)[rows], adjacency), expected)


@every_model
def test_messages_follow_the_edges(model_type: str) -> None:
    """A change at a source reaches its target, and not the other way round."""
    case = Case(3, 3, [(0, 1)], 3)
    torch.manual_seed(0)
    network = make_network(describe(model_type, case, num_layers=1)).eval()
    adjacencies = [whole(model_type, case)]
    x = case.x(WIDTH).abs() + 0.5
    with torch.no_grad():
        before = network(x, adjacencies)
        at_source, at_target = x.clone(), x.clone()
        at_source[0] *= 5
        at_target[1] *= 5
        assert not torch.allclose(network(at_source, adjacencies)[1], before[1])
        assert torch.allclose(network(at_target, adjacencies)[0], before[0])
        assert torch.allclose(network(at_source, adjacencies)[2], before[2])
