"""The layers that a model file of Spektral's names, and what is said of such a model before TensorFlow is loaded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.frameworks.graphs import ODD
from tests.frameworks.spektral.carried import MODELS
from tests.frameworks.spektral.graphs import CHANNELS, describe, inputs_of
from trainer.models.size import num_parameters
from trainer.models.spec import HomogeneousSpec, from_plain_form, plain_form

CASE = ODD["every kind"]
INPUTS = inputs_of(CASE, CASE.x(CHANNELS))


def spec_of(model_type: str, **values: Any) -> HomogeneousSpec:
    """A model for the graph."""
    return describe(INPUTS, model_type, **values)


def test_layers_are_plain_values_in_order() -> None:
    """Class and arguments of each; dropout between them only."""
    assert spec_of("GCN", dropout=0.5, num_layers=2).args["layers"] == [
        ["GCNConv", {"channels": 8, "activation": "relu", "name": "conv_0"}],
        ["Dropout", {"rate": 0.5}],
        ["GCNConv", {"channels": 2, "activation": None, "name": "conv_1"}],
    ]


def test_heads_share_the_width_and_the_last_layer_takes_their_mean() -> None:
    """As in PyG."""
    first, last = (args for _, args in spec_of("GAT", heads=4, hidden_channels=8).args["layers"])
    assert (first["channels"], first["attn_heads"], first["concat_heads"]) == (2, 4, True)
    assert (last["channels"], last["attn_heads"], last["concat_heads"]) == (2, 4, False)


def test_graph_sage_ends_with_a_linear_layer_and_says_why() -> None:
    """Its own outputs have length 1, which no logit and no number is bound to."""
    spec = spec_of("GraphSAGE")
    assert spec.args["layers"][-1] == ["Dense", {"units": 2, "name": "head"}]
    (note,) = spec.notes()
    assert "length 1, so that a linear layer follows the last one" in note
    assert [*spec_of("GCN").notes()] == []


@pytest.mark.parametrize("model_type", MODELS)
def test_a_model_file_names_the_framework_and_its_class(model_type: str) -> None:
    """What is written is read back."""
    spec = spec_of(model_type, dropout=0.25, heads=4)
    plain = plain_form(spec)
    assert (plain["framework"], plain["class"]) == ("spektral", plain["args"]["layers"][0][0])
    assert from_plain_form(plain) == spec


@pytest.mark.spektral
@pytest.mark.parametrize("num_layers", [1, 3])
@pytest.mark.parametrize("model_type", MODELS)
def test_the_number_of_parameters_is_known_before_the_model_is_built(model_type: str, num_layers: int) -> None:
    """A dry run says what the training will say."""
    from trainer.frameworks.spektral.network import Network

    spec = spec_of(model_type, num_layers=num_layers, heads=2)
    built = Network(spec.args["layers"], spec.in_channels, 1).weights()
    assert num_parameters(spec) == sum(weight.numel() for weight in built.values())
