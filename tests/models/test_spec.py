"""A model as values: what the settings and the inputs make of it, and its form in a model file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.conftest import make_settings
from tests.training.typed import MENTIONS, TOUCHED, typed_inputs, vertex_set
from trainer.dataset.edges.edge_set import EdgeSet
from trainer.dataset.inputs import Inputs
from trainer.errors import SettingsError
from trainer.models.describe import describe_model
from trainer.models.spec import ModelSpec, from_plain_form, plain_form
from trainer.registry.models import MODELS, ModelKind

FOLLOWS = EdgeSet(("follows",), torch.tensor([[0, 1, 2, 2], [1, 2, 2, 3]]).numpy())
ONE_TYPE = Inputs({"v": vertex_set("v", 4, 3)}, {("v", "follows", "v"): FOLLOWS}, "v", None, [])


def described(inputs: Inputs, **values: Any) -> ModelSpec:
    """The model of these settings with two outputs."""
    quick = {"hidden_channels": 8, "heads": 2, "num_layers": 2, "dropout": 0.5}
    return describe_model(make_settings(**quick | values).model, inputs, 2)


@pytest.mark.parametrize("model_type", MODELS)
@pytest.mark.parametrize(
    "inputs", [ONE_TYPE, typed_inputs(), typed_inputs(weighted=True)], ids=["one", "many", "weighted"]
)
def test_a_spec_comes_back_from_its_plain_form(model_type: str, inputs: Inputs) -> None:
    """As it is read from a model file."""
    spec = described(inputs, model_type=model_type)
    assert from_plain_form(plain_form(spec)) == spec


@pytest.mark.parametrize("model_type", ["GAT", "GATv2"])
def test_one_type_is_the_arguments_of_pygs_class(model_type: str) -> None:
    """Names and order are those that model files have held since their second version."""
    plain = plain_form(described(ONE_TYPE, model_type=model_type))
    args = {"in_channels": 3, "hidden_channels": 8, "num_layers": 2, "out_channels": 2, "dropout": 0.5, "heads": 2}
    assert plain == {"type": model_type, "class": "GAT", "args": args | {"v2": model_type == "GATv2"}}
    assert list(plain["args"]) == [*args, "v2"]


def test_degrees_of_one_type_are_a_tensor() -> None:
    """As `torch_geometric.nn.PNA` takes them: one vertex without edges, two with one, one with two."""
    args = plain_form(described(ONE_TYPE, model_type="PNA"))["args"]
    assert list(args)[-3:] == ["aggregators", "scalers", "deg"]
    assert torch.equal(args["deg"], torch.tensor([1, 2, 1]))


def test_several_types_are_plain_values_in_the_order_of_model_files() -> None:
    """Without tensors; a relation is a list of three names."""
    plain = plain_form(described(typed_inputs(weighted=True), model_type="PNA", num_layers=1))
    assert (plain["type"], plain["class"]) == ("PNA", "HeteroConv")
    names = (
        "model_type target_type channels embedded relations weighted left_out hidden_channels num_layers out_channels "
    )
    assert list(plain["args"]) == [*names.split(), "dropout", "aggregators", "scalers", "degrees"]
    assert plain["args"]["channels"] == {"v": 2, "level": 0, "news": 3}
    assert [*TOUCHED] in plain["args"]["relations"][0]
    assert plain["args"]["weighted"] == plain["args"]["relations"][0]
    assert sum(plain["args"]["degrees"][f"<{'___'.join(MENTIONS)}>"]) == 60


def test_a_framework_is_named_where_it_is_not_pyg() -> None:
    """Files of PyG's models are what they were; one without a name is PyG's."""
    spec = replace(described(ONE_TYPE), framework="dgl")
    assert plain_form(spec)["framework"] == "dgl"
    assert from_plain_form(plain_form(spec)) == spec
    assert from_plain_form(plain_form(described(ONE_TYPE))).framework == "pyg"


def test_a_model_that_is_not_known_here_cannot_be_read() -> None:
    """A file of a later version."""
    with pytest.raises(KeyError, match="Later"):
        from_plain_form(plain_form(described(ONE_TYPE)) | {"type": "Later"})


def test_a_model_of_one_type_refuses_several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its row has no layer for a relation; the sentence names those that have."""
    monkeypatch.setitem(MODELS, "Single", ModelKind(stock="torch_geometric.nn:EdgeCNN"))
    assert described(ONE_TYPE, model_type="single").class_name == "EdgeCNN"
    with pytest.raises(SettingsError, match=r"^MODEL_TYPE='Single' takes one vertex type .*; use one of GCN, GAT, "):
        described(typed_inputs(), model_type="single")


def test_a_row_that_would_sum_up_wrongly_is_refused() -> None:
    """PyG's own layer can be told how many edges a drawn one stands for only by its weight."""
    with pytest.raises(ValueError, match="as a factor"):
        ModelKind(stock="torch_geometric.nn:GIN", sums=True)
