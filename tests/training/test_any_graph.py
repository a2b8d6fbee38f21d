"""Whatever the dataset takes can be learned from, in full batch and in batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.composed import build_dataset, fit
from tests.conftest import make_settings
from tests.dataset.any_graph import SETTINGS, Parts, parts
from tests.dataset.typed_graphs import market
from trainer.dataset.dataset import Dataset
from trainer.errors import DataError
from trainer.frameworks.open import open_backend
from trainer.process.stop import StopToken
from trainer.registry.models import MODELS, weighted_models
from trainer.training.baselines.measuring import measure_baselines
from trainer.training.evaluate import evaluate
from trainer.training.result import FitResult

SYMBOLS = ("ada", "bnb", "btc", "doge", "eth", "ltc", "sol", "xrp")
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
QUICK: dict[str, Any] = {"hidden_channels": 4, "heads": 2, "epochs": 2, "learning_rate": 0.003}


def learn(dataset: Dataset, values: dict[str, Any], **more: Any) -> FitResult:
    """A quick fit."""
    chosen = make_settings(**values | QUICK | more)
    return fit(dataset, chosen)


@settings(max_examples=25, suppress_health_check=QUIET)
@given(parts(), SETTINGS, st.sampled_from(list(MODELS)), st.integers(1, 3))
def test_any_graph_is_learned_from(drawn: Parts, values: dict[str, Any], model_type: str, num_layers: int) -> None:
    """Outputs for each vertex of the target type, the same whichever way all neighbours are looked at."""
    takes_weight = model_type in weighted_models()
    values = values | {"model_type": model_type, "num_layers": num_layers}
    values |= {
        "split": "random",
        "edge_weight": values["edge_weight"] if takes_weight else None,
    }
    graph = drawn.graph()
    values["target_collection"] = [min(graph.vertices)]  # which has labels
    values["graph_name"] = ",".join(definition.name for definition in graph.definitions)
    try:
        dataset = build_dataset(graph, make_settings(**values))
    except DataError:
        event("refused")
        return
    event("learned from")
    full = learn(dataset, values)
    assert full.outputs is not None
    assert full.state_dict is not None
    assert full.outputs.shape == (len(dataset.y), dataset.target.num_outputs)
    assert torch.isfinite(full.outputs).all()
    batched = learn(dataset, values, batch_size=100, num_neighbors=[-1])
    # Before the first step: Adam makes whole steps of gradients that are zero but for rounding.
    assert batched.history[0].loss == pytest.approx(full.history[0].loss, rel=1e-4, abs=1e-5)
    drawn_few = learn(dataset, values, batch_size=2, num_neighbors=[1])
    assert drawn_few.outputs is not None
    assert torch.isfinite(drawn_few.outputs).all()
    rounding = 1e-5 * max(1.0, float(full.outputs.abs().max()))
    for batch in (0, 1):
        again = open_backend("pyg").outputs_of(full.spec, full.state_dict, dataset.inputs, "cpu", batch)
        torch.testing.assert_close(again, full.outputs, rtol=1e-4, atol=rounding)
    evaluate(full, dataset)
    measure_baselines(dataset, embargo=0, seed=1, training_s=0, stop=StopToken())


@pytest.mark.parametrize("model_type", MODELS)
@pytest.mark.parametrize("batching", [{}, {"batch_size": 16, "num_neighbors": [5, 3]}], ids=["full batch", "sampled"])
def test_market_is_learned_from(model_type: str, batching: dict[str, Any]) -> None:
    """Eight symbols whose candles touch common levels: the loss goes down."""
    graph = market(SYMBOLS, 12)
    values = {"model_type": model_type, "target": "price_up", "split": "random", **batching}
    dataset = build_dataset(graph, make_settings(**values))
    assert not dataset.inputs.is_homogeneous
    fitted = learn(dataset, values, epochs=15, hidden_channels=8, learning_rate=0.01)
    losses = [record.loss for record in fitted.history]
    assert losses[-1] < losses[0]
    assert fitted.outputs is not None
    assert np.isfinite(fitted.outputs.numpy()).all()
