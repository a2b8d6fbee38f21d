"""Graphs as a backend takes them, and datasets to learn from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from torch import Tensor

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings
from tests.frameworks.graphs import Case
from tests.training.conftest import fitting, labels
from tests.training.typed import vertex_set
from trainer.dataset.dataset import Dataset
from trainer.dataset.edges.edge_set import EdgeSet
from trainer.dataset.inputs import Inputs
from trainer.models.describe import describe_model
from trainer.models.spec import HomogeneousSpec

CHANNELS = 3


def inputs_of(case: Case, x: Tensor, weight: Tensor | None = None) -> Inputs:
    """A graph of one type; edges as they are."""
    vertices = {"v": replace(vertex_set("v", case.num_targets, CHANNELS), x=x.numpy())}
    edges = EdgeSet(("e",), case.index.numpy(), None if weight is None else weight.numpy())
    return Inputs(vertices, {("v", "e", "v"): edges}, "v", None, [])


def describe(inputs: Inputs, model_type: str, num_outputs: int = 2, **values: Any) -> HomogeneousSpec:
    """Spektral's model of this type for a graph."""
    chosen = make_settings(**{"framework": "pyg", "model_type": model_type, "hidden_channels": 8, "heads": 2} | values)
    model = chosen.model.model_copy(update={"framework": "spektral"})  # also where it is not installed
    spec = describe_model(model, inputs, num_outputs)
    assert isinstance(spec, HomogeneousSpec)
    return spec


def odd_dataset(task: str, **values: Any) -> Dataset:
    """Sixty vertices with edges of every kind: both ways and one way, parallel ones, loops; some vertices have none."""
    random, num = np.random.default_rng(5), 60
    pairs = random.integers(0, num - 4, (150, 2)).tolist()
    edges = [(f"k{a:05}", f"k{b:05}") for a, b in [*pairs, *pairs[:20], (3, 3), (3, 3), (7, 7)]]
    documents = [
        {"ts": place, "a": float(np.sin(place)), "b": float(place % 5), "y": label}
        for place, label in enumerate(labels(task))
    ]
    return build_dataset(make_graph(documents, edges), make_settings(**fitting(task, **values)))
