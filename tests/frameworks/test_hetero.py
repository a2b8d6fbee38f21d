"""The model of several types is a plain stack of PyG parts: same weights, same outputs, same gradients."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor
from torch_geometric import nn as pyg
from torch_geometric.nn.module_dict import ModuleDict

from tests.conftest import make_settings
from tests.training.typed import FOLLOWS, HEARS, MENTIONS, QUOTES, TOUCHED, TOUCHES, typed_inputs
from trainer.dataset.inputs import Inputs
from trainer.frameworks.pyg.backend import build_model
from trainer.frameworks.torch.batches import Batch, WholeGraph
from trainer.frameworks.torch.hetero import HeteroNetwork
from trainer.frameworks.torch.layers import forward
from trainer.frameworks.torch.tensors import graph_tensors
from trainer.models import describe
from trainer.models.describe import describe_model
from trainer.models.spec import HeteroSpec
from trainer.registry.models import MODELS, weighted_models

CPU = torch.device("cpu")
AGGREGATORS, SCALERS = ["mean", "min", "max", "std"], ["identity", "amplification", "attenuation"]


def spec_for(model_type: str, inputs: Inputs, **values: Any) -> HeteroSpec:
    """The model of this type for the inputs, two outputs wide."""
    quick = {"model_type": model_type, "hidden_channels": 8, "heads": 2, "num_layers": 3}
    spec = describe_model(make_settings(**quick | values).model, inputs, 2)
    assert isinstance(spec, HeteroSpec)
    return spec


def network_for(spec: HeteroSpec, inputs: Inputs) -> HeteroNetwork:
    """Our network with weights from a fixed seed."""
    torch.manual_seed(7)
    network = build_model(spec, inputs)
    assert isinstance(network, HeteroNetwork)
    return network


def whole(spec: HeteroSpec, network: HeteroNetwork, inputs: Inputs) -> Batch:
    """The whole graph as the network takes it."""
    graph = graph_tensors(spec, network.reach, inputs, CPU)
    return WholeGraph(network, graph, torch.empty(0, dtype=torch.int64)).batch


def outputs_of(spec: HeteroSpec, network: HeteroNetwork, inputs: Inputs) -> Tensor:
    """Outputs of our network."""
    batch = whole(spec, network, inputs)
    return forward(network, spec.target_type, batch.inputs, batch.layers)


class Joined(torch.nn.Module):
    """Lets a layer for one vertex set see a relation between two as one graph over both."""

    def forward(self, x: Any, edge_index: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """The rows of the targets."""
        if isinstance(x, Tensor):
            result: Tensor = super().forward(x, edge_index, *args, **kwargs)
            return result
        source, target = x
        joined = torch.stack([edge_index[0] + len(target), edge_index[1]])
        result = super().forward(torch.cat([target, source]), joined, *args, **kwargs)
        return result[: len(target)]


class JoinedGCN(Joined, pyg.GCNConv):  # type: ignore[misc]
    """PyG's GCN on the joined graph, with the loops that it adds."""


class JoinedPNA(Joined, pyg.PNAConv):  # type: ignore[misc]
    """PyG's PNA on the joined graph."""


