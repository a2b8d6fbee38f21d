"""What is learned with Spektral's layers is as good as what is learned with PyG's, from first weights of the same size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.composed import build_dataset, fit
from tests.conftest import make_settings
from tests.frameworks.citations import SETTINGS, citations
from tests.frameworks.graphs import ODD
from tests.frameworks.spektral.carried import carried
from tests.frameworks.spektral.graphs import CHANNELS, describe, inputs_of
from tests.frameworks.stock import stock_model
from trainer.dataset.dataset import Dataset
from trainer.training.evaluate import evaluate

pytestmark = pytest.mark.spektral

SIZE: dict[str, Any] = {"hidden_channels": 32, "learning_rate": 0.01, "epochs": 50}


@pytest.fixture(scope="module")
def papers() -> Dataset:
    """Few labels, many words, and edges that mislead."""
    return build_dataset(citations(800, 4, 120, 0.2, seed=1), make_settings(**SETTINGS))


def accuracy(dataset: Dataset, framework: str, model_type: str) -> float:
    """Of the test part, the mean of three seeds."""
    chosen = SETTINGS | SIZE | {"framework": framework, "model_type": model_type}
    fits = [fit(dataset, make_settings(**chosen, seed=seed)) for seed in (1, 2, 3)]
    found = [evaluate(fitted, dataset).metrics["test"] for fitted in fits]
    return float(np.mean([part["accuracy"] for part in found if part is not None]))


@pytest.mark.parametrize("model_type", ["GCN", "GAT"])
def test_accuracy_is_that_of_pyg(papers: Dataset, model_type: str) -> None:
    """Neither is perfect, nor near to chance, which is 0.25; GraphSAGE is another model."""
    expected = accuracy(papers, "pyg", model_type)
    assert 0.6 < expected < 0.9
    assert accuracy(papers, "spektral", model_type) == pytest.approx(expected, abs=0.03)


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
