"""What is learned with DGL's layers is as good as what is learned with PyG's, from the same kind of first weights."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.frameworks.accuracies import accuracy
from tests.frameworks.dgl.carried import CARRY, carried
from tests.frameworks.graphs import ODD
from tests.frameworks.stock import stock_model
from tests.frameworks.test_network import describe
from trainer.frameworks.dgl.network import Network


@pytest.mark.parametrize("model_type", ["GCN", "GraphSAGE", "GAT"])
def test_accuracy_is_that_of_pyg(model_type: str) -> None:
    """Neither is perfect, nor near to chance, which is 0.25."""
    expected = accuracy("pyg", model_type)
    assert 0.6 < expected < 0.9
    assert accuracy("dgl", model_type) == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("model_type", CARRY)
def test_first_weights_are_as_large_as_pygs(model_type: str) -> None:
    """Wide layers, so that each has many numbers to judge by."""
    torch.manual_seed(1)
    sizes: dict[str, Any] = {"hidden_channels": 256, "num_layers": 3, "heads": 4}
    stock = stock_model(describe(model_type, ODD["every kind"], **sizes))
    network = Network(describe(model_type, ODD["every kind"], framework="dgl", **sizes))
    expected = carried(model_type, stock.state_dict(), "convs.1.", "1.")
    found = {name: tensor for name, tensor in network.state_dict().items() if name in expected}
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert float(found[name].square().mean()) == pytest.approx(float(tensor.square().mean()), rel=0.25), name
        assert float(found[name].abs().max()) == pytest.approx(float(tensor.abs().max()), rel=0.1), name
