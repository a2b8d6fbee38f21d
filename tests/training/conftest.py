"""Small graphs to learn from, and a fit of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.composed import build_dataset, fit
from tests.conftest import make_graph, make_settings, ring
from trainer.dataset.dataset import Dataset
from trainer.process.stop import StopToken
from trainer.training.result import EpochRecord, FitResult

NUM = 60
TASKS = ("binary", "multiclass", "regression")


def labels(task: str) -> list[Any]:
    """Labels that hang on the features `a` and `b` of `small_dataset`."""
    random = np.random.default_rng(1)
    found = np.sin(np.arange(NUM)) + random.normal(0, 0.3, NUM)
    if task == "regression":
        return [float(1000 + 50 * value) for value in found]
    return [int(value > 0) for value in found] if task == "binary" else [int(np.round(value)) + 1 for value in found]


def small_dataset(task: str = "binary", y: list[Any] | None = None, **values: Any) -> Dataset:
    """A ring of 60 vertices in the order of time; every ninth has no label unless `y` gives all of them."""
    if y is None:
        y = [None if place % 9 == 8 else label for place, label in enumerate(labels(task))]
    documents = [
        {"ts": place, "a": float(np.sin(place)), "b": float(place % 5), "y": label} for place, label in enumerate(y)
    ]
    return build_dataset(make_graph(documents, ring(len(y))), make_settings(**fitting(task, **values)))


def with_x(dataset: Dataset, x: NDArray[np.float32]) -> Dataset:
    """The same dataset with other inputs."""
    vertices = {dataset.inputs.target_type: replace(dataset.inputs.target_vertices, x=x)}
    return replace(dataset, inputs=replace(dataset.inputs, vertices=dataset.inputs.vertices | vertices))


def fitting(task: str, **values: Any) -> dict[str, Any]:
    """Settings of a quick run, over which `values` win."""
    quick = {"target": "y", "task": task, "hidden_channels": 8, "epochs": 6, "learning_rate": 0.05}
    return quick | {"val_ratio": 0.2, "test_ratio": 0.2} | values


def run_fit(
    task: str = "binary", *, stop: StopToken | None = None, dataset: Dataset | None = None, **values: Any
) -> FitResult:
    """Fit a small dataset of the task."""
    chosen = make_settings(**fitting(task, **values))
    return fit(dataset or small_dataset(task, **values), chosen, stop)


def flat(history: list[EpochRecord]) -> list[dict[str, Any]]:
    """A history as `metrics.json` holds it."""
    return [record.flat() for record in history]
