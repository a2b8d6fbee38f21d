"""Our GAT and GATv2 are PyG's: same weights, same outputs, same gradients, on any graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch_geometric import nn as pyg
from torch_geometric.utils import add_self_loops, remove_self_loops

from trainer.frameworks.pyg import attention_scores
from trainer.frameworks.pyg.attention import GATConv, GATv2Conv
from trainer.frameworks.torch.sparse import Adjacency

IN, OUT = 3, 4
LAYERS: dict[str, tuple[type[torch.nn.Module], type[torch.nn.Module]]] = {
    "GAT": (GATConv, pyg.GATConv),
    "GATv2": (GATv2Conv, pyg.GATv2Conv),
}
layers = pytest.mark.parametrize("layer", LAYERS)


@dataclass(frozen=True)
class Case:
    """A relation of `num_sources` to `num_targets` vertices, or of `num_sources` vertices among themselves."""

    num_sources: int
    num_targets: int
    square: bool
    edges: list[tuple[int, int]]
    seed: int = 0

    @property
    def index(self) -> Tensor:
        """The edges, int64 [2, edges]."""
        return torch.tensor(self.edges, dtype=torch.int64).reshape(-1, 2).t().contiguous()

    def random(self, *shape: int) -> Tensor:
        """Numbers that are the same every time."""
        return torch.randn(shape, generator=torch.Generator().manual_seed(self.seed), dtype=torch.float64)

    def adjacency(self, value: Tensor | None) -> Adjacency:
        """The edges as the layers want them: loops added where PyG adds them, ordered by target."""
        index = self.index
        if self.square:
            index, value = remove_self_loops(index, value)
            index, value = add_self_loops(index, value, fill_value="mean", num_nodes=self.num_sources)
        order = torch.argsort(index[1], stable=True)
        value = None if value is None else value[order]
        return Adjacency.from_edges(index[:, order], self.num_sources, self.num_targets, value)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Small graphs; drawing edges freely gives isolated vertices, self-loops and duplicate edges."""
    square = draw(st.booleans())
    num_sources = draw(st.integers(1, 8))
    num_targets = num_sources if square else draw(st.integers(1, 8))
    ends = st.tuples(st.integers(0, num_sources - 1), st.integers(0, num_targets - 1))
    return Case(num_sources, num_targets, square, draw(st.lists(ends, max_size=24)), draw(st.integers(0, 1000)))


def options() -> st.SearchStrategy[dict[str, Any]]:
    """Arguments of the layers."""
    return st.fixed_dictionaries(
        {
            "heads": st.sampled_from([1, 4]),
            "concat": st.booleans(),
            "residual": st.booleans(),
            "bias": st.booleans(),
            "edge_dim": st.sampled_from([None, 1]),
            "negative_slope": st.sampled_from([0.2, 0.0, -0.3, 1.5]),
        }
    )


NAMED = {
    "one vertex": Case(1, 1, True, []),
    "one vertex with a self-loop": Case(1, 1, True, [(0, 0)]),
    "no edges": Case(5, 5, True, []),
    "no edges between two types": Case(3, 4, False, []),
    "isolated vertices": Case(6, 6, True, [(0, 1), (1, 2)]),
    "targets without edges": Case(2, 4, False, [(0, 1), (1, 1), (1, 2)]),
    "duplicate edges": Case(4, 4, True, [(0, 1), (0, 1), (0, 1), (2, 1), (1, 0)]),
    "self-loops": Case(4, 4, True, [(0, 0), (1, 1), (1, 1), (0, 1), (2, 3)]),
    "one target": Case(5, 1, False, [(0, 0), (1, 0), (2, 0), (3, 0), (3, 0)]),
    "unsorted edges": Case(5, 5, True, [(4, 0), (0, 3), (3, 0), (2, 2), (1, 0), (0, 1)]),
}
PLAIN = NAMED["unsorted edges"]


def build(layer: str, case: Case, dtype: torch.dtype, **values: Any) -> tuple[torch.nn.Module, torch.nn.Module]:
    """Our layer and PyG's with the same weights."""
    torch.manual_seed(case.seed)
    channels = IN if case.square else (IN, IN + 1)
    ours, stock = (kind(channels, OUT, add_self_loops=case.square, **values) for kind in LAYERS[layer])
    ours, stock = ours.to(dtype), stock.to(dtype)
    with torch.no_grad():
        for parameter in ours.parameters():  # PyG starts biases at zero, where mistakes do not show
            parameter.add_(torch.randn_like(parameter), alpha=0.3)
    stock.load_state_dict(ours.state_dict())
    return ours, stock


