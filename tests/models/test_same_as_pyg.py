"""What trains fast is PyG's own model: same weights, same outputs, same gradients, on any graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.conftest import make_settings
from trainer.models.registry import ModelSpec, build_for_training, describe_model
from trainer.settings.definition import MODEL_TYPES

WIDTH = 3


@dataclass(frozen=True)
class Case:
    """A graph and inputs for it."""

    num_nodes: int
    edges: list[tuple[int, int]]
    seed: int

    @property
    def edge_index(self) -> Tensor:
        """The edges, int64 [2, edges]."""
        return torch.tensor(self.edges, dtype=torch.int64).reshape(-1, 2).t().contiguous()

    @property
    def x(self) -> Tensor:
        """Random inputs."""
        return torch.randn(self.num_nodes, WIDTH, generator=torch.Generator().manual_seed(self.seed))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Small graphs; drawing edges freely gives isolated vertices, self-loops and duplicate edges."""
    num_nodes = draw(st.integers(1, 8))
    vertex = st.integers(0, num_nodes - 1)
    edges = draw(st.lists(st.tuples(vertex, vertex), max_size=20))
    return Case(num_nodes, edges, draw(st.integers(0, 1000)))


NAMED = {
    "one vertex": Case(1, [], 1),
    "one vertex with a self-loop": Case(1, [(0, 0)], 2),
    "no edges": Case(5, [], 3),
    "isolated vertices": Case(6, [(0, 1), (1, 2)], 4),
    "duplicate edges": Case(4, [(0, 1), (0, 1), (0, 1), (2, 1), (1, 0)], 5),
    "self-loops": Case(4, [(0, 0), (1, 1), (1, 1), (0, 1), (2, 3)], 6),
    "one way only": Case(5, [(0, 4), (1, 4), (2, 4), (3, 4)], 7),
    "unsorted edges": Case(5, [(4, 0), (0, 3), (3, 0), (2, 2), (1, 0), (0, 1)], 8),
}


def describe(model_type: str, case: Case, **values: Any) -> ModelSpec:
    """The model of this type for the graph, two outputs wide."""
    chosen = make_settings(**{"model_type": model_type, "hidden_channels": 8, "heads": 2} | values)
    return describe_model(chosen, WIDTH, 2, case.edge_index, case.num_nodes)


