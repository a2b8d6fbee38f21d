"""Any number of ranks learns what one process learns: in float64 to the twelfth digit, whoever has which vertices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.composed import fit
from tests.conftest import make_settings
from tests.frameworks.graphs import computing_in
from tests.ranks.shared_fits import assert_same_training, in_float64, share_fit
from tests.training.conftest import NUM, TASKS, fitting, small_dataset
from tests.training.typed import dense_dataset, typed_dataset
from trainer.dataset.dataset import Dataset
from trainer.ranks import parts
from trainer.registry.models import MODELS, weighted_models
from trainer.sampling import batch_plan
from trainer.settings.definition import Settings

Make = Callable[..., Dataset]
GRAPHS: dict[str, Make] = {"one relation": dense_dataset, "several types": typed_dataset}
GENTLE = 0.0001
"""A learning rate at which Adam makes nothing of gradients that are zero but for rounding."""


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The evaluation goes in several pieces, as it does on large graphs."""
    monkeypatch.setattr(batch_plan, "MAX_PIECE", 150)


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with computing_in(torch.float64):
        yield


@pytest.fixture(params=list(GRAPHS.values()), ids=list(GRAPHS))
def make(request: pytest.FixtureRequest) -> Make:
    """A dataset of each form."""
    made: Make = request.param
    return made


def shuffled_in_time(dataset: Dataset) -> Dataset:
    """The same with times that are not in the order of the keys."""
    own = dataset.inputs.target_vertices
    assert own.time is not None
    time = replace(own.time, values=np.random.default_rng(3).permutation(own.time.values))
    vertices = dataset.inputs.vertices | {own.name: replace(own, time=time)}
    return replace(dataset, inputs=replace(dataset.inputs, vertices=vertices))


def of_several_graphs(dataset: Dataset) -> Dataset:
    """The same as the vertices of three graphs."""
    of_row = (np.arange(NUM) % 3).astype(np.int32)
    return replace(dataset, inputs=replace(dataset.inputs, graph_of_row=of_row))


def settings_of(task: str = "multiclass", **values: Any) -> Settings:
    """Ten gentle epochs."""
    quick = {"epochs": 10, "heads": 2, "learning_rate": GENTLE, "num_neighbors": [3]}
    return make_settings(**fitting(task, **quick | values))


def assert_ranks_learn_the_same(dataset: Dataset, size: int, task: str = "multiclass", **values: Any) -> None:
    """As one process on the same settings."""
    settings, dataset = settings_of(task, **values), in_float64(dataset)
    assert_same_training(share_fit(dataset, settings, size).of_rank_0, fit(dataset, settings))


@pytest.mark.parametrize("model_type", MODELS)
def test_full_batch(make: Make, model_type: str) -> None:
    """Every model, on one vertex type and on several, with classes that weigh differently, whatever the order of the rows."""
    settings = settings_of(model_type=model_type, num_layers=3, class_weights="balanced")
    dataset = in_float64(make("multiclass"))
    alone = fit(dataset, settings)
    assert_same_training(share_fit(dataset, settings, 2).of_rank_0, alone)
    assert_same_training(share_fit(of_several_graphs(shuffled_in_time(dataset)), settings, 3).of_rank_0, alone)


@pytest.mark.parametrize("model_type", MODELS)
def test_drawn_neighbours(make: Make, model_type: str) -> None:
    """Every rank draws what one process draws: the same steps on few neighbours, the last batch a small one."""
    values: dict[str, Any] = {"model_type": model_type, "batch_size": 13, "epochs": 2, "class_weights": "balanced"}
    assert_ranks_learn_the_same(make("multiclass"), 3, **values)


def test_batches_smaller_than_the_number_of_ranks() -> None:
    """A rank without a vertex of the batch takes part in its step."""
    assert_ranks_learn_the_same(typed_dataset("multiclass"), 3, batch_size=2, epochs=2)


@pytest.mark.parametrize("batch_size", [0, 13])
@pytest.mark.parametrize("model_type", weighted_models())
def test_weights_of_edges(make: Make, model_type: str, batch_size: int) -> None:
    """Weights go with their edges, those of loops too."""
    dataset = make("multiclass", weighted=True)
    assert_ranks_learn_the_same(dataset, 3, model_type=model_type, batch_size=batch_size, epochs=4)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("batch_size", [0, 13])
def test_tasks(task: str, batch_size: int) -> None:
    """The measures of each task are those of all vertices of the validation part."""
    assert_ranks_learn_the_same(dense_dataset(task), 2, task, batch_size=batch_size, weight_decay=0.01)


UNEVEN = {
    "all is rank 0's": [0, 60, 60],
    "all is rank 1's": [0, 0, 60],
    "one vertex": [0, 1, 60],
    "no training rows": [0, 0, 57, 60],
    "nothing between": [0, 20, 20, 60],
}


@pytest.mark.parametrize("name", UNEVEN)
def test_uneven_and_empty_ranges(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whoever has how many vertices; of a type with fewer, the ranges end with it."""
    give(monkeypatch, UNEVEN[name])
    assert_ranks_learn_the_same(typed_dataset("multiclass"), len(UNEVEN[name]) - 1, epochs=3)


@pytest.mark.parametrize("model_type", [name for name in MODELS if name != "GraphSAGE"])
def test_empty_ranges_of_every_model(monkeypatch: pytest.MonkeyPatch, model_type: str) -> None:
    """A layer over no vertices, and over vertices without a label to learn from."""
    give(monkeypatch, UNEVEN["no training rows"])
    assert_ranks_learn_the_same(typed_dataset("multiclass"), 3, model_type=model_type, epochs=2)


def give(monkeypatch: pytest.MonkeyPatch, bounds: list[int]) -> None:
    """Let the ranges begin here."""
    monkeypatch.setattr(parts, "cut", lambda work, size: np.minimum(bounds, len(work)))


@pytest.mark.parametrize("graphs", [False, True], ids=["one graph", "several graphs"])
@pytest.mark.parametrize("batch_size", [0, 2])
def test_vertices_are_shared_out_in_order_of_time(make: Make, graphs: bool, batch_size: int) -> None:
    """Ranges over time, of each graph for itself, are given back in the order of the keys."""
    dataset = shuffled_in_time(make("multiclass"))
    if graphs:
        dataset = of_several_graphs(dataset)
    assert_ranks_learn_the_same(dataset, 3, batch_size=batch_size, epochs=4, num_neighbors=[] if graphs else [3])


@pytest.mark.parametrize("batch_size", [0, 13])
def test_all_ranks_end_with_patience(batch_size: int) -> None:
    """The ranks agree on when it gets no better: when one process finds that too."""
    settings = settings_of("binary", batch_size=batch_size, patience=2, epochs=60, learning_rate=0.05)
    dataset = in_float64(small_dataset())
    shared = share_fit(dataset, settings, 2)
    assert_same_training(shared.of_rank_0, fit(dataset, settings))
    assert {result.stop_reason for result in shared.results} == {"patience"}
    assert len({len(result.history) for result in shared.results}) == 1
    assert shared.of_rank_0.history[-1].epoch == shared.of_rank_0.best_epoch + 2


def test_only_rank_0_has_outputs_and_losses() -> None:
    """The others have the weights and the history."""
    shared = share_fit(in_float64(typed_dataset()), make_settings(**fitting("binary")), 2)
    first, second = shared.results
    assert second.outputs is None
    assert second.losses == {}
    assert second.history == first.history
    assert first.state_dict is not None
    assert second.state_dict is not None
    assert all(torch.equal(weights, second.state_dict[name]) for name, weights in first.state_dict.items())
