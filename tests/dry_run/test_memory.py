"""The estimate of memory: larger for what needs more, the same in every process, and honest about what it does not know.

How near it comes to whole runs is measured by `benchmarks/memory_estimate.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.conftest import make_settings
from tests.training.conftest import small_dataset
from tests.training.typed import typed_dataset
from trainer.dataset.dataset import Dataset
from trainer.dataset.edges.edge_set import EdgeSet
from trainer.dataset.inputs import Inputs
from trainer.dataset.labels.split import Split
from trainer.dataset.vertex_set import VertexSet
from trainer.dry_run.memory import estimate_memory
from trainer.dry_run.result import MemoryEstimate
from trainer.models.describe import describe_model
from trainer.models.size import num_parameters
from trainer.registry.models import MODELS

SIZE = 50_000


def dataset_of(num_vertices: int = SIZE, num_edges: int = 4 * SIZE, num_features: int = 8) -> Dataset:
    """Vertices, edges and features of these numbers, and nothing in them."""
    x = np.zeros((num_vertices, num_features), np.float32)
    keys, zeros = np.zeros(num_vertices, "S8"), np.zeros(num_vertices, np.int32)
    places = np.arange(num_edges)
    index = np.stack([places * 7 % num_vertices, places * num_vertices // num_edges])
    vertices = {"v": VertexSet("v", ("v",), keys, zeros, x, [], None)}
    inputs = Inputs(vertices, {("v", "e", "v"): EdgeSet(("e",), index)}, "v", None, [])
    return replace(small_dataset(), inputs=inputs, split=Split("random", np.zeros(num_vertices, np.int8)))


def estimate(dataset: Dataset, loading_bytes: int | None = 0, **values: Any) -> MemoryEstimate:
    """Of a run with these settings."""
    settings = make_settings(**values)
    spec = describe_model(settings.model, dataset.inputs, 1)
    return estimate_memory(dataset, spec, settings.sampling, num_parameters(spec), loading_bytes)


def training(dataset: Dataset, **values: Any) -> int:
    """Bytes of its training."""
    found = estimate(dataset, **values).training_bytes
    assert found is not None
    return found


@pytest.mark.parametrize("model_type", MODELS)
def test_every_model_needs_more_for_more(model_type: str) -> None:
    """More vertices, more edges, more features, more layers, wider layers, and dropout."""
    small = training(dataset_of(), model_type=model_type)
    assert training(dataset_of(num_vertices=2 * SIZE), model_type=model_type) > small
    assert training(dataset_of(num_edges=40 * SIZE), model_type=model_type) > small
    assert training(dataset_of(num_features=80), model_type=model_type) > small
    for more in ({"num_layers": 3}, {"hidden_channels": 128}, {"dropout": 0.5}):
        assert training(dataset_of(), model_type=model_type, **more) > small, more


def test_a_layer_of_matrices_is_one_more_matrix() -> None:
    """GraphSAGE keeps one matrix of vertices x hidden channels x 4 bytes for each further layer."""
    two, three = (training(dataset_of(), num_layers=layers) for layers in (2, 3))
    assert three - two == pytest.approx(SIZE * 64 * 4, abs=1_100_000)


def test_small_batches_need_less_than_the_whole_graph() -> None:
    """Of a model that keeps vectors for each edge; larger batches and more neighbours need more."""
    dataset = dataset_of(num_edges=80 * SIZE)
    whole = training(dataset, model_type="EdgeCNN")
    wide = training(dataset, model_type="EdgeCNN", batch_size=20_000, num_neighbors=[60])
    narrow = training(dataset, model_type="EdgeCNN", batch_size=100)
    assert narrow < wide <= 1.2 * whole


def test_a_batch_is_never_larger_than_its_graph() -> None:
    """However large BATCH_SIZE and NUM_NEIGHBORS are."""
    sizes = [training(dataset_of(), batch_size=size, num_neighbors=[-1]) for size in (SIZE, 10**9)]
    assert sizes[0] == sizes[1]


def test_several_types_are_counted_by_relation() -> None:
    """Batches and the whole graph, every model; a type that reaches nobody does not count."""
    for model_type in MODELS:
        for batch_size in (0, 16):
            found = estimate(typed_dataset(), model_type=model_type, batch_size=batch_size)
            assert found.total_bytes is not None
            assert found.total_bytes > found.program_bytes


def test_the_total_is_that_of_the_phase_that_needs_most() -> None:
    """A graph that is expensive to load and small to train on, and the other way round."""
    found = estimate(dataset_of(), loading_bytes=10**10)
    assert (found.total_bytes, found.loading_bytes) == (found.program_bytes + 10**10, 10**10)
    found = estimate(dataset_of(), loading_bytes=None)
    assert (found.total_bytes or 0) - found.program_bytes == pytest.approx(
        found.dataset_bytes + (found.training_bytes or 0), abs=2_000_000
    )
    assert found.loading_bytes is None


def test_the_arrays_are_counted_exactly() -> None:
    """To the megabyte: inputs, edges and keys."""
    found = estimate(dataset_of(num_features=100))
    exact = SIZE * 100 * 4 + 4 * SIZE * 16 + SIZE * (8 + 4 + 1)
    assert found.dataset_bytes == pytest.approx(exact, abs=1_000_000)


def test_a_model_without_figures_has_no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is better than a wrong number."""
    monkeypatch.setitem(MODELS, "GCN", replace(MODELS["GCN"], memory=None))
    found = estimate(dataset_of(), model_type="GCN")
    assert (found.training_bytes, found.total_bytes) == (None, None)
    assert found.dataset_bytes > 0


def test_a_framework_that_was_not_measured_has_no_estimate() -> None:
    """The figures are of PyG's layers; those of DGL keep more, and a wrong estimate is worse than none."""
    found = estimate(dataset_of(), framework="dgl", model_type="GAT")
    assert (found.total_bytes, found.training_bytes) == (None, None)
    assert found.reckoned["training_bytes"] == "not known: no training with FRAMEWORK=dgl was measured"
    assert found.dataset_bytes > 0
