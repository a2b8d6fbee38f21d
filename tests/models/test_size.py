"""The reckoned size of a model is that of the framework's own."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import make_settings
from tests.training.typed import MENTIONS, typed_inputs, vertex_set
from trainer.dataset.edges.edge_set import EdgeSet
from trainer.dataset.inputs import Inputs
from trainer.frameworks.dgl import backend as dgl_backend
from trainer.frameworks.pyg import backend as pyg_backend
from trainer.models.describe import describe_model
from trainer.models.size import num_parameters
from trainer.registry.frameworks import FRAMEWORKS
from trainer.registry.models import MODELS

INDEX = torch.tensor([[0, 1, 2, 2], [1, 2, 2, 3]]).numpy()
WEIGHT = torch.tensor([0.5, 1.0, 2.0, 1.0]).numpy()
BUILD = {"pyg": pyg_backend.build_model, "dgl": dgl_backend.build_model}
MODELS_OF = [(framework, model_type) for framework in BUILD for model_type in FRAMEWORKS[framework].models]


def one_type(num_features: int, weighted: bool) -> Inputs:
    """Four vertices and four edges."""
    edges = EdgeSet(("follows",), INDEX, WEIGHT if weighted else None)
    return Inputs({"v": vertex_set("v", 4, num_features)}, {("v", "follows", "v"): edges}, "v", None, [])


@given(
    model=st.sampled_from(MODELS_OF),
    num_features=st.integers(1, 5),
    heads=st.integers(1, 3),
    width=st.integers(1, 4),
    num_layers=st.integers(1, 3),
    num_outputs=st.integers(1, 4),
    weighted=st.booleans(),
    several=st.booleans(),
)
def test_parameters_are_those_of_the_model(
    model: tuple[str, str],
    num_features: int,
    heads: int,
    width: int,
    num_layers: int,
    num_outputs: int,
    weighted: bool,
    several: bool,
) -> None:
    """Of every model of every framework, of one type and of several, with types without features and some weights."""
    framework, model_type = model
    weighted &= model_type in FRAMEWORKS[framework].models_with_weights
    inputs = typed_inputs(weighted=weighted) if several else one_type(num_features, weighted)
    if several and weighted:
        bare = replace(inputs.edges[MENTIONS], weight=None)
        inputs = replace(inputs, edges=inputs.edges | {MENTIONS: bare})
    hidden = width if several else width * heads  # one type refuses heads that do not share the width
    size = {"hidden_channels": hidden, "heads": heads, "num_layers": num_layers}
    given_weight = {"edge_weight": "w"} if weighted else {}
    settings = make_settings(framework=framework, model_type=model_type, **size, **given_weight)
    spec = describe_model(settings.model, inputs, num_outputs)
    real = sum(parameter.numel() for parameter in BUILD[framework](spec, inputs).module.parameters())
    assert num_parameters(spec) == real


def test_a_model_whose_row_does_not_say_has_no_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """None is better than a wrong number."""
    inputs = one_type(3, weighted=False)
    spec = describe_model(make_settings().model, inputs, 1)
    monkeypatch.setitem(MODELS, spec.type, replace(MODELS[spec.type], weights=None))
    assert num_parameters(spec) is None
