"""DGL's models of several types are those of the pyg backend: with the same weights the same outputs and gradients."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from tests.conftest import make_settings
from tests.frameworks.dgl.carried import CARRY, carried, stirred
from tests.frameworks.graphs import assert_learn_the_same, learned
from tests.training.typed import MENTIONS, typed_inputs
from trainer.dataset.inputs import Inputs
from trainer.frameworks.dgl import backend as dgl_backend
from trainer.frameworks.pyg import backend as pyg_backend
from trainer.frameworks.torch.batches import Batch, WholeGraph
from trainer.frameworks.torch.hetero import HeteroNetwork
from trainer.frameworks.torch.layers import forward
from trainer.frameworks.torch.tensors import graph_tensors
from trainer.models.describe import describe_model
from trainer.models.spec import HeteroSpec

BUILD = {"dgl": dgl_backend.build_model, "pyg": pyg_backend.build_model}


class Model(torch.nn.Module):
    """A framework's model of the inputs, called with a batch."""

    def __init__(self, framework: str, model_type: str, inputs: Inputs, **values: Any) -> None:
        super().__init__()
        sizes = {"hidden_channels": 8, "heads": 2, "num_layers": 3} | values
        settings = make_settings(framework=framework, model_type=model_type, **sizes)
        spec = describe_model(settings.model, inputs, 2)
        assert isinstance(spec, HeteroSpec)
        torch.manual_seed(7)
        network = BUILD[framework](spec, inputs)
        assert isinstance(network, HeteroNetwork)
        self.spec, self.network = spec, network

    def whole(self, inputs: Inputs) -> Batch:
        """The whole graph."""
        graph = graph_tensors(self.spec, self.network.reach, inputs, torch.device("cpu"))
        return WholeGraph(self.network, graph, torch.empty(0, dtype=torch.int64)).batch

    def forward(self, batch: Batch) -> Tensor:
        """Outputs of the target type."""
        return forward(self.network, self.spec.target_type, batch.inputs, batch.layers)


def moved(stock: Model) -> dict[str, Tensor]:
    """PyG's weights by their names in DGL's model."""
    weights = dict(stock.named_parameters()) | dict(stock.named_buffers())
    found = {name: tensor for name, tensor in weights.items() if ".convs." not in name}
    for number, relations in enumerate(stock.spec.reach.relations):
        for edge_type in relations:
            ours = f"network.convs.{number}.mods.{str(edge_type).replace('.', '#')}."
            theirs = f"network.convs.{number}.convs.<{'___'.join(edge_type).replace('.', '#')}>."
            found |= carried(stock.spec.type, weights, theirs, ours)
    return found


def assert_same(model_type: str, inputs: Inputs, **values: Any) -> None:
    """Outputs, and gradients in PyG's weights."""
    model, stock = (Model(framework, model_type, inputs, **values) for framework in ("dgl", "pyg"))
    stirred(stock)
    own_bias = []
    if model_type == "GATv2":  # PyG's last bias reaches vertices without edges too, where DGL's layer gives zeros
        own_bias = [name for name in dict(stock.named_parameters()) if name.endswith(">.bias")]
        for name in own_bias:
            torch.nn.init.zeros_(stock.get_parameter(name))
    assert moved(stock).keys() == model.state_dict().keys()
    batch = stock.whole(inputs)
    found = learned(stock, lambda: functional_call(model, moved(stock), (model.whole(inputs),)))
    expected = learned(stock, lambda: stock(batch))
    for name in own_bias:
        found[1].pop(name, None)
        expected[1].pop(name, None)
    assert_learn_the_same(found, expected)


@pytest.mark.parametrize("model_type", CARRY)
def test_outputs_and_gradients_are_those_of_the_pyg_backend(model_type: str) -> None:
    """Types with and without features, one that is never a destination, loops, double edges, vertices without edges."""
    assert_same(model_type, typed_inputs())


def test_weights_count_as_with_the_pyg_backend() -> None:
    """On every relation, within a type and between two."""
    assert_same("GCN", typed_inputs(weighted=True))


@pytest.mark.parametrize("model_type", ["GAT", "GATv2"])
def test_heads_that_do_not_share_the_width_are_averaged(model_type: str) -> None:
    """As with pyg, where several types take any width."""
    assert_same(model_type, typed_inputs(), hidden_channels=7, num_layers=1)


@pytest.mark.parametrize("model_type", CARRY)
def test_relations_without_edges_are_taken(model_type: str) -> None:
    """A collection may be empty."""
    inputs = typed_inputs()
    bare = type(inputs.edges[MENTIONS])(("mentions",), inputs.edges[MENTIONS].index[:, :0])
    assert_same(model_type, Inputs(inputs.vertices, inputs.edges | {MENTIONS: bare}, "v", None, []))


def test_names_with_dots_are_taken() -> None:
    """ArangoDB allows them, torch's modules do not."""
    inputs = typed_inputs()
    renamed = {(source, f"{name}.v1", target): edges for (source, name, target), edges in inputs.edges.items()}
    assert_same("GraphSAGE", Inputs(inputs.vertices, renamed, "v", None, []))