class Stock(torch.nn.Module):
    """What a reader of the model file would write, out of stock PyG."""

    def __init__(self, args: dict[str, Any]) -> None:
        super().__init__()
        width, self.target = args["hidden_channels"], args["target_type"]
        self.encoders = ModuleDict(
            {
                name: torch.nn.Embedding(len(args["embedded"][name]), width)
                if name in args["embedded"]
                else torch.nn.Linear(max(channels, 1), width)
                for name, channels in args["channels"].items()
            }
        )
        self.convs = torch.nn.ModuleList(
            self.layer({tuple(kind): self.conv(args, tuple(kind)) for kind in layer}) for layer in args["relations"]
        )
        self.lin = torch.nn.Linear(width, args["out_channels"])

    def layer(self, convs: dict[tuple[str, str, str], torch.nn.Module]) -> pyg.HeteroConv:
        """Filled afterwards: PyG warns of types that no relation leads to, and refuses loops, which `Joined` can add."""
        layer = pyg.HeteroConv({})
        for kind, conv in convs.items():
            layer.convs[kind] = conv
        return layer

    def conv(self, args: dict[str, Any], kind: tuple[str, str, str]) -> torch.nn.Module:
        """Stock PyG's layer for a relation."""
        width, within = args["hidden_channels"], kind[0] == kind[2]
        ends = width if within else (width, width)
        edge_dim = 1 if list(kind) in args["weighted"] else None
        attention = {"heads": args.get("heads", 1), "add_self_loops": within, "edge_dim": edge_dim}
        made: dict[str, Any] = {
            "GCN": lambda: JoinedGCN(width, width),
            "GraphSAGE": lambda: pyg.SAGEConv(ends, width),
            "GIN": lambda: pyg.GINConv(pyg.MLP([width] * 3, norm=None)),
            "GraphConv": lambda: pyg.GraphConv(ends, width),
            "GAT": lambda: pyg.GATConv(ends, width // args["heads"], **attention),
            "GATv2": lambda: pyg.GATv2Conv(ends, width // args["heads"], **attention),
            "EdgeCNN": lambda: pyg.EdgeConv(pyg.MLP([2 * width, width, width], norm=None)),
            "PNA": lambda: JoinedPNA(
                width, width, AGGREGATORS, SCALERS, torch.tensor(args["degrees"]["<" + "___".join(kind) + ">"])
            ),
        }
        conv: torch.nn.Module = made[args["model_type"]]()
        return conv

    def forward(self, x: dict[str, Tensor], edges: Any, name: str, values: Any) -> Tensor:
        """Outputs for the target type."""
        hidden = {}
        for kind, encoder in self.encoders.items():
            hidden[kind] = encoder.weight if isinstance(encoder, torch.nn.Embedding) else encoder(x[kind]).relu()
        for layer in self.convs:
            kwargs = {name: values} if values else {}
            hidden |= {kind: found.relu() for kind, found in layer(hidden, edges, **kwargs).items()}
        result: Tensor = self.lin(hidden[self.target])
        return result


def learned(model: torch.nn.Module, outputs: Tensor) -> dict[str, Tensor]:
    """Gradients of a loss that weighs each output differently."""
    model.zero_grad()
    weights = torch.linspace(-1, 1, outputs.numel()).reshape(outputs.shape)
    (outputs * weights + outputs**2).sum().backward()  # type: ignore[no-untyped-call]
    return {name: tensor.grad for name, tensor in model.named_parameters() if tensor.grad is not None}


def stock_outputs(stock: Stock, inputs: Inputs) -> Tensor:
    """Outputs of the stock model."""
    x = {name: torch.from_numpy(vertices.x) for name, vertices in inputs.vertices.items()}
    edges = {kind: torch.from_numpy(found.index) for kind, found in inputs.edges.items()}
    values = {kind: torch.from_numpy(found.weight) for kind, found in inputs.edges.items() if found.weight is not None}
    attention = any(hasattr(module, "heads") for module in stock.modules())
    outputs: Tensor = stock(x, edges, "edge_attr_dict" if attention else "edge_weight_dict", values)
    return outputs


def assert_stock(model_type: str, inputs: Inputs) -> None:
    """Equal outputs and gradients, with the weights carried there and back."""
    spec = spec_for(model_type, inputs)
    network = network_for(spec, inputs)
    stock = Stock(spec.args)
    assert list(stock.state_dict()) == list(network.state_dict())
    stock.load_state_dict(network.state_dict())
    again = network_for(spec, inputs)
    again.load_state_dict(stock.state_dict())
    outputs, expected = outputs_of(spec, again, inputs), stock_outputs(stock, inputs)
    assert expected.detach().abs().max() > 0.01
    scale = max(1.0, float(expected.detach().abs().max()))
    torch.testing.assert_close(outputs, expected, rtol=0, atol=2e-6 * scale)
    found, gradients = learned(again, outputs), learned(stock, expected)
    assert found.keys() == gradients.keys()
    for name, gradient in gradients.items():
        largest = max(1.0, float(gradient.abs().max()))
        torch.testing.assert_close(found[name], gradient, rtol=0, atol=1e-5 * largest, msg=name)


@pytest.mark.parametrize("model_type", MODELS)
def test_outputs_and_gradients_are_those_of_a_stock_stack(model_type: str) -> None:
    """Types with and without features, one that is never a destination, loops and double edges."""
    assert_stock(model_type, typed_inputs())


@pytest.mark.parametrize("model_type", weighted_models())
def test_weights_count_as_in_a_stock_stack(model_type: str) -> None:
    """EDGE_WEIGHT on every relation."""
    assert_stock(model_type, typed_inputs(weighted=True))


def test_relations_that_cannot_reach_the_target_are_not_built() -> None:
    """The last layer hears of the target's neighbours only, listeners are never heard, sources need a layer more."""
    spec = spec_for("GraphSAGE", typed_inputs(), num_layers=2)
    relations = [set(layer) for layer in spec.reach.relations]
    assert relations == [{FOLLOWS, TOUCHES, TOUCHED, MENTIONS, QUOTES}, {FOLLOWS, TOUCHED, MENTIONS}]
    assert spec.left_out == ["listener"]
    assert any("listener" in note for note in spec.notes())
    shallow = spec_for("GraphSAGE", typed_inputs(), num_layers=1)
    assert shallow.left_out == ["listener", "source"]
    assert HEARS not in relations[0]


@pytest.mark.parametrize("model_type", ["GCN", "PNA"])
def test_models_of_one_vertex_set_name_their_substitution(model_type: str) -> None:
    """A reader of the metrics learns that relations were joined."""
    assert any("one graph over both vertex sets" in note for note in spec_for(model_type, typed_inputs()).notes())
    assert not any("both vertex sets" in note for note in spec_for("GraphSAGE", typed_inputs()).notes())


def test_large_type_without_features_gets_a_constant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound no embedding is learned, and all vertices of the type start equal."""
    monkeypatch.setattr(describe, "MAX_EMBEDDED", 8)
    inputs = typed_inputs()
    spec = spec_for("GraphSAGE", inputs)
    assert spec.embedded == {}
    vectors = network_for(spec, inputs).encode(whole(spec, network_for(spec, inputs), inputs).inputs)
    assert torch.equal(vectors["level"], vectors["level"][:1].expand(9, -1))
    assert any("constant" in note for note in spec.notes())


def test_unknown_vertex_gets_the_mean_embedding() -> None:
    """Vertices are known by `_id`, in any order; one that training never saw is an average one."""
    inputs = typed_inputs()
    spec = spec_for("GraphSAGE", inputs)
    network = network_for(spec, inputs)
    spec.embedded["level"].reverse()
    spec.embedded["level"][0] = "level/other"  # stands where level/0008 stood
    vectors = network.encode(graph_tensors(spec, network.reach, inputs, CPU).inputs)["level"]
    table = network.encoders["level"].weight
    torch.testing.assert_close(vectors[:8], table[1:].flip(0))
    torch.testing.assert_close(vectors[8], table.mean(dim=0))


@pytest.mark.parametrize("model_type", MODELS)
def test_target_that_hears_of_nobody_keeps_its_own_vector(model_type: str) -> None:
    """Without a relation into the target type its encoding goes to the head as it is."""
    inputs = typed_inputs()
    kept = {TOUCHES: inputs.edges[TOUCHES]}
    silent = Inputs(inputs.vertices, kept, "v", None, [])
    spec = spec_for(model_type, silent)
    network = network_for(spec, silent)
    x = torch.from_numpy(inputs.vertices["v"].x)
    with torch.no_grad():
        expected = network.lin(network.encoders["v"](x).relu())
        assert torch.equal(outputs_of(spec, network, silent), expected)


@pytest.mark.parametrize("model_type", MODELS)
@pytest.mark.parametrize("emptied", ["level", "news"])
def test_empty_types_and_relations_without_edges_work(model_type: str, emptied: str) -> None:
    """A collection may be empty, and then its relations are."""
    inputs = typed_inputs(sizes={"level": 9, "listener": 5, "news": 7, "source": 4})
    vertices = inputs.vertices | {emptied: _head(inputs.vertices[emptied])}
    edges = {
        kind: found if emptied not in kind else type(found)(found.collections, found.index[:, :0])
        for kind, found in inputs.edges.items()
    }
    small = Inputs(vertices, edges, "v", None, [])
    spec = spec_for(model_type, small)
    network = network_for(spec, small)
    outputs = outputs_of(spec, network, small)
    assert outputs.shape == (60, 2)
    assert torch.isfinite(outputs).all()
    learned(network, outputs)


def _head(vertices: Any) -> Any:
    return type(vertices)(
        vertices.name, vertices.collections, vertices.keys[:0], vertices.collection[:0], vertices.x[:0], [], None
    )


def test_dropout_draws_for_the_types_in_order_of_name() -> None:
    """The order of a set would be another one in another process, and so would the result of a seed."""
    inputs = typed_inputs()
    spec = spec_for("GraphSAGE", inputs)
    for layer in whole(spec, network_for(spec, inputs), inputs).layers:
        assert list(layer.num_targets) == sorted(layer.num_targets)


def test_dropout_acts_in_training_only() -> None:
    """Hidden values are dropped while learning, none while judging."""
    inputs = typed_inputs()
    spec = spec_for("GraphSAGE", inputs, dropout=0.5)
    network = network_for(spec, inputs)
    assert not torch.equal(outputs_of(spec, network, inputs), outputs_of(spec, network, inputs))
    network.eval()
    assert torch.equal(outputs_of(spec, network, inputs), outputs_of(spec, network, inputs))


def test_heads_that_do_not_divide_the_width_are_averaged() -> None:
    """One layer of attention takes any width, as PyG's own model does."""
    inputs = typed_inputs()
    spec = spec_for("GAT", inputs, num_layers=1, hidden_channels=7)
    outputs = outputs_of(spec, network_for(spec, inputs), inputs)
    assert outputs.shape == (60, 2)
