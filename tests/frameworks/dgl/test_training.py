"""What DGL's models learn in batches, after a break, and of odd graphs: the same rules as with PyG's."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.composed import build_dataset, fit
from tests.conftest import make_settings
from tests.dataset.any_graph import SETTINGS, Parts, parts
from tests.training.conftest import fitting, flat, run_fit
from tests.training.test_batched import assert_close, make, states_of  # noqa: F401
from tests.training.test_fit import assert_equal
from tests.training.typed import typed_dataset
from trainer.dataset.dataset import Dataset
from trainer.errors import DataError, SettingsError
from trainer.frameworks.open import open_backend
from trainer.registry.frameworks import FRAMEWORKS
from trainer.sampling import batch_plan
from trainer.training.fingerprint import fingerprint
from trainer.training.state import read_state

DGL = FRAMEWORKS["dgl"]
every_model = pytest.mark.parametrize("model_type", DGL.models)


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The evaluation goes in several pieces, as it does on large graphs."""
    monkeypatch.setattr(batch_plan, "MAX_PIECE", 150)


@every_model
def test_all_neighbours_are_the_full_batch(make: Any, model_type: str) -> None:  # noqa: F811
    """One batch of all training vertices with all neighbours learns what the full batch does, at each layer."""
    values: dict[str, Any] = {"framework": "dgl", "model_type": model_type, "dataset": make("multiclass"), "heads": 2}
    values |= {"num_layers": 3, "learning_rate": 0.003, "epochs": 3}
    sampled = run_fit("multiclass", batch_size=1000, num_neighbors=[-1], **values)
    assert_close(sampled, run_fit("multiclass", **values))


def test_all_neighbours_with_weights_are_the_full_batch() -> None:
    """Each edge of a sample is looked up with its weight."""
    values: dict[str, Any] = {"framework": "dgl", "model_type": "GCN", "dataset": typed_dataset(weighted=True)}
    values |= {"learning_rate": 0.003}
    assert_close(run_fit(batch_size=1000, num_neighbors=[-1], **values), run_fit(**values))


@every_model
def test_evaluation_is_exact_whatever_was_drawn(make: Any, model_type: str) -> None:  # noqa: F811
    """The outputs are those of one pass over the whole graph with the kept weights."""
    dataset: Dataset = make()
    quick: dict[str, Any] = {"batch_size": 7, "num_neighbors": [2], "epochs": 2, "heads": 2}
    fitted = run_fit(framework="dgl", model_type=model_type, dataset=dataset, **quick)
    assert fitted.outputs is not None
    assert fitted.state_dict is not None
    for batch in (0, 7):
        again = open_backend("dgl").outputs_of(fitted.spec, fitted.state_dict, dataset.inputs, "cpu", batch)
        torch.testing.assert_close(again, fitted.outputs, rtol=1e-5, atol=1e-5)


@every_model
@pytest.mark.parametrize("batch_size", [0, 16])
def test_run_that_goes_on_ends_where_the_whole_run_ends(make: Any, model_type: str, batch_size: int) -> None:  # noqa: F811
    """From any epoch, to the bit: weights, outputs, history."""
    dataset: Dataset = make()
    values: dict[str, Any] = {"framework": "dgl", "model_type": model_type, "heads": 2, "dropout": 0.3, "epochs": 3}
    values |= {"batch_size": batch_size, "num_neighbors": [2]}
    whole, states = states_of(dataset, **values)
    chosen = make_settings(**fitting("binary", **values))
    for content in states[:2]:
        state = read_state(content, fingerprint(dataset, chosen.learning()))
        assert state is not None
        resumed = fit(dataset, chosen, resume=state)
        assert flat(resumed.history) == flat(whole.history)
        assert_equal(resumed, whole)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(parts(), SETTINGS, st.sampled_from(DGL.models), st.integers(1, 3))
def test_any_graph_is_learned_from(drawn: Parts, values: dict[str, Any], model_type: str, num_layers: int) -> None:
    """Numbers for each vertex of the target type, in full batch and in batches, whatever types and edges there are."""
    values = values | {"framework": "dgl", "model_type": model_type, "num_layers": num_layers, "split": "random"}
    values |= {"hidden_channels": 4, "heads": 2, "epochs": 2, "learning_rate": 0.003}
    values["edge_weight"] = values["edge_weight"] if model_type in DGL.models_with_weights else None
    graph = drawn.graph()
    values["target_collection"] = [min(graph.vertices)]  # which has labels
    values["graph_name"] = ",".join(definition.name for definition in graph.definitions)
    try:
        dataset = build_dataset(graph, make_settings(**values))
    except DataError:
        event("refused")
        return
    event("learned from")
    full = fit(dataset, make_settings(**values))
    batched = fit(dataset, make_settings(**values, batch_size=100, num_neighbors=[-1]))
    few = fit(dataset, make_settings(**values, batch_size=2, num_neighbors=[1]))
    for fitted in (full, batched, few):
        assert fitted.outputs is not None
        assert fitted.outputs.shape == (len(dataset.y), dataset.target.num_outputs)
        assert torch.isfinite(fitted.outputs).all()
    assert batched.history[0].loss == pytest.approx(full.history[0].loss, rel=1e-4, abs=1e-5)


def test_a_gpu_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is one, `auto` is the CPU, and a stored model is refused a GPU by name."""
    dataset = typed_dataset()
    fitted = run_fit(framework="dgl", dataset=dataset, epochs=1)
    assert fitted.state_dict is not None
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    stored = fitted.spec, fitted.state_dict, dataset.inputs
    assert torch.equal(open_backend("dgl").outputs_of(*stored, "auto", 0), torch.as_tensor(fitted.outputs))
    with pytest.raises(SettingsError, match=r"^DEVICE='cuda' is not for this model: its framework computes on CPUs"):
        open_backend("dgl").outputs_of(*stored, "cuda", 0)
