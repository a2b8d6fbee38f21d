"""What is learned with Spektral's layers is as good as what is learned with PyG's, from first weights of the same size."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests.frameworks.accuracies import accuracy
from tests.frameworks.graphs import ODD
from tests.frameworks.spektral.carried import carried
from tests.frameworks.spektral.graphs import CHANNELS, describe, inputs_of
from tests.frameworks.stock import stock_model

pytestmark = pytest.mark.spektral


@pytest.mark.parametrize("model_type", ["GCN", "GAT"])
def test_accuracy_is_that_of_pyg(model_type: str) -> None:
    """Neither is perfect, nor near to chance, which is 0.25; GraphSAGE is another model."""
    expected = accuracy("pyg", model_type)
    assert 0.6 < expected < 0.9
    assert accuracy("spektral", model_type) == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize("model_type", ["GCN", "GAT"])
def test_first_weights_are_as_large_as_pygs(model_type: str) -> None:
    """Wide layers, so that each has many numbers to judge by."""
    from trainer.frameworks.spektral.network import Network

    torch.manual_seed(1)
    case = ODD["every kind"]
    spec = describe(inputs_of(case, case.x(CHANNELS)), model_type, hidden_channels=256, num_layers=3, heads=4)
    expected = carried(spec, stock_model(replace(spec, framework="pyg")).state_dict())
    found = Network(spec.args["layers"], spec.in_channels, 1).weights()
    for name in (name for name in expected if name.startswith("conv_1/")):
        size = float(expected[name].square().mean())
        assert float(found[name].square().mean()) == pytest.approx(size, rel=0.25), name
