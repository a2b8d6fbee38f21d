"""A model is described by plain values, from which stock PyG builds it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch_geometric import nn as pyg

from tests.frameworks.graphs import ODD
from tests.frameworks.stock import stock_model
from tests.frameworks.test_network import describe, every_model

CASE = ODD["every kind"]


@every_model
def test_model_is_described_by_plain_values(model_type: str) -> None:
    """Names, numbers, lists and tensors: what `torch.load(weights_only=True)` reads."""
    spec = describe(model_type, CASE)
    allowed = (str, int, float, bool, list, Tensor)
    assert all(isinstance(value, allowed) for value in spec.args.values())
    assert type(stock_model(spec)).__name__ == spec.class_name


@every_model
def test_models_are_pygs_classes(model_type: str) -> None:
    """All but the one that PyG has no model of."""
    spec = describe(model_type, CASE)
    assert hasattr(pyg, spec.class_name) == (model_type != "GraphConv")


@every_model
def test_weights_are_an_edge_feature_where_attention_reads_them(model_type: str) -> None:
    """Other models have no argument for them."""
    args = describe(model_type, CASE, weighted=True).args
    assert args.get("edge_dim") == (1 if model_type in ("GAT", "GATv2") else None)


def test_gat_and_gatv2_are_different_models() -> None:
    """`v2` is PyG's switch between them."""
    assert [describe(name, CASE).args["v2"] for name in ("GAT", "GATv2")] == [False, True]


@pytest.mark.parametrize("model_type", ["GAT", "GATv2"])
def test_attention_has_the_heads_that_were_asked_for(model_type: str) -> None:
    """HEADS reaches the layers."""
    model = stock_model(describe(model_type, CASE, heads=4))
    assert model.get_submodule("convs.0").heads == 4


def test_pna_without_edges_gives_numbers() -> None:
    """A histogram of no degrees would make it divide by zero."""
    case = ODD["no edges"]
    model = stock_model(describe("PNA", case))
    with torch.no_grad():
        assert torch.isfinite(model(case.x(3), case.index)).all()
