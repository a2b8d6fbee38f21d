"""DGL's models of one vertex type are PyG's: with the same weights they give the same outputs and gradients."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch import Tensor
from torch.func import functional_call

from tests.frameworks.dgl.carried import CARRY, carried, stirred
from tests.frameworks.graphs import ODD, Case, assert_learn_the_same, learned, odd_graphs, squares
from tests.frameworks.stock import stock_model
from tests.frameworks.test_network import WIDTH, describe, whole
from trainer.frameworks.dgl.network import Network
from trainer.models.spec import HomogeneousSpec

every_model = pytest.mark.parametrize("model_type", CARRY)


def pair(model_type: str, case: Case, **values: Any) -> tuple[Network, HomogeneousSpec, torch.nn.Module]:
    """DGL's network with its spec, and stock PyG's model."""
    torch.manual_seed(case.seed)
    spec = describe(model_type, case, framework="dgl", **values)
    stock = stock_model(describe(model_type, case, **values))
    stirred(stock)
    return Network(spec), spec, stock


def assert_same(model_type: str, case: Case, weight: Tensor | None = None, **values: Any) -> None:
    """Outputs, and gradients in the inputs and in PyG's weights."""
    network, spec, stock = pair(model_type, case, **values)
    adjacencies = [whole(model_type, case, weight)] * spec.num_layers

    def ours(x: Tensor) -> Tensor:
        weights = dict(stock.named_parameters()) | dict(stock.named_buffers())
        places = range(spec.num_layers)
        moved = [carried(model_type, weights, f"convs.{place}.", f"{place}.") for place in places]
        held = {name: tensor for layer in moved for name, tensor in layer.items()}
        assert held.keys() == network.state_dict().keys()
        assert {name: tensor.shape for name, tensor in held.items()} == {
            name: tensor.shape for name, tensor in network.state_dict().items()
        }
        outputs: Tensor = functional_call(network, held, (x, adjacencies))
        return outputs

    arguments = {} if weight is None else {"edge_weight": weight}
    found = learned(stock, ours, case.x(WIDTH))
    assert_learn_the_same(found, learned(stock, lambda x: stock(x, case.index, **arguments), case.x(WIDTH)))


@every_model
@odd_graphs
def test_outputs_and_gradients_are_pygs(model_type: str, case: Case) -> None:
    """On directed graphs with parallel edges, loops, vertices without edges, and none of them."""
    assert_same(model_type, case)


@every_model
@settings(max_examples=8)
@given(case=squares())
def test_outputs_and_gradients_are_pygs_on_random_graphs(model_type: str, case: Case) -> None:
    """Whatever edges there are."""
    assert_same(model_type, case)


@every_model
@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("hidden_channels", [2, 8])
def test_outputs_and_gradients_are_pygs_at_any_size(model_type: str, num_layers: int, hidden_channels: int) -> None:
    """Narrower than the inputs DGL maps first, wider it sums first; one layer has the mean of its heads alone."""
    assert_same(model_type, ODD["every kind"], num_layers=num_layers, hidden_channels=hidden_channels)


@odd_graphs
def test_weights_count_as_in_pyg(case: Case) -> None:
    """EDGE_WEIGHT is a factor of GCN's messages, and counts in its degrees."""
    assert_same("GCN", case, case.weight, weighted=True)