def learned(layer: torch.nn.Module, x: list[Tensor], run: Callable[[Any], Tensor]) -> dict[str, Tensor]:
    """Outputs, and gradients of a loss that weighs each output differently."""
    x = [one.clone().requires_grad_() for one in x]
    outputs = run(x[0] if len(x) == 1 else tuple(x))
    weights = torch.linspace(-1, 1, outputs.numel(), dtype=outputs.dtype).reshape(outputs.shape)
    (outputs * weights + outputs**2).sum().backward()  # type: ignore[no-untyped-call]
    named = {f"x{place}": one for place, one in enumerate(x)} | dict(layer.named_parameters())
    gradients = {name: torch.zeros_like(one) if one.grad is None else one.grad for name, one in named.items()}
    return {"outputs": outputs.detach()} | gradients


def assert_same(layer: str, case: Case, dtype: torch.dtype, scale: float = 1, **values: Any) -> None:
    """Both layers give the same; differences are small beside the largest number, as a gradient may be a difference."""
    ours, stock = build(layer, case, dtype, **values)
    x = [scale * case.random(case.num_sources, IN).to(dtype)]
    if not case.square:
        x.append(scale * case.random(case.num_targets, IN + 1).to(dtype))
    value = case.random(len(case.edges)).to(dtype) if values.get("edge_dim") else None
    adjacency = case.adjacency(value)
    found = learned(ours, x, lambda x: ours(x, adjacency))
    expected = learned(stock, x, lambda x: stock(x, case.index, value))
    assert found.keys() == expected.keys()
    tolerance = 1e-5 if dtype == torch.float32 else 1e-10
    assert all(torch.isfinite(tensor).all() for tensor in expected.values()), "PyG's own layer gives no numbers here"
    largest = max([1.0, *(float(tensor.abs().max()) for tensor in expected.values() if tensor.numel())])
    for name, tensor in found.items():
        difference = float((tensor - expected[name]).abs().max()) if tensor.numel() else 0.0
        assert difference <= tolerance * largest, name


@layers
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@settings(max_examples=60)
@given(case=cases(), values=options())
def test_outputs_and_gradients_are_pygs(layer: str, dtype: torch.dtype, case: Case, values: dict[str, Any]) -> None:
    """On random graphs, square and between two types, with all arguments."""
    assert_same(layer, case, dtype, **values)


@layers
@pytest.mark.parametrize("edge_dim", [None, 1])
@pytest.mark.parametrize("case", NAMED.values(), ids=NAMED)
def test_outputs_and_gradients_are_pygs_on_odd_graphs(layer: str, case: Case, edge_dim: int | None) -> None:
    """On each shape that breaks kernels."""
    assert_same(layer, case, torch.float64, heads=2, edge_dim=edge_dim)


@layers
@pytest.mark.parametrize("case", [PLAIN, NAMED["one target"]], ids=["square", "two types"])
@pytest.mark.parametrize("scale", [30.0, 1e4])
def test_far_scores_are_pygs(layer: str, case: Case, scale: float) -> None:
    """Scores too far apart for one maximum take each target's own."""
    assert_same(layer, case, torch.float64, scale, heads=2)


@layers
@pytest.mark.parametrize("scale", [30.0, 1e4])
def test_far_scores_are_numbers_in_float32(layer: str, scale: float) -> None:
    """No power of e overflows, and no target's total vanishes."""
    ours, _ = build(layer, PLAIN, torch.float32, heads=2)
    x = [scale * PLAIN.random(5, IN).to(torch.float32)]
    assert all(
        torch.isfinite(found).all() for found in learned(ours, x, lambda x: ours(x, PLAIN.adjacency(None))).values()
    )


@pytest.mark.parametrize("numbers", [1, 7, 20])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(case=cases(), values=options())
def test_blocks_end_anywhere(monkeypatch: pytest.MonkeyPatch, numbers: int, case: Case, values: dict[str, Any]) -> None:
    """A target's edges may be spread over blocks, and a block over targets."""
    monkeypatch.setattr(attention_scores, "_CACHED", numbers)
    assert_same("GATv2", case, torch.float64, **values)


@layers
def test_one_tensor_holds_the_targets_first(layer: str) -> None:
    """In a sampled block the targets are the first of the sources."""
    case = Case(5, 2, False, [(0, 0), (3, 0), (4, 1), (2, 1), (1, 1)])
    kind, _ = LAYERS[layer]
    ours, x = kind(IN, OUT, heads=2).double(), case.random(5, IN)
    adjacency = case.adjacency(None)
    torch.testing.assert_close(ours(x, adjacency), ours((x, x[:2]), adjacency))


@layers
def test_weights_move_both_ways(layer: str) -> None:
    """The published weights are PyG's."""
    ours, stock = build(layer, PLAIN, torch.float32, heads=2, edge_dim=1, residual=True)
    fresh, _ = build(layer, PLAIN, torch.float32, heads=2, edge_dim=1, residual=True)
    fresh.load_state_dict(stock.state_dict())
    assert list(fresh.state_dict()) == list(stock.state_dict())
    assert all(torch.equal(weight, ours.state_dict()[name]) for name, weight in fresh.state_dict().items())