def learned(model: torch.nn.Module, x: Tensor, edges: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Outputs, and gradients of a loss that weighs each output differently."""
    model.train()
    x = x.clone().requires_grad_()
    outputs: Tensor = model(x, edges)
    weights = torch.linspace(-1, 1, outputs.numel()).reshape(outputs.shape)
    (outputs * weights + outputs**2).sum().backward()  # type: ignore[no-untyped-call]
    gradients = {name: tensor.grad for name, tensor in model.named_parameters() if tensor.grad is not None}
    assert x.grad is not None
    return outputs.detach(), gradients | {"x": x.grad}


def assert_close(found: Tensor, expected: Tensor, relative: float) -> None:
    """Differences are small beside the largest value."""
    largest = max(1.0, float(expected.abs().max())) if expected.numel() else 1.0
    torch.testing.assert_close(found, expected, rtol=0, atol=relative * largest)


def assert_same(model_type: str, case: Case, **values: Any) -> None:
    """Both models give the same, with the same weights."""
    spec = describe(model_type, case, **values)
    torch.manual_seed(case.seed)
    fast, adjacency = build_for_training(spec, case.edge_index, case.num_nodes)
    stock = spec.build()
    assert list(fast.state_dict()) == list(stock.state_dict())
    stock.load_state_dict(fast.state_dict())
    outputs, gradients = learned(fast, case.x, adjacency)
    expected, expected_gradients = learned(stock, case.x, case.edge_index)
    assert torch.isfinite(expected).all(), "PyG's own model gives no numbers here"
    assert_close(outputs, expected, 1e-6)
    assert gradients.keys() == expected_gradients.keys()
    for name, gradient in gradients.items():
        assert_close(gradient, expected_gradients[name], 1e-5)


@pytest.mark.parametrize("model_type", MODEL_TYPES)
@settings(max_examples=30)
@given(cases())
def test_outputs_and_gradients_are_pygs(model_type: str, case: Case) -> None:
    """On random graphs."""
    assert_same(model_type, case)


@pytest.mark.parametrize("model_type", MODEL_TYPES)
@pytest.mark.parametrize("case", NAMED.values(), ids=NAMED)
def test_outputs_and_gradients_are_pygs_on_odd_graphs(model_type: str, case: Case) -> None:
    """On each shape that breaks kernels."""
    assert_same(model_type, case)


@pytest.mark.parametrize("model_type", MODEL_TYPES)
@pytest.mark.parametrize("num_layers", [1, 3])
def test_outputs_and_gradients_are_pygs_at_any_depth(model_type: str, num_layers: int) -> None:
    """One layer has no hidden width; three have layers in the middle."""
    assert_same(model_type, NAMED["unsorted edges"], num_layers=num_layers)


@pytest.mark.parametrize("model_type", MODEL_TYPES)
def test_evaluation_is_pygs_with_dropout(model_type: str) -> None:
    """Dropout is off in evaluation, on in training."""
    case = NAMED["unsorted edges"]
    spec = describe(model_type, case, dropout=0.5)
    fast, adjacency = build_for_training(spec, case.edge_index, case.num_nodes)
    stock = spec.build()
    stock.load_state_dict(fast.state_dict())
    with torch.no_grad():
        fast.train()
        noisy = [fast(case.x, adjacency) for _ in range(4)]
        fast.eval()
        stock.eval()
        assert_close(fast(case.x, adjacency), stock(case.x, case.edge_index), 1e-6)
    assert any(not torch.equal(noisy[0], other) for other in noisy[1:])


@pytest.mark.parametrize("model_type", MODEL_TYPES)
def test_messages_follow_the_edges(model_type: str) -> None:
    """A change at a source reaches its target, and not the other way round."""
    case = Case(3, [(0, 1)], 3)
    spec = describe(model_type, case, num_layers=1)
    torch.manual_seed(0)
    model, adjacency = build_for_training(spec, case.edge_index, case.num_nodes)
    model.eval()
    x = case.x.abs() + 0.5
    with torch.no_grad():
        before = model(x, adjacency)
        at_source, at_target = x.clone(), x.clone()
        at_source[0] *= 5
        at_target[1] *= 5
        assert not torch.allclose(model(at_source, adjacency)[1], before[1])
        assert torch.allclose(model(at_target, adjacency)[0], before[0])
        assert torch.allclose(model(at_source, adjacency)[2], before[2])


@pytest.mark.parametrize("model_type", MODEL_TYPES)
def test_model_is_described_by_plain_values(model_type: str) -> None:
    """Names, numbers, lists and tensors: what `torch.load(weights_only=True)` reads."""
    spec = describe(model_type, NAMED["unsorted edges"])
    allowed = (str, int, float, bool, list, Tensor)
    assert all(isinstance(value, allowed) for value in spec.args.values())
    assert type(spec.build()).__name__ == spec.class_name


def test_gat_and_gatv2_are_different_models() -> None:
    """`v2` is PyG's switch between them."""
    case = NAMED["unsorted edges"]
    assert [describe(name, case).args["v2"] for name in ("GAT", "GATv2")] == [False, True]


@pytest.mark.parametrize("model_type", ["GAT", "GATv2"])
def test_attention_has_the_heads_that_were_asked_for(model_type: str) -> None:
    """HEADS reaches the layers."""
    model = describe(model_type, NAMED["unsorted edges"], heads=4).build()
    assert model.get_submodule("convs.0").heads == 4
